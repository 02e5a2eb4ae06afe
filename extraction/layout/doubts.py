"""What the reader itself doubts: pale print, amounts no head claims, cells that may only look empty, poor pages."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from extraction.layout.entries import Entry
from extraction.layout.header import Found
from extraction.layout.page import PageLayout
from extraction.layout.tokens import Token, TokenKind
from extraction.layout.words import PAYERS, Role, fold
from extraction.picture_quality import causes
from schemas.layout import BoundingBox
from schemas.result import Flag, PageQuality, Reading, Severity, Suggestion

CLEAR = 0.97
"""Line score from which on an amount can be trusted: measured 100 of 100 on photos, below it 5 of 6."""
_CLEAR_HEADER = 0.85
_NUMBERS = {"national_id", "chart_number", "receipt_number", "hospital_code", "visit_sequence", "patient_name"}


class Doubts:
    """Adds flags and unread paths to a reading."""

    def __init__(self, reading: Reading) -> None:
        """Take the reading that is being filled."""
        self._reading = reading

    def _flag(self, code: str, severity: Severity, paths: Sequence[str], suggestions: Sequence[Suggestion] = (),
              **parameters: str) -> None:  # fmt: skip
        self._reading.doubts.append(Flag(code=code, severity=severity, paths=tuple(paths), parameters=parameters,
                                         suggestions=tuple(suggestions)))  # fmt: skip

    def of_amount(self, path: str, token: Token) -> None:
        """Doubt an amount whose print was not clear."""
        if token.score < CLEAR and token.text != "?":
            self._flag("low_score", Severity.WARNING, [path], printed=token.text, score=f"{token.score:.2f}")

    def of_name(self, path: str, entry: Entry) -> None:
        """Show both readings of a name that was read twice."""
        first, second = entry.label, entry.other_names[0]
        suggestions = [Suggestion(path=path, value=text, source="ocr") for text in (first, second)]
        self._flag("reads_differ", Severity.WARNING, [path], suggestions, first=first, second=second)

    def of_header(self, field: str, found: Found) -> None:
        """Doubt a name or number whose print was not clear."""
        if found.score < _CLEAR_HEADER and (field in _NUMBERS or field.endswith("_date")):
            self._flag("low_score", Severity.WARNING, [field], printed=found.text, score=f"{found.score:.2f}")

    def of_pages(self, field: str, chosen: str, found: Sequence[tuple[int, str]]) -> None:
        """Flag a value that the pages give differently."""
        others = [(page, text) for page, text in found if fold(text) != fold(chosen)]
        if others and field not in ("amount_in_words", "notes", "issue_date", "visit_kind", "is_original"):
            texts = (chosen, *(text for _, text in others))
            suggestions = [Suggestion(path=field, value=text, source="ocr") for text in texts]
            self._flag("pages_differ", Severity.ERROR, [field], suggestions, first=chosen, other=others[0][1],
                       page=str(others[0][0] + 1))  # fmt: skip

    def of_totals(self, field: str, tokens: Sequence[Token]) -> None:
        """Flag a total that is printed twice with different amounts."""
        texts = list(dict.fromkeys(token.text for token in tokens))
        if any(_digits(one) != _digits(other) for one, other in pairwise(texts)):
            suggestions = [Suggestion(path=field, value=text, source="ocr") for text in texts]
            self._flag("layout_unsure", Severity.WARNING, [field], suggestions)

    def of_item(self, prefix: str, entry: Entry, layout: PageLayout) -> None:
        """Doubt cells whose column is not certain, and empty cells under a stamp or unclear print."""
        for role in entry.unsure & set(entry.cells):
            token = entry.cells[role]
            places = [prefix + one.value for one in (role, *(r for r in entry.shown if r not in entry.cells))]
            suggestions = [Suggestion(path=path, value=token.text, source="ocr") for path in places]
            if role in entry.rivals:
                other = entry.rivals[role]
                suggestions.append(Suggestion(path=places[0], value=other.text if other else None, source="ocr"))
            self._flag("column_unsure", Severity.ERROR, places[:1], suggestions, printed=token.text)
        missing = [role for role in entry.shown if role not in entry.cells]
        if entry.stray:
            # Whose the amount is, nothing says: it may also be of a payer whose head was not read.
            open_roles = [role for role in PAYERS if role not in entry.cells
                          and (role in entry.shown or role is not Role.COPAYMENT)]  # fmt: skip
            self._reading.not_read += [prefix + role.value for role in open_roles]
            paths = [prefix + role.value for role in open_roles or entry.shown or (Role.SELF_PAY,)]
            self._unsure(paths, entry.stray, {prefix + role.value: token for role, token in entry.proposal.items()})
            return
        for role in missing:
            if entry.name is not None and self._is_covered(entry, role, layout):
                self._reading.not_read.append(prefix + role.value)

    def _unsure(self, paths: Sequence[str], tokens: Sequence[Token], proposal: Mapping[str, Token]) -> None:
        """Doubt whose amounts are; what the printed totals propose is suggested alone."""
        pairs = list(proposal.items()) or [(path, token) for token in tokens for path in paths]
        suggestions = [Suggestion(path=path, value=token.text, source="ocr") for path, token in pairs]
        self._flag("column_unsure", Severity.ERROR, paths, suggestions, printed=", ".join(t.text for t in tokens))

    def _is_covered(self, entry: Entry, role: Role, layout: PageLayout) -> bool:
        """Whether something illegible stands where the amount would be."""
        column = [item.cells[role].box for item in layout.items if role in item.cells]
        if not column or entry.name is None:
            return False
        name = entry.name.box
        left, right = min(box.left for box in column), max(box.right for box in column)
        if left < name.right:
            left = name.right
        shift = _row_shift(layout.items, role)
        cell = BoundingBox(left, name.top + shift, right, name.bottom + shift)
        return any(cell.overlaps(box) for box in (*layout.stamps, *layout.faint))

    def of_layout(self, layouts: Sequence[PageLayout]) -> None:
        """Flag pages on which no head says whose the amounts are."""
        for layout in layouts:
            if any(entry.stray and not entry.shown for entry in layout.items):
                self._flag("layout_unsure", Severity.ERROR, ["items"], page=str(layout.number + 1))


def _row_shift(items: Sequence[Entry], role: Role) -> float:
    """Return by how much the amounts of a column stand lower on the page than the names, on a slanted photo."""
    shifts = sorted(
        item.cells[role].box.center[1] - item.name.box.center[1]
        for item in items
        if item.name is not None and role in item.cells and item.cells[role].kind is TokenKind.AMOUNT
    )
    return shifts[len(shifts) // 2] if shifts else 0.0


def _digits(text: str) -> str:
    return "".join(character for character in text if character.isdigit())


def doubt_pages(reading: Reading, pages: Sequence[PageQuality]) -> None:
    """Flag pages that should be photographed again, each with what was seen on it."""
    for page in pages:
        if found := causes(page):
            reading.doubts.append(
                Flag(code="photograph_again", severity=Severity.WARNING, parameters={
                    "page": str(page.page + 1), "causes": ",".join(found), "score": f"{page.score:.2f}",
                    "height": f"{page.text_height:.0f}"})
            )  # fmt: skip
