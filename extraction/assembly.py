"""One document out of its readings: who is asked, what the page says of it, and what all of it says together."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence

from extraction.arbitration import weigh_doubts
from extraction.consensus import compare
from extraction.errors import ReaderError
from extraction.grounding import Grounding, evidence_of, ground
from extraction.judgement import judge
from extraction.page import LoadedFile, PageImage
from extraction.readers.base import Reader
from extraction.shaping import shape
from extraction.validation import validate
from schemas.result import Agreement, Extraction, Flag, Reading, Severity
from settings import SecondReader


class Assembly:
    """Asks readers for one document and concludes."""

    def __init__(self, witness: Reader | None = None, second: Mapping[str, SecondReader] | None = None) -> None:
        """Take what reads the page that a model's values are sought on, and when a reader after the first is asked."""
        self._witness, self._second = witness, second or {}

    def asked(self, readers: Sequence[str]) -> list[str]:
        """Return the readers that may be asked: the first, and those that are as second ones."""
        return [name for name in readers if name == readers[0] or self._policy(name) != "never"]

    def _policy(self, reader: str) -> SecondReader:
        return self._second.get(reader, "always")

    def fill(
        self,
        extraction: Extraction,
        loaded: LoadedFile,
        pages: Sequence[PageImage],
        readers: Sequence[str],
        ask: Callable[[str], Reading],
        today: dt.date | None = None,
        extra: Sequence[Flag] = (),
    ) -> None:  # fmt: skip
        """Ask the readers, the later ones as the policy says, and fill the extraction."""
        for reader in self.asked(readers):
            if extraction.readings and self._policy(reader) == "when_in_doubt":
                conclude(extraction, loaded, self._groundings(extraction, pages), today, extra)
                if not is_in_doubt(extraction):
                    continue
            extraction.readings.append(ask(reader))
        conclude(extraction, loaded, self._groundings(extraction, pages), today, extra)

    def _groundings(self, extraction: Extraction, pages: Sequence[PageImage]) -> dict[int, Grounding]:
        """Return what the page says of each model's reading; a reading of the built-in reader is its own witness."""
        models = [index for index, reading in enumerate(extraction.readings) if reading.model is not None]
        if not models or self._witness is None:
            return {}
        name, document_type = self._witness.name, extraction.readings[0].document_type
        seen = next((reading for reading in extraction.readings if reading.reader == name), None)
        if seen is None:
            try:
                seen = self._witness.read(pages, document_type)  # type: ignore[arg-type]  # a reading has a known type
            except ReaderError:
                seen = Reading(reader=name, document_type=document_type)
        return {index: ground(extraction.readings[index], seen) for index in models}


def is_in_doubt(extraction: Extraction) -> bool:
    """Whether the reading leaves what a second reader might settle: any flag but of the picture or a broken rule."""
    asking = (flag for flag in extraction.flags if flag.severity is not Severity.INFO)
    return any(flag.code not in ("photograph_again", "rule_failed") for flag in asking)


def conclude(
    extraction: Extraction,
    loaded: LoadedFile,
    groundings: Mapping[int, Grounding] | None = None,
    today: dt.date | None = None,
    extra: Sequence[Flag] = (),
) -> None:
    """Fill document, states, evidence, flags, checks and judgements from the readings."""
    groundings = groundings or {}
    for index, grounding in groundings.items():
        reading = extraction.readings[index]
        reading.evidence = dict(evidence_of(reading, grounding))
    first = extraction.readings[0]
    shaped = shape(first)
    extraction.document_type = first.document_type
    extraction.document = shaped.document
    extraction.states = shaped.states
    extraction.unparsed = shaped.unparsed
    extraction.evidence = first.evidence
    consensus = compare(extraction.readings)
    grounding = groundings.get(0, Grounding())
    extraction.agreement = grounding.agreement | consensus.agreement
    flags, checks = validate(extraction, today)
    flags = [_as_printed(flag, extraction) for flag in flags]
    extraction.checks = [*checks, *grounding.checks]
    doubts = [*first.doubts, *grounding.flags, *consensus.flags]
    weighed = weigh_doubts(extraction, [*doubts, *flags])
    extraction.flags = _unique([*_page_failures(loaded), *extra, *weighed])
    extraction.judgements = judge(extraction)


def _as_printed(flag: Flag, extraction: Extraction) -> Flag:
    """Say softly that a fee is not in the list where two readings, each by itself, read just this name."""
    is_agreed = all(extraction.agreement.get(path) is Agreement.AGREED for path in flag.paths)
    if flag.code != "unknown_fee_item" or flag.suggestions or not is_agreed:
        return flag
    return flag.model_copy(update={"severity": Severity.INFO})


def _page_failures(loaded: LoadedFile) -> list[Flag]:
    return [
        Flag(code="page_failed", severity=Severity.ERROR, parameters={"page": str(number + 1), "cause": error.key})
        for number, error in sorted(loaded.failures.items())
    ]


def _unique(flags: Sequence[Flag]) -> list[Flag]:
    """Drop a flag that says again what an earlier one says of the same cells."""
    kept: dict[tuple[str, tuple[str, ...], tuple[str, ...]], Flag] = {}
    for flag in flags:
        facts = tuple(flag.parameters.values()) if flag.code == "row_missing" or not flag.paths else ()
        kept.setdefault((flag.code, flag.paths, facts), flag)
    return list(kept.values())
