"""What is said of a document: readings, evidence, flags, checks, and the extraction that holds them together."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SerializeAsAny, model_validator

from schemas.document import Document, get_cell, paths_of
from schemas.layout import BoundingBox, TextLine
from schemas.registry import DOCUMENT_TYPES

_REMARKS = {"notes", "currency", "has_stamp", "is_original", "visit_kind", "invoice_kind", "tax_kind"}
"""What nobody checks on the page: remarks, and what is concluded rather than printed."""


class CellState(StrEnum):
    """What is known of a cell; none turns into another silently."""

    VALUE = "value"
    ZERO = "zero"
    BLANK = "blank"
    UNREADABLE = "unreadable"
    NOT_READ = "not_read"


class Severity(StrEnum):
    """How much a flag asks for: an error blocks approval, a warning asks for a look, an info informs."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Agreement(StrEnum):
    """What two independent readings say of one cell."""

    AGREED = "agreed"
    ONE_ONLY = "one_only"
    DIFFER = "differ"


class Judgement(StrEnum):
    """How far a cell may be trusted (docs/trust.md)."""

    CONFIRMED = "confirmed"
    PLAUSIBLE = "plausible"
    DOUBTFUL = "doubtful"
    WRONG = "wrong"
    """Unless a person corrects it, or says that it is right."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class Evidence(_Frozen):
    """Where a value stands on the page, and how it was matched."""

    page: int
    box: BoundingBox
    text: str
    match: Literal["exact", "folded", "near", "qr", "text_layer", "person"] = "exact"
    score: float = 1.0
    """The OCR's own score of the line, 0 to 1."""


class Suggestion(_Frozen):
    """A value that would settle a flag; a person takes it with one key."""

    path: str
    value: str | None
    source: str
    """Who proposes it: `rule`, `qr`, `lexicon`, `ocr`, or a reader's name."""
    evidence: tuple[Evidence, ...] = ()
    """Where this value stands, if it was found on the page."""


class Words(_Frozen):
    """What a rule of the office calls itself and says, by language, as the office wrote it."""

    title: dict[str, str] = Field(default_factory=dict)
    text: dict[str, str] = Field(default_factory=dict)


class Flag(_Frozen):
    """A doubt for a person. Its text comes from the locale files by `code` and `parameters`, or is in `words`."""

    code: str
    severity: Severity
    paths: tuple[str, ...] = ()
    parameters: dict[str, str] = Field(default_factory=dict)
    suggestions: tuple[Suggestion, ...] = ()
    words: Words | None = None

    def moved(
        self, where: Callable[[str], str | None], proposed: Callable[[str], str | None] | None = None
    ) -> "Flag | None":
        """Return the flag with its paths where they point now; None where all of them are gone.

        A proposal goes with its path; `proposed` says where those of proposals are, if not `where`.
        """
        paths = tuple(dict.fromkeys(path for path in map(where, self.paths) if path))
        if self.paths and not paths:
            return None
        places = ((one, (proposed or where)(one.path)) for one in self.suggestions)
        suggestions = tuple(one.model_copy(update={"path": path}) for one, path in places if path)
        return self.model_copy(update={"paths": paths, "suggestions": suggestions})


class Check(_Frozen):
    """One rule's outcome; a failed one has a flag of the same code."""

    code: str
    outcome: Literal["passed", "failed", "cannot_check"]
    reason: str | None = None
    """Why it cannot be checked: the text `check.reason.<reason>` with `parameters` in its holes."""
    parameters: dict[str, str] = Field(default_factory=dict)
    words: Words | None = None


class Attempt(_Frozen):
    """One try of a reader; `cause` says why it was not the last, or why nothing came of it."""

    cause: str | None = None
    seconds: float = 0.0
    raw: str | None = None
    """The answer as it came."""
    kind: Literal["transcribe", "structure", "totals", "document_type"] | None = None
    """What a model was asked for."""
    page: int | None = None
    prompt: str | None = None
    """Digest of the prompt."""
    tokens_in: int | None = None
    tokens_out: int | None = None
    finish_reason: str | None = None


class PageQuality(_Frozen):
    """What is known of a page before any value is."""

    page: int
    width: int
    """Pixels."""
    height: int
    rotation: int = 0
    """Degrees clockwise by which the page was turned to stand upright."""
    text_height: float = 0.0
    """Median height of the detector's boxes in pixels; under 28 the print is too small."""
    score: float = 1.0
    """Mean line score; under 0.9 a value not found is no evidence."""
    blur: float = 0.0
    """Width of the print's edges by the height of its lines: 0.02 to 0.07 where it is sharp."""
    contrast: float = 255.0
    """Grey levels between print and paper."""
    paper: float = 255.0
    """Grey level of the paper beside the print."""
    glare: float = 0.0
    """Share of the text's area that is burnt out."""
    cut: tuple[Literal["left", "top", "right", "bottom"], ...] = ()
    """Edges of the picture that print runs off."""


class Reading(BaseModel):
    """What one reader saw. `values` has the document's fields with each cell as printed: a text, `?`, or None."""

    reader: str
    model: str | None = None
    document_type: str
    values: dict[str, Any] = Field(default_factory=dict)
    evidence: dict[str, list[Evidence]] = Field(default_factory=dict)
    not_read: list[str] = Field(default_factory=list)
    """Paths that the layout shows but the reader could not give; their state is `not_read`."""
    doubts: list[Flag] = Field(default_factory=list)
    """Flags that only the reader can raise: rows without a column, two readings of the layout, poor pages."""
    lines: list[TextLine] = Field(default_factory=list)
    pages: list[PageQuality] = Field(default_factory=list)
    attempts: list[Attempt] = Field(default_factory=list)
    prompt: str | None = None
    seconds: float = 0.0

    def printed(self, path: str) -> Any:  # noqa: ANN401 - a text, as a rule; a server may give a number
        """Return a cell as the reader gave it: a text, `?`, or None where it gave nothing."""
        name, *rest = path.split(".")
        found = self.values.get(name)
        if not rest:
            return found
        index = int(rest[0])
        return found[index].get(rest[1]) if isinstance(found, list) and index < len(found) else None


class Failure(_Frozen):
    """Why a document could not be read. Its text comes from the locale files by `code` and `parameters`."""

    code: str
    parameters: dict[str, str] = Field(default_factory=dict)


class Extraction(BaseModel):
    """The agreed document with its states, evidence and flags; or the failure."""

    file: str
    sha256: str
    part: int = 1
    """Which of the documents that lie on one picture, from 1; its pages and boxes are those of its own cut-out."""
    parts: int = 1
    page_count: int = 0
    document_type: str | None = None
    document: SerializeAsAny[Document] | None = None
    states: dict[str, CellState] = Field(default_factory=dict)
    """State of every cell that is not a plain value."""
    unparsed: dict[str, str] = Field(default_factory=dict)
    """Text that was read but is no value of its field, kept for the person."""
    evidence: dict[str, list[Evidence]] = Field(default_factory=dict)
    flags: list[Flag] = Field(default_factory=list)
    checks: list[Check] = Field(default_factory=list)
    readings: list[Reading] = Field(default_factory=list)
    agreement: dict[str, Agreement] = Field(default_factory=dict)
    """What readings that know nothing of each other say of a cell; the built-in OCR counts as one of a model's."""
    judgements: dict[str, Judgement] = Field(default_factory=dict)
    """Every cell that holds or lacks a value and is more or less than plausible."""
    seconds: float = 0.0
    error: Failure | None = None

    @model_validator(mode="before")
    @classmethod
    def _type_document(cls, data: Any) -> Any:  # noqa: ANN401 - pydantic's own signature
        """Turn a stored dict back into the class that `document_type` names."""
        if isinstance(data, dict) and isinstance(data.get("document"), dict):
            model = DOCUMENT_TYPES[data["document_type"]]
            known = {name: value for name, value in data["document"].items() if name in model.model_fields}
            known |= {
                name: [{k: v for k, v in line.items() if k != "fee_code"} for line in value]
                for name, value in known.items()
                if isinstance(value, list)
            }
            data = {**data, "document": model.model_validate(known)}
        return data

    def state(self, path: str) -> CellState:
        """Return a cell's state; a cell that is not listed holds a value."""
        return self.states.get(path, CellState.VALUE)

    def judgement(self, path: str) -> Judgement:
        """Return how far a cell may be trusted; one that is not listed is plausible."""
        return self.judgements.get(path, Judgement.PLAUSIBLE)

    @property
    def is_confirmed(self) -> bool:
        """Whether every value is confirmed and nothing is in doubt, so that one key may approve the document."""
        if self.document is None or self.error is not None:
            return False
        if any(flag.severity is not Severity.INFO for flag in self.flags):
            return False
        values = [path for path in paths_of(self.document) if get_cell(self.document, path) is not None]
        told = [path for path in values if path not in _REMARKS]
        return bool(told) and all(self.judgement(path) is Judgement.CONFIRMED for path in told)
