"""The structure that explains a page best, and what stays open where another explains it almost as well."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import islice, pairwise, product

from extraction.layout.across import first_band
from extraction.layout.entries import Body, ColumnSpan, Entry, clean_name
from extraction.layout.evidence import CLEAR, Printed, count_evidence, count_sums, weigh
from extraction.layout.grid import GridColumn
from extraction.layout.heads import Head, Region
from extraction.layout.hypotheses import structures
from extraction.layout.lines import StripLines, read_strip
from extraction.layout.proposals import doubt_misplaced, propose
from extraction.layout.rows import Row
from extraction.layout.structure import Parts, Strip, Structure
from extraction.layout.tokens import Token, TokenKind
from extraction.layout.total_words import is_copayment_line, total_field
from extraction.layout.words import PAYERS, Role, fold, looks_like_fee, split_tag

_BEST = 4
"""Structures of each region that are weighed together with those of the others."""
_MOST = 64
_FAR = 0.12
"""Page widths between a head and its column from which on it is doubted where no second head bears it out."""


@dataclass(frozen=True)
class Candidate:
    """A structure of one region with what it makes of it."""

    structure: Structure
    lines: tuple[StripLines, ...]
    score: float
    uprights: Sequence[float] = ()
    """Rulings that cross the region."""

    @property
    def entries(self) -> list[Entry]:
        """The fee lines of all strips."""
        return [entry for lines in self.lines for entry in lines.entries]


def _no_uprights(region: Region) -> Sequence[float]:
    return ()


def read_body(regions: Sequence[Region], totals: Mapping[Role, frozenset[Decimal]],
              uprights: Callable[[Region], Sequence[float]] = _no_uprights, rest: Role | None = None
              ) -> Body:  # fmt: skip
    """Return the fee lines of a page; where nothing says which payer an amount is of, it stays stray.

    `totals`: those printed for a payer anywhere on the page; `uprights` gives the rulings that cross a region; `rest`:
    who pays for lines without a mark where others bear one.
    """
    has_heads = any(region.heads or region.payer for region in regions)
    if rest is not None:
        regions = [replace(region, payer=region.payer or rest) for region in regions]
    units = {token.unit for region in regions for row in region.rows for token in row.amounts()}
    units_differ = {"點", "元"} <= units
    regions = [_from_first_fee(region) for region in regions]
    choices = [
        _candidates(region, index, units_differ, uprights(region))
        for index, region in enumerate(regions)
        if not (index == 0 and has_heads and first_band(region.rows) is None)
    ]
    printed = Printed(totals)
    ranked = _ranked([choice for choice in choices if choice], printed)
    body = Body(has_heads=has_heads)
    if not ranked:
        return body
    best = ranked[0][1]
    for other in _rivals(ranked):
        _note_rival(best, other)
    for region, candidate in enumerate(best):
        _add(candidate, body, region)
    body.entries += _left_over(regions, body)
    if count_sums(body.entries, printed)["sum"] < 1:
        _doubt_far(best)
    doubt_misplaced(body.entries, printed)
    propose(body.entries, printed)
    if rest is not None and count_sums(body.entries, printed)["sum"] < 1:
        _doubt_marks(body.entries)
    return body


def _doubt_far(best: Sequence[Candidate]) -> None:
    """Doubt amounts that stand far beside the only payer's head that has any: perhaps they are below a lost one."""
    for candidate in best:
        for strip, lines in zip(candidate.structure.strips, candidate.lines, strict=True):
            headed = [(one.role, one.column.left, one.column.right, one.head) for one in strip.columns
                      if one.role in PAYERS and one.head] or _beside_names(strip, lines)  # fmt: skip
            for role, left, right, head in headed if len(headed) == 1 else ():
                # in one ruled cell with its head a column may stand anywhere
                is_far = not candidate.uprights and max(head.left - right, left - head.right) > _FAR
                if role is not None and is_far:
                    for entry in lines.entries:
                        entry.unsure |= {role} & set(entry.cells)


def _beside_names(strip: Strip, lines: StripLines) -> list[tuple[Role | None, float, float, Head]]:
    """Return a strip's head with the reach of its amounts, where pairs stand below a head right of the names."""
    tokens = [token for entry in lines.entries for token in entry.cells.values()]
    names = [entry.name.right for entry in lines.entries if entry.name is not None]
    if strip.has_columns or not tokens or not names:
        return []
    reach = min(token.left for token in tokens), max(token.right for token in tokens)
    return [(strip.payer, *reach, head) for head in strip.heads if head.role in PAYERS and head.left > max(names)]


def _left_over(regions: Sequence[Region], body: Body) -> Iterator[Entry]:
    """Yield fees with an amount that no structure explains, as lines nobody knows the payer of: better than none."""
    known = {(fold(entry.label), token.text) for entry in (*body.entries, *body.totals)
             for token in (*entry.cells.values(), *entry.stray)}  # fmt: skip
    for row in (row for region in regions for row in region.rows):
        for name, amount in pairwise(row.tokens):
            is_new = body.used.isdisjoint({id(name), id(amount)}) and (fold(name.text), amount.text) not in known
            if is_new and amount.kind is TokenKind.AMOUNT and not amount.is_value and _is_fee(name):
                yield Entry(clean_name(name), stray=[amount], source=(-1, 0), middle=row.middle)


def _is_fee(token: Token) -> bool:
    is_total = total_field(token.text) is not None or is_copayment_line(token.text)
    return token.kind is TokenKind.TEXT and looks_like_fee(token.text) and not is_total


def _doubt_marks(entries: Sequence[Entry]) -> None:
    """Doubt who pays where marks say it and no sum bears them out: a mark that was not read changes the payer."""
    for entry in entries:
        entry.unsure |= {role for role, token in entry.cells.items() if token.kind is TokenKind.AMOUNT}


def _from_first_fee(region: Region) -> Region:
    """Leave out what stands above the first fee, where no head says where the table begins."""
    if region.heads or region.mark is not None:
        return region
    fee = next((at for at, row in enumerate(region.rows) if row.amounts()
                and any(looks_like_fee(split_tag(token.text)[0]) for token in row.texts())), None)  # fmt: skip
    starts = [at for at in (fee, first_band(region.rows)) if at is not None]
    if not starts:
        return region
    first = min(starts)
    while first > 0 and _stands_alike(region.rows[first - 1], region.rows[first]):
        first -= 1
    return replace(region, rows=region.rows[first:])


def _stands_alike(above: Row, row: Row) -> bool:
    """Whether a row is one more line of the same list: it begins as far left and ends with an amount as well."""
    height = row.tokens[0].height
    return bool(
        above.amounts()
        and above.tokens[-1].kind is TokenKind.AMOUNT
        and not above.tokens[-1].is_value
        and abs(above.tokens[0].left - row.tokens[0].left) < height
        and row.middle - above.middle < 3 * height
        and min(above.tokens[-1].right, row.tokens[-1].right) > max(above.tokens[-1].left, row.tokens[-1].left)
    )


def _candidates(region: Region, index: int, units_differ: bool, uprights: Sequence[float]) -> list[Candidate]:
    """Return the structures of a region with their scores, the best first."""
    parts = Parts(region)
    found = []
    for structure in structures(parts, uprights):
        rows = [parts.of(strip.left, strip.right) for strip in structure.strips]
        lines = tuple(
            read_strip(strip, own, (index, number), needs_fees=index == 0, units_differ=units_differ)
            for number, (strip, own) in enumerate(zip(structure.strips, rows, strict=True))
        )
        found.append(Candidate(structure, lines, weigh(count_evidence(structure, lines, rows)), uprights))
    return sorted(found, key=lambda one: -one.score)


def _ranked(choices: Sequence[Sequence[Candidate]], printed: Printed) -> list[tuple[float, tuple[Candidate, ...]]]:
    """Return the ways to read the whole page, the best first: only together do lines add up to printed totals."""
    if not choices:
        return []
    some = [list(choice[: max(_BEST, 12 // len(choices))]) for choice in choices]
    ways = []
    for way in islice(_nearest(some), _MOST):
        entries = [entry for candidate in way for entry in candidate.entries]
        ways.append((sum(one.score for one in way) + weigh(count_sums(entries, printed)), way))
    return sorted(ways, key=lambda one: -one[0])


def _nearest(choices: Sequence[Sequence[Candidate]]) -> Iterator[tuple[Candidate, ...]]:
    """Yield the combinations; of many regions only those that differ from the best in one."""
    count = 1
    for choice in choices:
        count *= len(choice)
    if count <= _MOST:
        yield from product(*choices)
        return
    first = tuple(choice[0] for choice in choices)
    yield first
    for at, choice in enumerate(choices):
        for other in choice[1:]:
            yield (*first[:at], other, *first[at + 1 :])


def _rivals(ranked: Sequence[tuple[float, tuple[Candidate, ...]]]) -> list[tuple[Candidate, ...]]:
    return [way for score, way in ranked[1:] if ranked[0][0] - score < CLEAR]


def _note_rival(best: Sequence[Candidate], other: Sequence[Candidate]) -> None:
    """Mark the cells that another reading of the page fills otherwise."""
    places: dict[int, Role] = {}
    beside: dict[int, dict[Role, Token]] = {}
    for candidate in other:
        for entry in candidate.entries:
            for role, token in entry.cells.items():
                places[id(token)] = role
                beside[id(token)] = entry.cells
    for candidate in best:
        for entry in candidate.entries:
            for role, token in entry.cells.items():
                if role in PAYERS and places.get(id(token)) is not role:
                    entry.unsure.add(role)
                    entry.rivals.setdefault(role, beside.get(id(token), {}).get(role))


def _add(candidate: Candidate, body: Body, region: int) -> None:
    for number, (strip, lines) in enumerate(zip(candidate.structure.strips, candidate.lines, strict=True)):
        body.entries += lines.entries
        body.grid += _grid_columns(strip, lines.entries, region, number)
        body.totals += lines.totals
        body.used |= lines.used
        body.columns += [ColumnSpan(one.role, one.column.left, one.column.right)
                         for one in strip.columns if one.role in PAYERS]  # fmt: skip


def _grid_columns(strip: Strip, entries: Sequence[Entry], region: int, panel: int) -> list[GridColumn]:
    """Return the columns of a strip; of pairs, one for each payer over all its amounts."""
    if strip.has_columns:
        return [_grid_column(one.role, one.column.tokens, region, panel) for one in strip.columns]
    by_role = {role: [entry.cells[role] for entry in entries if role in entry.cells] for role in PAYERS}
    return [_grid_column(role, tokens, region, panel) for role, tokens in by_role.items() if tokens]


def _grid_column(role: Role | None, tokens: Sequence[Token], region: int, panel: int) -> GridColumn:
    box = tokens[0].box
    for token in tokens[1:]:
        box = box.union(token.box)
    return GridColumn(role, box.left, box.right, box.top, box.bottom, region, panel)
