"""Documents that came a second time: what they are known by, the pairs found, and what a person decided on them."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from storage.records import DUPLICATE_FILE, DUPLICATE_RECEIPT, DUPLICATES, NEAR_DUPLICATE, Decision, Duplicate, Status
from storage.tables import DuplicateRow, FingerprintRow, RecordRow

MINIMA, BAND = "minima", "band"
"""Kinds of fingerprint of the printed numbers: all of them, and pairs of them to find candidates by an index."""
_ALIKE = 0.5
"""Share of equal minima from which on two pages print the same numbers: measured at least 0.67 for pictures of one
receipt, at most 0.09 for two receipts of one form."""
_DIGITS = 8
_CANDIDATES = 200


def refresh(session: Session, row: RecordRow, prints: Mapping[str, Iterable[str]]) -> list[Duplicate]:
    """Keep what the record is known by now and return the pairs that nobody has decided on.

    Without printed numbers among the fingerprints, those that were kept before stay: a correction changes no print.
    """
    known_by = _known_by(session, row.id)
    printed = {kind: values for kind, values in known_by.items() if kind in (MINIMA, BAND)}
    prints = {**printed, **prints}
    had = {(kind, value) for kind, values in known_by.items() for value in values}
    has = {(kind, value) for kind, values in prints.items() for value in values}
    _wait_for_the_like(session, [value for _, value in has - had])
    for kind, value in had - has:
        session.execute(delete(FingerprintRow).where(
            FingerprintRow.record_id == row.id, FingerprintRow.kind == kind, FingerprintRow.value == value
        ))  # fmt: skip
    session.add_all(FingerprintRow(record_id=row.id, kind=kind, value=value) for kind, value in has - had)
    session.flush()
    found = _find(session, row, prints)
    known = {pair.other_id: pair for pair in _pairs(session, row.id)}
    for other_id, pair in known.items():
        if pair.decision is None and other_id not in found:
            session.delete(pair)
    for other_id, code in found.items():
        if other_id in known:
            known[other_id].code = code
        else:
            session.add(DuplicateRow(record_id=row.id, other_id=other_id, code=code, found_at=dt.datetime.now(dt.UTC)))
    session.flush()
    return [pair for pair in find_duplicates(session, row.id) if pair.decision is None]


def find_duplicates(session: Session, record_id: str) -> list[Duplicate]:
    """Return the pairs that were found for a record, the surest first."""
    pairs = [Duplicate(pair.other_id, pair.code, pair.decision, pair.decided_by)  # type: ignore[arg-type]
             for pair in _pairs(session, record_id)]  # fmt: skip
    return sorted(pairs, key=lambda pair: (DUPLICATES.index(pair.code), pair.other_id))


def decide(session: Session, record_id: str, other_id: str, decision: Decision, user: str) -> bool:
    """Note what a person decided; False where there is no such pair any more."""
    pair = session.get(DuplicateRow, (record_id, other_id))
    if pair is None:
        return False
    pair.decision, pair.decided_by, pair.decided_at = decision, user, dt.datetime.now(dt.UTC)
    session.flush()
    return True


def _known_by(session: Session, record_id: str) -> dict[str, list[str]]:
    query = select(FingerprintRow.kind, FingerprintRow.value).where(FingerprintRow.record_id == record_id)
    kept: dict[str, list[str]] = defaultdict(list)
    for kind, value in session.execute(query):
        kept[kind].append(value)
    return kept


def _wait_for_the_like(session: Session, values: Iterable[str]) -> None:
    """Let of two transactions that bring the same print the second see the first; SQLite lets one write at a time."""
    if session.get_bind().dialect.name != "postgresql":
        return
    keys = {int.from_bytes(blake2b(value.encode(), digest_size=8).digest(), signed=True) for value in values}
    for key in sorted(keys):  # in one order, else two would wait for each other
        session.execute(select(func.pg_advisory_xact_lock(key)))


def _pairs(session: Session, record_id: str) -> Sequence[DuplicateRow]:
    return session.scalars(select(DuplicateRow).where(DuplicateRow.record_id == record_id)).all()


def _find(session: Session, row: RecordRow, prints: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """Return the other record of each pair with its code; a pair already found from the other side is left there."""
    found: dict[str, str] = {}
    if row.duplicate_of is not None:
        found[row.duplicate_of] = DUPLICATE_FILE
    shared = _shared(session, row, prints)
    for other_id, kinds in shared.items():
        if kinds - {BAND, MINIMA}:
            found.setdefault(other_id, DUPLICATE_RECEIPT)
    mine = next(iter(prints.get(MINIMA, ())), None)
    candidates = [other_id for other_id, kinds in shared.items() if BAND in kinds and other_id not in found]
    if mine is not None and candidates:
        query = select(FingerprintRow.record_id, FingerprintRow.value).where(
            FingerprintRow.kind == MINIMA, FingerprintRow.record_id.in_(candidates[:_CANDIDATES])
        )
        found |= {
            other_id: NEAR_DUPLICATE for other_id, theirs in session.execute(query) if likeness(mine, theirs) >= _ALIKE
        }
    told = session.scalars(select(DuplicateRow.record_id).where(DuplicateRow.other_id == row.id)).all()
    return {other_id: code for other_id, code in found.items() if other_id not in told}


def _shared(session: Session, row: RecordRow, prints: Mapping[str, Iterable[str]]) -> dict[str, set[str]]:
    """Return the kinds of fingerprint that other records, neither rejected nor failed, have in common with this one."""
    shared: dict[str, set[str]] = defaultdict(set)
    values = {value: kind for kind, items in prints.items() if kind != MINIMA for value in items}
    query = (
        select(FingerprintRow.record_id, FingerprintRow.kind, FingerprintRow.value)
        .join(RecordRow, RecordRow.id == FingerprintRow.record_id)
        .where(
            FingerprintRow.value.in_(values), FingerprintRow.record_id != row.id,
            RecordRow.status.not_in((Status.REJECTED, Status.FAILED, Status.SUPERSEDED)),
        )
    )  # fmt: skip
    for other_id, kind, value in session.execute(query):
        if values.get(value) == kind:
            shared[other_id].add(kind)
    return shared


def likeness(mine: str, theirs: str) -> float:
    """Return the share of equal minima."""
    places = range(0, max(len(mine), len(theirs)), _DIGITS)
    return sum(mine[at : at + _DIGITS] == theirs[at : at + _DIGITS] for at in places) / max(1, len(places))
