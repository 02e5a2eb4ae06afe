"""What can go wrong between a file and an extraction.

    ExtractionError                      base: code (locale text `error.<code>`), parameters, exit_code
    ├── DocumentError                    the file: a person can act; file_unreadable; page_not_found,
    │   │                                part_not_found
    │   ├── UnsupportedFormatError       unsupported_format
    │   ├── EncryptedPdfError            encrypted_pdf
    │   ├── DocumentTooLargeError        too_many_bytes, too_many_pixels, too_long_side, too_many_pages,
    │   │                                expands_too_far, takes_too_long, out_of_memory
    │   ├── EmptyFileError               empty_file
    │   ├── UnreadableImageError         unreadable_image, truncated_file, image_too_small
    │   └── UnknownDocumentTypeError     unknown_document_type: neither a receipt nor an invoice
    └── ReaderError                      reader_failed, reader_crashed; the model: try again or another reader;
        │                                wrong_profile, wrong_profiles_file, no_prompt, picture_too_narrow; a
        │                                model server: context_too_long, model_not_found, key_refused, wrong_address,
        │                                images_refused, no_chat_template, schema_refused, request_refused,
        │                                request_failed, protocol_fault, answer_too_slow
        ├── ReaderUnavailableError       reader_unavailable, endpoint_unreachable, connection_lost, endpoint_timeout,
        │                                endpoint_overloaded, endpoint_failing: the document can wait for it
        ├── DegenerateOutputError        degenerate_output, numeric_fault, answer_truncated, answer_empty by its
        │   │                            cause; carries the raw reply
        │   └── ReadingCancelledError    reading_cancelled: a person stopped it
        └── SchemaMismatchError          schema_mismatch; carries the raw reply

*Could not read it* is an exception. *Read it, doubtful* is a flag. *Not printed on the page* is None.
"""

from typing import ClassVar

from schemas.result import Attempt


class ExtractionError(Exception):
    """Base of all: `code` names the text of the locale files, `parameters` fill its holes."""

    code: ClassVar[str] = "extraction_failed"
    exit_code: ClassVar[int] = 3

    def __init__(self, code: str | None = None, **parameters: object) -> None:
        """Take the holes of the text; `code` picks one of several texts of the class."""
        self.key = code or self.code
        self.parameters = {name: str(value) for name, value in parameters.items()}
        super().__init__(f"{self.key} {self.parameters}" if self.parameters else self.key)


class DocumentError(ExtractionError):
    """The file cannot be read as it is; a person can act."""


class UnsupportedFormatError(DocumentError):
    """The content is of no format that is read, whatever its name says."""

    code = "unsupported_format"


class EncryptedPdfError(DocumentError):
    """The PDF asks for a password."""

    code = "encrypted_pdf"


class DocumentTooLargeError(DocumentError):
    """Over a limit of bytes, pixels, sides or pages, or of what it unpacks to."""

    code = "too_many_bytes"


class EmptyFileError(DocumentError):
    """A file of no bytes, or without a page."""

    code = "empty_file"


class UnreadableImageError(DocumentError):
    """Damaged, cut off, or too small to hold text."""

    code = "unreadable_image"


class UnknownDocumentTypeError(DocumentError):
    """The page is neither a medical receipt nor an invoice."""

    code = "unknown_document_type"


class ReaderError(ExtractionError):
    """The reader gave no usable answer."""

    code = "reader_failed"
    attempts: tuple[Attempt, ...] = ()
    """What was asked and answered until then; a reader sets it where it raises, so that nothing of it is lost."""


class ReaderUnavailableError(ReaderError):
    """The reader or its endpoint is not there."""

    code = "reader_unavailable"


class DegenerateOutputError(ReaderError):
    """The answer repeats, is cut off or empty."""

    code = "degenerate_output"
    tokens_in: int | None = None
    tokens_out: int | None = None
    """What the answer cost until it was stopped; pieces of the stream where the server did not say."""
    finish_reason: str | None = None

    def __init__(self, raw: str, **parameters: object) -> None:
        """Keep the raw answer; the parameter `cause` picks the text."""
        super().__init__(_TEXTS.get(str(parameters.get("cause"))), **parameters)
        self.raw = raw


_TEXTS = {"numeric_fault": "numeric_fault", "truncated": "answer_truncated", "empty": "answer_empty"}


class ReadingCancelledError(DegenerateOutputError):
    """A person stopped the reading; carries what was answered until then."""

    code = "reading_cancelled"

    def __init__(self, raw: str) -> None:
        """Keep the raw answer."""
        super().__init__(raw, cause="cancelled")


class SchemaMismatchError(ReaderError):
    """The answer is not of the schema after the allowed attempts."""

    code = "schema_mismatch"

    def __init__(self, raw: str, **parameters: object) -> None:
        """Keep the raw answer."""
        super().__init__(None, **parameters)
        self.raw = raw
