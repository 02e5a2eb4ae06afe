"""How well an idea of a region's structure explains what is printed: evidence counted, and what each kind weighs."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from extraction.layout.entries import Entry, number_of
from extraction.layout.lines import StripLines
from extraction.layout.rows import Row
from extraction.layout.structure import Strip, Structure
from extraction.layout.tokens import TokenKind
from extraction.layout.total_words import is_complete
from extraction.layout.words import PAYERS, Role, fold, looks_like_fee

WEIGHTS: dict[str, float] = {
    "placed": 1.0,  # an amount of which the structure says who pays
    "aside": 0.8,  # a quantity, a price, a code: its head says what it is, and it is not needed
    "stray": -1.0,  # an amount of which the structure says nothing
    "clash": -2.0,  # two amounts in one cell: they cannot both belong there
    "named": 0.5,  # a line with an amount and a name
    "nameless": -1.0,  # amounts have names on paper
    "fee": 0.5,  # a name that the lexicon knows, or that ends in 費
    "glued": -1.5,  # two fees' names in one: two lines were taken for one
    "lost": -1.0,  # a fee's name that no line uses
    "head": 1.0,  # a head with a column of amounts below it
    "idle": -0.4,  # a payer's head without one: columns may be blank
    "misfit": -30.0,  # for each page width that columns stand from their heads
    "unit": 0.2,  # 點 in a column of points
    "wrong_unit": -1.5,  # 點 in a column of money
    "repeated": -0.5,  # one name twice for one payer: the second is another's line
    "product": 0.6,  # quantity times price gives the amount
    "line_total": 0.6,  # the payers' amounts give the line's total
    "quantity": -0.7,  # a quantity in thousands
    "small": -0.35,  # a payer's column of nothing but small whole numbers, beside larger amounts
    "sum": 4.0,  # a column that adds up to its payer's printed total: nothing tells so much
    "no_sum": -1.0,  # one that does not
    "subtotal": 1.5,  # a column whose row of totals adds it up: it holds money of its own
}
"""Evidence → what one piece of it is worth; an amount placed is the unit. Set one to 0 to see what it is for."""

CLEAR = 1.5
"""Lead by which the best structure must beat one that gives other cells, to be taken without a word."""


@dataclass(frozen=True)
class Printed:
    """What the page itself says of its totals."""

    totals: Mapping[Role, frozenset[Decimal]]


def weigh(counts: Mapping[str, float]) -> float:
    """Return what all evidence is worth together."""
    return sum(WEIGHTS[name] * count for name, count in counts.items())


def count_evidence(structure: Structure, lines: Sequence[StripLines], rows: Sequence[Sequence[Row]]
                   ) -> Counter[str]:  # fmt: skip
    """Count what speaks for and against a structure within its region."""
    counts: Counter[str] = Counter()
    for strip, found, own in zip(structure.strips, lines, rows, strict=True):
        _count_lines(counts, found)
        _count_heads(counts, strip, own)
        if strip.has_columns:
            _count_arithmetic(counts, strip, own)
            _count_sizes(counts, strip)
            _count_subtotals(counts, found)
    named = [entry for found in lines for entry in found.entries if entry.name is not None]
    names = Counter((role, fold(entry.label)) for entry in named
                    for role, token in entry.cells.items() if token.kind is TokenKind.AMOUNT)  # fmt: skip
    counts["repeated"] += sum(count - 1 for count in names.values())
    return counts


def _count_lines(counts: Counter[str], found: StripLines) -> None:
    counts["aside"] += found.aside
    counts["clash"] += found.clashes
    counts["lost"] += found.lost
    for entry in (*found.entries, *found.totals):
        amounts = [token for token in entry.cells.values() if token.kind is TokenKind.AMOUNT]
        counts["placed"] += len(amounts)
        counts["stray"] += len(entry.stray)
        counts["unit"] += sum(token.unit == "點" and role is Role.NHI for role, token in entry.cells.items())
        counts["wrong_unit"] += sum(token.unit == "點" and role is not Role.NHI for role, token in entry.cells.items())
    for entry in found.entries:
        if not entry.has_amount:
            continue
        counts["named" if entry.name is not None else "nameless"] += 1
        counts["fee"] += looks_like_fee(entry.label)
        counts["glued"] += _is_glued(entry)


def _is_glued(entry: Entry) -> bool:
    parts = entry.name.parts if entry.name else ()
    return sum(len(part.text) > 1 and is_complete(part.text) for part in parts) >= 2


def _count_heads(counts: Counter[str], strip: Strip, rows: Sequence[Row]) -> None:
    counts["misfit"] += strip.misfit  # type: ignore[assignment]
    if not strip.has_columns:
        used = bool(strip.payer) and any(row.amounts() for row in rows)
        counts["head"] += sum(head.role in PAYERS for head in strip.heads) if used else 0
        return
    headed = {id(one.head) for one in strip.columns if one.head is not None}
    counts["head"] += len(headed)
    counts["idle"] += sum(head.role in PAYERS and id(head) not in headed for head in strip.heads)


def _by_role(strip: Strip, rows: Sequence[Row]) -> Iterator[dict[Role, Decimal]]:
    role_of = {id(token): one.role for one in strip.columns for token in one.column.tokens}
    for row in rows:
        found: dict[Role, Decimal] = {}
        for token in row.amounts():
            role, number = role_of.get(id(token)), number_of(token)
            if role is not None and number is not None:
                found.setdefault(role, number)
        yield found


def _count_arithmetic(counts: Counter[str], strip: Strip, rows: Sequence[Row]) -> None:
    products = totals = 0
    for cells in _by_role(strip, rows):
        payers = [cells[role] for role in (*PAYERS, Role.AMOUNT) if role in cells]
        if Role.QUANTITY in cells and Role.PRICE in cells and payers:
            product = cells[Role.QUANTITY] * cells[Role.PRICE]
            products += cells[Role.QUANTITY] > 1 and (product in payers or product == sum(payers))
        total = cells.get(Role.LINE_TOTAL)
        totals += total is not None and len(payers) > 0 and sum(payers) == total
    counts["product"] += min(products, 6)
    counts["line_total"] += min(totals, 6)


def _count_sizes(counts: Counter[str], strip: Strip) -> None:
    numbers = {
        id(one): [n for token in one.column.tokens if (n := number_of(token)) is not None] for one in strip.columns
    }
    largest = max((max(map(abs, values)) for values in numbers.values() if values), default=Decimal(0))
    for one in strip.columns:
        values = numbers[id(one)]
        if one.role is Role.QUANTITY:
            counts["quantity"] += sum(abs(value) > 400 or "," in token.text
                                      for value, token in zip(values, one.column.tokens, strict=False))  # fmt: skip
        elif one.role in PAYERS and len(values) >= 3 and largest > 100:
            is_small = all(0 < value <= 31 and value == int(value) for value in values)
            counts["small"] += len(values) if is_small else 0


def _count_subtotals(counts: Counter[str], found: StripLines) -> None:
    """Count the columns that a row of totals adds up."""
    for role in PAYERS:
        for total in found.totals:
            amount = number_of(total.cells.get(role))
            above = [number_of(entry.cells.get(role)) for entry in found.entries if entry.middle < total.middle]
            if amount and len(above) >= 2 and sum((n for n in above if n is not None), Decimal(0)) == amount:
                counts["subtotal"] += 1
                break


def count_sums(entries: Sequence[Entry], printed: Printed) -> Counter[str]:
    """Count the payers whose lines add up to a total that is printed for them, and those whose lines do not."""
    counts: Counter[str] = Counter()
    for role in PAYERS:
        totals = printed.totals.get(role, frozenset())
        numbers = [n for entry in entries if (n := number_of(entry.cells.get(role))) is not None]
        if not totals or sum(1 for n in numbers if n) < 2:
            continue
        counts["sum" if sum(numbers, Decimal(0)) in totals else "no_sum"] += 1
    return counts
