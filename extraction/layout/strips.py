"""Where a region may be cut into strips side by side: between sets of heads, or where names begin again."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from extraction.layout.heads import Head, Region
from extraction.layout.rows import Row, name_starts
from extraction.layout.tokens import Token, TokenKind
from extraction.layout.total_words import total_field
from extraction.layout.words import PAYERS, Role, fold, looks_like_fee, tag_payer

Cut = tuple[tuple[float, float, tuple[Head, ...]], ...]
"""(left, right, heads) of each strip."""
_EDGE = 0.004
"""Page widths by which a strip begins before its names."""
_MOST = 5
"""Places where names begin again that are tried alone."""
_FAR_LEFT, _FAR_RIGHT = -1.0, 2.0


def find_cuts(region: Region) -> list[Cut]:
    """Return the ways to cut a region, without a cut first."""
    heads = region.heads
    cuts: list[Cut] = [((_FAR_LEFT, _FAR_RIGHT, heads),)]
    sets = _head_sets(heads)
    if len(sets) > 1:
        cuts.append(_between_sets(region.rows, sets))
    payers = [head for head in heads if head.role in PAYERS]
    if not any(head.role is Role.NAME for head in heads) and len(payers) >= 2:
        cuts += _between_payers(region.rows, payers)
    gutters = _gutters(region.rows)
    if gutters:
        cuts += [_at([gutter], heads) for gutter in gutters[:_MOST] if len(gutters) > 1]
        cuts.append(_at(gutters, heads))
    unique = {tuple((round(left, 2), round(right, 2), own) for left, right, own in cut): cut for cut in reversed(cuts)}
    return list(reversed(unique.values()))


def _at(edges: Sequence[float], heads: Sequence[Head]) -> Cut:
    bounds = [_FAR_LEFT, *(edge - _EDGE for edge in edges), _FAR_RIGHT]
    return tuple(
        (left, right, tuple(head for head in heads if left <= head.center < right)) for left, right in pairwise(bounds)
    )


# -- heads -----------------------------------------------------------------------------------------------------------


def _head_sets(heads: Sequence[Head]) -> list[tuple[Head, ...]]:
    """Cut the heads where a name head follows money, or where a payer comes a second time."""
    names = sum(head.role is Role.NAME for head in heads)
    if names > 1 and heads[0].is_money and heads[-1].role is Role.NAME:
        return _sets_ending_with_names(heads)
    sets: list[list[Head]] = [[]]
    for head in heads:
        current = sets[-1]
        has_money = any(one.is_money or one.payer is not None for one in current)
        next_set = head.role is Role.NAME and has_money and (names > 1 or _is_last_money(head, heads))
        again = not names and head.role in PAYERS and any(one.role is head.role for one in current)
        if next_set or again:
            sets.append([])
        sets[-1].append(head)
    return [tuple(one) for one in sets] if all(_has_money(one) for one in sets) else [tuple(heads)]


def _sets_ending_with_names(heads: Sequence[Head]) -> list[tuple[Head, ...]]:
    """Cut the heads behind each name head: amounts stand before the names."""
    ends = [at + 1 for at, head in enumerate(heads) if head.role is Role.NAME]
    sets = [tuple(heads[start:end]) for start, end in pairwise([0, *ends])]
    return sets if all(any(head.is_money for head in one) for one in sets) else [tuple(heads)]


def _is_last_money(head: Head, heads: Sequence[Head]) -> bool:
    return False if head.payer is None else any(one.center > head.center for one in heads)


def _has_money(heads: Sequence[Head]) -> bool:
    return any(head.is_money or head.payer is not None for head in heads)


def _between_sets(rows: Sequence[Row], sets: Sequence[tuple[Head, ...]]) -> Cut:
    edges = [_FAR_LEFT]
    names = _names(rows)
    all_starts = name_starts(rows)
    for before, after in pairwise(sets):
        last, first = before[-1], after[0]
        if last.role is Role.NAME:
            amounts = [token.left for row in rows for token in row.amounts() if last.left < token.left < after[-1].left]
            edges.append(min([first.left, *amounts]) - _EDGE)
            continue
        reach = max(first.right, first.center)
        between = [token.left for token in names if last.center < token.left < reach]
        starts = [start for start in all_starts if last.center < start < reach]
        edges.append(min(starts or between or [(last.right + first.left) / 2]) - _EDGE)
    edges.append(_FAR_RIGHT)
    return tuple((left, right, heads) for (left, right), heads in zip(pairwise(edges), sets, strict=True))


# -- names -----------------------------------------------------------------------------------------------------------


def _names(rows: Sequence[Row]) -> list[Token]:
    return [token for row in rows if row.amounts() for token in row.texts() if is_name(token)]


def is_name(token: Token) -> bool:
    """Whether a text may be the name of a fee."""
    return (
        total_field(token.text) is None
        and not token.is_value
        and not token.text.isascii()
        and tag_payer(token.text) is None
        and len(token.text) > 1
    )


def _gutters(rows: Sequence[Row]) -> list[float]:
    """Return where fees' names begin behind amounts, below each other."""
    fees = [
        token.left
        for row in rows
        for at, token in enumerate(row.tokens)
        if token.kind is TokenKind.TEXT
        and is_name(token)
        and (looks_like_fee(token.text) or len(token.text) >= 3)
        and any(one.kind is not TokenKind.TEXT for one in row.tokens[:at])
    ]
    height = max((token.height for row in rows for token in row.tokens), default=0.02)
    groups: list[list[float]] = []
    for left in sorted(fees):
        if groups and left - groups[-1][-1] < 0.6 * height:
            groups[-1].append(left)
        else:
            groups.append([left])
    return [min(group) for group in groups if len(group) >= 2]


def _between_payers(rows: Sequence[Row], payers: Sequence[Head]) -> Iterator[Cut]:
    """Cut between payers that each have their own names: where the heads then stand best over their parts."""
    tokens = [token for row in rows if row.amounts() for token in row.tokens
              if token.kind is TokenKind.AMOUNT or total_field(token.text) is None]  # fmt: skip
    starts = name_starts(rows) or sorted({token.left for token in _names(rows)})
    edges = [_FAR_LEFT]
    for first, second in pairwise(payers):
        options = [start - _EDGE for start in starts if edges[-1] < start and first.center < start <= second.right]
        if not options:
            return
        edges.append(min(options, key=lambda edge: _misfit(tokens, edge, first, second)))
    edges.append(_FAR_RIGHT)
    yield tuple((left, right, (head,)) for (left, right), head in zip(pairwise(edges), payers, strict=True))


def _misfit(tokens: Sequence[Token], edge: float, first: Head, second: Head) -> float:
    left = [token for token in tokens if token.center < edge]
    right = [token for token in tokens if token.center >= edge]
    if not left or not right:
        return 9.0
    names = [{fold(token.text) for token in part if token.kind is TokenKind.TEXT} for part in (left, right)]
    repeated = len(names[0] & names[1]) / max(1, min(len(names[0]), len(names[1])))
    return off_center(left, first) + off_center(right, second) - 0.2 * repeated


def off_center(tokens: Sequence[Token], head: Head) -> float:
    """Return how far a head stands from the middle or the beginning of what is below it."""
    left, right = min(token.left for token in tokens), max(token.right for token in tokens)
    return min(abs((left + right) / 2 - head.center), abs(left - head.left))
