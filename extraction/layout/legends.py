"""Marks at names or amounts whose meaning a note gives: `註：*為自費項目，其餘為健保申報點數`."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from extraction.layout.rows import Row
from extraction.layout.tokens import NUMBER, Token, TokenKind
from extraction.layout.total_words import total_field
from extraction.layout.words import PAYER_WORDS, Role
from schemas.values import normalize

_MARK = r"[*#@※△▲○●◎☆★◇◆□■+&§]{1,2}"
_OWN = r"(?:自費|自付|非健保|健保不給付|不給付|病患負擔)"
_INSURED = r"(?:健保|全民健康保險|保險給付)"
_PAYER = rf"(?:(?P<own>{_OWN})|(?P<insured>{_INSURED}))"
_NOTES = (
    re.compile(rf"(?P<mark>{_MARK})(?:號|記號|符號|標記)?(?:者|之項目|項目)?[,:]?(?:為|係|表示?|代表|即|[:=])?(?:屬|示)?{_PAYER}"),
    re.compile(rf"{_PAYER}(?:項目|費用|品項|部分)?(?:者)?[,]?(?:以|用|加註?|標示?|註記?|打)(?:註記)?(?P<mark>{_MARK})"),
)  # fmt: skip
_CODES = re.compile(rf"(?<![A-Za-z0-9])\(?(?P<mark>[A-Z甲乙])\)?[:=.、]?{_PAYER}")
_REST = re.compile(rf"(?:其[餘他它]|未(?:標示|註記|打|加註?)|無{_MARK}|無(?:記號|標示|標記|註記)).{{0,6}}?{_PAYER}")
_AMOUNT = re.compile(rf"(?:NT\$?|\$)?\s*(?P<number>-?(?:{NUMBER}))\s*(?:[點元]整?)?")
_LETTER = {Role.NHI: "健", Role.SELF_PAY: "自"}


@dataclass(frozen=True)
class Legend:
    """What a note says of lines with its mark."""

    mark: str
    payer: Role
    is_code: bool = False
    """Whether it stands alone in a cell: `A:健保 B:自費`."""


@dataclass(frozen=True)
class Legends:
    """The notes of a page; `rest` pays for the lines without a mark, None where the notes leave them open."""

    marks: tuple[Legend, ...] = ()
    rest: Role | None = None
    implied: Role | None = None
    """The other payer, where the notes speak of one only: to be borne out by the totals."""


def find_legends(rows: Sequence[Row]) -> Legends:
    """Return the legends of a page: notes on marks that lines bear."""
    found: list[Legend] = []
    rests: set[Role] = set()
    for row in rows:
        if row.amounts():
            continue
        text = re.sub(r"[\s「」『』\"()]+", "", normalize("".join(token.printed for token in row.tokens)))
        text = re.sub(rf"^※(?={_MARK})", "", text)
        match = next((match for note in _NOTES if (match := note.search(text))), None)
        if match is None:
            codes = [Legend(code["mark"], _payer_of(code), is_code=True) for code in _CODES.finditer(text)]
            found += codes if len({code.payer for code in codes}) == len(codes) == 2 else []
            continue
        rest = _REST.search(text, match.end())
        found.append(Legend(match["mark"], _payer_of(match)))
        rests |= {_payer_of(rest)} if rest else set()
    printed = [token.text for row in rows if _may_be_line(row) for token in row.texts()]
    used = [one for one in found if any(_bears(text, one) for text in printed)]
    is_clear = len({one.mark for one in used}) == len(used) and rests.isdisjoint(one.payer for one in used)
    if not used or not is_clear or len(rests) > 1:
        return Legends()
    payers = {one.payer for one in used}
    implied = None if rests or len(payers) > 1 else Role.NHI if Role.SELF_PAY in payers else Role.SELF_PAY
    return Legends(tuple(used), next(iter(rests), None), implied)


def _bears(text: str, legend: Legend) -> bool:
    if not legend.is_code:
        return legend.mark in text
    return text == legend.mark or text.endswith(f"({legend.mark})") or bool(
        text.endswith(legend.mark) and _AMOUNT.fullmatch(text[:-1]))  # fmt: skip


def join_units(row: Row) -> Row:
    """Return the row with a unit that stands in a cell of its own at its amount."""
    joined: list[Token] = []
    for token in row.tokens:
        before = joined[-1] if joined else None
        if before is not None and before.kind is TokenKind.AMOUNT and token.text in ("點", "元") and not before.unit:
            joined[-1] = replace(before, unit=token.text)
        else:
            joined.append(token)
    return Row(joined)


def _payer_of(match: re.Match[str]) -> Role:
    return Role.SELF_PAY if match["own"] else Role.NHI


def apply_legends(rows: Sequence[Row], legends: Legends) -> list[Row]:
    """Return the rows with marks turned into the payers that they stand for; names stay as printed."""
    rows = list(rows)
    for legend in legends.marks:
        rows = [Row([_told(token, legend) for token in row.tokens]) if _may_be_line(row) else row for row in rows]
    return rows


def _may_be_line(row: Row) -> bool:
    return any(character.isdigit() for token in row.tokens for character in token.text) and not any(
        total_field(token.text) for token in row.texts()
    )


def _told(token: Token, legend: Legend) -> Token:
    if token.kind is not TokenKind.TEXT or legend.mark not in token.text:
        return token
    bare = token.text.strip().removeprefix(legend.mark).removesuffix(legend.mark).strip()
    if legend.is_code:
        bare = re.sub(rf"\s*\({legend.mark}\)$", "", token.text) if bare and not _AMOUNT.fullmatch(bare) else bare
        if bare == token.text or (legend.mark in bare):
            return token
    if legend.mark in bare:
        return token
    if match := _AMOUNT.fullmatch(bare):
        return replace(token, kind=TokenKind.AMOUNT, text=match["number"], unit=_LETTER[legend.payer])
    return replace(token, text=token.text if bare else PAYER_WORDS[legend.payer], unit=legend.payer.value)
