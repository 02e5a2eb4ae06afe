"""Lines of one name that the page lists once for each payer become one line."""

from collections.abc import Sequence

from extraction.layout.entries import Entry
from extraction.layout.words import name_similarity, same_name
from schemas.lexicon import fee_code

_SAME_PLACE = 60.0
"""Similarity of two names in one row of two groups: the paper repeats the name, the OCR misread one."""


def merge_entries(entries: Sequence[Entry]) -> list[Entry]:
    """Return the entries with those of one name, of different payers and parts of the page, put together."""
    merged: list[Entry] = []
    for entry in entries:
        partner = _partner(entry, merged)
        if partner is None:
            merged.append(entry)
            continue
        _take(partner, entry)
    return merged


def _take(partner: Entry, entry: Entry) -> None:
    partner.cells.update(entry.cells)
    partner.shown = tuple(dict.fromkeys((*partner.shown, *entry.shown)))
    partner.unsure |= entry.unsure
    partner.stray += entry.stray
    partner.proposal = {**entry.proposal, **partner.proposal}
    partner.other_names += entry.other_names
    if partner.name is None or entry.name is None:
        return
    dropped = entry.name
    if (len(entry.label), entry.name.score) > (len(partner.label), partner.name.score):
        dropped, partner.name = partner.name, entry.name
    if not same_name(dropped.text, partner.label):
        partner.other_names.append(dropped.text)


def _partner(entry: Entry, merged: Sequence[Entry]) -> Entry | None:
    if entry.name is None or len(entry.shown) != 1:
        return None
    open_ones = [
        other
        for other in merged
        if other.name is not None
        and set(other.shown).isdisjoint(entry.shown)
        and len(other.shown) <= 2
        and (other.source != entry.source or (other.tagged and entry.tagged))
    ]
    exact = [other for other in open_ones if same_name(other.label, entry.label)]
    if exact:
        return exact[0]
    height = entry.name.height
    beside = [
        other
        for other in open_ones
        if other.source[0] == entry.source[0] != 0
        and other.source != entry.source
        and abs(other.middle - entry.middle) < 0.6 * height
        and not (fee_code(other.label) and fee_code(entry.label))
        and abs(len(other.label) - len(entry.label)) <= 1  # 技術費 beside 麻醉技術費 is another fee
        and name_similarity(other.label, entry.label) >= _SAME_PLACE
    ]
    return max(beside, key=lambda other: name_similarity(other.label, entry.label), default=None)
