"""Approval without a person: off by default, only where every value is confirmed, and sampled for an audit."""

import hashlib

from sqlalchemy.orm import Session

from review.corrections import decided_flags
from schemas.result import Extraction
from settings import Approval
from storage import audit, edits
from storage.records import Status
from storage.tables import RecordRow

RULE = "claimsheet: automatic approval"
"""Who approved, in the history."""


def is_sampled(record_id: str, share: float) -> bool:
    """Whether a person looks at the record nevertheless; the same record always is or is not."""
    drawn = int.from_bytes(hashlib.sha256(f"audit {record_id}".encode()).digest()[:8], "big")
    return drawn / 2**64 < share


def approve_automatically(session: Session, row: RecordRow, extraction: Extraction, approval: Approval) -> bool:
    """Approve a record that was just read, where the office allows it and nothing speaks against it; True if it was."""
    if not approval.automatic or row.status != Status.TO_REVIEW or not extraction.is_confirmed:
        return False
    if is_sampled(row.id, approval.audit_share):
        audit.append(session, "sampled", RULE, row.id)
        return False
    data = edits.put_extraction(session, row, extraction, decided_flags(extraction, (), {}))
    edits.settle(row, Status.APPROVED)
    details = {"overrides": {}, "rule": "all_confirmed", "extraction_sha256": audit.sha256_of(data)}
    audit.append(session, "approved", RULE, row.id, details)
    return True
