"""Turns a comparison of an office's file into a rule like ours: passed, failed with doubts, or cannot check."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

from extraction.validation.office.errors import ExpressionError, RulesError
from extraction.validation.office.expressions import Vocabulary, parse, parse_condition, unknown_name
from extraction.validation.office.rule_file import Located, RuleSpec
from extraction.validation.office.values import Expression, Lacking, Place, lines
from extraction.validation.rules import OFFICE, PASSED, CannotCheck, Doubt, Facts, Outcome, Rule, by_language, plain
from schemas.document import lines_of
from schemas.registry import DOCUMENT_TYPES
from schemas.result import Words

_HOLE = re.compile(r"\{(\w+)\}")
LINE = "line"
"""The hole of a message that holds the number of the line, from 1."""


def rules_of(
    path: Path, located: Located, lists: Mapping[str, Sequence[str]], categories: frozenset[str]
) -> list[Rule]:
    """Return a rule for each document type that it is for; RulesError with the line where it cannot be one."""
    spec = located.spec
    words = Words(title=by_language(spec.title), text=by_language(spec.message))
    found = []
    for name in spec.document:
        vocabulary = Vocabulary(DOCUMENT_TYPES[name], lists, categories)
        comparison = _Reader(path, located).comparison(vocabulary)

        def check(facts: Facts, comparison: _Comparison = comparison) -> Outcome:
            return comparison.outcome(facts)

        check.__doc__ = spec.source
        found.append(Rule(OFFICE + spec.code, frozenset({name}), check, words, str(path)))
    return found


class _Reader:
    """Reads the expressions of one rule and says on which line one is wrong."""

    def __init__(self, path: Path, located: Located) -> None:
        self._path, self._spec, self._lines = path, located.spec, located.lines
        self._key = "check"

    def comparison(self, vocabulary: Vocabulary) -> "_Comparison":
        try:
            return self._comparison(vocabulary)
        except ExpressionError as error:
            line = self._lines.get(self._key) or self._lines.get("code", 0)
            kinds = (vocabulary.model.__name__,) if len(self._spec.document) > 1 else ()
            place = " · ".join((self._spec.code, self._key, *kinds))
            raise RulesError(error.key, self._path, line=line, place=place, **error.parameters) from None

    def _comparison(self, vocabulary: Vocabulary) -> "_Comparison":
        spec = self._spec
        self._key = "each"
        if spec.each and spec.each not in lines_of(vocabulary.model):
            raise unknown_name(spec.each, lines_of(vocabulary.model))
        vocabulary = replace(vocabulary, table=spec.each)
        for name, text in spec.values.items():
            self._key = "values"
            if not name.isidentifier() or name in vocabulary.names():
                raise ExpressionError("name_taken", name=name)
            vocabulary = replace(vocabulary, values={**vocabulary.values, name: parse(text, vocabulary)})
        self._key = "when"
        when = parse_condition(spec.when, vocabulary) if spec.when else None
        self._key = "check"
        check = parse_condition(spec.check, vocabulary)
        return _Comparison(spec, when, check, dict(self._holes(vocabulary)))

    def _holes(self, vocabulary: Vocabulary) -> Iterator[tuple[str, Expression]]:
        for key, given in (("title", self._spec.title), ("message", self._spec.message)):
            self._key = key
            for text in by_language(given).values():
                for name in _HOLE.findall(text):
                    if name != LINE or not self._spec.each:
                        yield name, parse(name, vocabulary)


@dataclass(frozen=True)
class _Comparison:
    spec: RuleSpec
    when: Expression | None
    check: Expression
    holes: Mapping[str, Expression]

    def outcome(self, facts: Facts) -> Outcome:
        """Return what the rule says of a document."""
        try:
            if self.spec.each:
                return self._of_lines(facts)
            place = Place(facts)
            if self.when is not None and not self.when.compute(place):
                return PASSED
            return PASSED if self.check.compute(place) else [self._doubt(place)]
        except Lacking as lacking:
            return lacking.why

    def _of_lines(self, facts: Facts) -> Outcome:
        """Look at line after line: a blank cell leaves nothing to compare there, one not read is said."""
        doubts, compared = [], False
        unread: CannotCheck | None = None
        blank: CannotCheck | None = None
        for index in lines(facts, self.spec.each):
            place = Place(facts, self.spec.each, index)
            is_asked = self.when is None
            try:
                is_asked = is_asked or bool(self.when and self.when.compute(place))
                if is_asked and not self.check.compute(place):
                    doubts.append(self._doubt(place))
                compared = compared or is_asked
            except Lacking as lacking:
                if not _is_blank_line(lacking, self.spec.each):
                    unread = unread or lacking.why
                elif is_asked:
                    blank = blank or lacking.why
        if doubts:
            return doubts
        return unread or (None if compared else blank) or PASSED

    def _doubt(self, place: Place) -> Doubt:
        cells = self.check.cells or (self.when.cells if self.when else ())
        paths = tuple(dict.fromkeys(place.path(cell) for cell in cells))
        parameters = {name: _text(hole, place) for name, hole in self.holes.items()}
        if self.spec.each:
            parameters[LINE] = str(place.index + 1)
        return Doubt(self.spec.severity, paths, parameters)


def _is_blank_line(lacking: Lacking, table: str) -> bool:
    """Whether it is for nothing more than an empty cell of a line, as every table has many."""
    return lacking.is_blank and lacking.why.parameters.get("cell", "").startswith(f"{table}.")


def _text(hole: Expression, place: Place) -> str:
    """Return a value as a message shows it."""
    try:
        value = hole.compute(place)
    except Lacking:
        return "–"
    return plain(value) if isinstance(value, Decimal) else str(value)
