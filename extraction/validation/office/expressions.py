"""The comparisons that an office writes: `when` and `check` of a rule, from text to something that computes.

The text has Python's grammar and nothing of Python's power: it is parsed, each part is looked up in a short list of
what may stand there, and kinds are compared at once, so that a wrong rule is refused when the file is read.
"""

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from difflib import get_close_matches

from extraction.validation.office import functions
from extraction.validation.office.arithmetic import calculate
from extraction.validation.office.comparisons import compare
from extraction.validation.office.errors import ExpressionError
from extraction.validation.office.logic import both, either
from extraction.validation.office.values import FEE_CODE, NUMBERS, Expression, Kind, cell, constant
from schemas.document import DocumentPart, cells_of, lines_of

_LONGEST = 2000
_DEEPEST = 60
"""Brackets within brackets; a sum of more parts is written as several `values`."""
DOCUMENT = "document"
"""`document.NAME` is a cell of the document where a line has one of the same name."""


@dataclass(frozen=True)
class Vocabulary:
    """What names may stand for in the expressions of one rule."""

    model: type[DocumentPart]
    lists: Mapping[str, Sequence[str]] = field(default_factory=dict)
    categories: frozenset[str] = frozenset()
    values: Mapping[str, Expression] = field(default_factory=dict)
    table: str = ""
    """The table whose lines are looked at one by one."""

    def names(self) -> list[str]:
        """Return all of them, for the sake of who mistyped one."""
        line = lines_of(self.model)[self.table] if self.table else None
        own = [*cells_of(line), *line.model_computed_fields] if line else []
        return [*own, *cells_of(self.model), *lines_of(self.model), *self.values, *self.lists, "today"]


def parse(text: str, vocabulary: Vocabulary) -> Expression:
    """Return the expression that a text means; ExpressionError where it means none."""
    if len(text) > _LONGEST:
        raise ExpressionError("too_long", most=_LONGEST)
    try:
        # a pattern's backslashes stand for themselves
        tree = ast.parse(text.strip().replace("\\", "\\\\"), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ExpressionError("syntax", column=getattr(error, "offset", 0) or 1) from None
    if _depth(tree) > _DEEPEST:
        raise ExpressionError("too_deep", most=_DEEPEST)
    return _Parser(vocabulary).expression(tree.body)


def _depth(tree: ast.AST) -> int:
    """Return how many parts stand within each other at most."""
    level, depth = [tree], 0
    while level:
        level, depth = [part for node in level for part in ast.iter_child_nodes(node)], depth + 1
    return depth


def parse_condition(text: str, vocabulary: Vocabulary) -> Expression:
    """Return an expression that is true or false."""
    found = parse(text, vocabulary)
    if found.kind is not Kind.YES_NO:
        raise ExpressionError("condition_wanted")
    return found


class _Parser:
    def __init__(self, vocabulary: Vocabulary) -> None:
        self._known = vocabulary

    def expression(self, node: ast.expr) -> Expression:
        """Return what a part means."""
        for kind, meaning in _MEANINGS.items():
            if isinstance(node, kind):
                return meaning(self, node)
        raise _refused(node)

    def name(self, node: ast.Name) -> Expression:
        known = self._known
        found = cell(known.model, node.id, known.table) if known.table else None
        found = found or cell(known.model, node.id) or known.values.get(node.id)
        if found is None and node.id == "today":
            found = Expression(Kind.DATE, lambda place: place.facts.today)
        if found is not None:
            return replace(found, accepts=self._category) if node.id == FEE_CODE else found
        if node.id in lines_of(known.model):
            raise ExpressionError("lines_wanted_once", name=node.id)
        if node.id in known.lists:
            raise ExpressionError("list_out_of_place", name=node.id)
        raise unknown_name(node.id, known.names())

    def attribute(self, node: ast.Attribute) -> Expression:
        owner = node.value.id if isinstance(node.value, ast.Name) else ""
        if owner == DOCUMENT:
            found = cell(self._known.model, node.attr)
            if found is None:
                raise unknown_name(node.attr, cells_of(self._known.model))
            return found
        if owner in lines_of(self._known.model):
            raise ExpressionError("lines_wanted_once", name=owner)
        raise _refused(node)

    def literal(self, node: ast.Constant) -> Expression:
        value = node.value
        if isinstance(value, bool):
            return constant(Kind.YES_NO, value)
        if isinstance(value, int | float):
            return constant(Kind.NUMBER, Decimal(str(value)))
        if isinstance(value, str):
            return constant(Kind.TEXT, value)
        raise _refused(node)

    def unary(self, node: ast.UnaryOp) -> Expression:
        inner = self.expression(node.operand)
        if isinstance(node.op, ast.Not) and inner.kind is Kind.YES_NO:
            return Expression(Kind.YES_NO, lambda place: not inner.compute(place), inner.cells)
        if isinstance(node.op, ast.USub) and inner.kind in NUMBERS:
            return calculate(constant(Kind.NUMBER, Decimal(-1)), "*", inner)
        raise _refused(node)

    def logical(self, node: ast.BoolOp) -> Expression:
        parts = [self.expression(each) for each in node.values]
        if any(part.kind is not Kind.YES_NO for part in parts):
            raise ExpressionError("condition_wanted")
        join = both if isinstance(node.op, ast.And) else either
        return join(parts)

    def arithmetic(self, node: ast.BinOp) -> Expression:
        symbol = _SYMBOLS.get(type(node.op))
        if symbol is None:
            raise _refused(node)
        return calculate(self.expression(node.left), symbol, self.expression(node.right))

    def comparison(self, node: ast.Compare) -> Expression:
        parts, left = [], node.left
        for sign, right in zip(node.ops, node.comparators, strict=True):
            symbol = _COMPARISONS.get(type(sign))
            if symbol is None:
                raise _refused(node)
            if symbol in ("in", "not in"):
                parts.append(compare(self.expression(left), symbol, self.several(right)))
            else:
                parts.append(compare(self.expression(left), symbol, [self.expression(right)]))
            left = right
        return parts[0] if len(parts) == 1 else both(parts)

    def several(self, node: ast.expr) -> list[Expression]:
        """Return what a list holds: one written out, or one of the file's lists."""
        if isinstance(node, ast.List | ast.Tuple):
            return [self.expression(each) for each in node.elts]
        if isinstance(node, ast.Name) and node.id in self._known.lists:
            return [constant(Kind.TEXT, each) for each in self._known.lists[node.id]]
        raise ExpressionError("list_wanted", lists=", ".join(self._known.lists) or "–")

    def call(self, node: ast.Call) -> Expression:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if node.keywords or name not in {*functions.OF_LINES, *functions.OF_VALUES, *functions.OF_TEXTS, "present"}:
            raise ExpressionError("unknown_function", name=name or ast.unparse(node.func), known=", ".join(FUNCTIONS))
        if name in functions.OF_LINES:
            return self._of_lines(name, node.args)
        if name in functions.OF_TEXTS:
            if len(node.args) != 2:
                raise ExpressionError("arguments", name=name)
            is_one = isinstance(node.args[1], ast.Constant)
            wanted = [self.expression(node.args[1])] if is_one else self.several(node.args[1])
            return functions.of_texts(name, self.expression(node.args[0]), wanted)
        if len(node.args) != 1:
            raise ExpressionError("arguments", name=name)
        inner = self.expression(node.args[0])
        return functions.present(inner) if name == "present" else functions.of_value(name, inner)

    def _of_lines(self, name: str, arguments: Sequence[ast.expr]) -> Expression:
        """Read `sum(items.amount, condition)`, `count(items, condition)` and their like."""
        if not 1 <= len(arguments) <= 2 or (name in ("any", "all") and len(arguments) != 2):
            raise ExpressionError("arguments", name=name)
        table, amount = self._target(name, arguments[0])
        is_same = self._known.table in ("", table)
        inner = _Parser(replace(self._known, table=table, values=self._known.values if is_same else {}))
        condition = inner.expression(arguments[1]) if len(arguments) == 2 else None
        if condition is not None and condition.kind is not Kind.YES_NO:
            raise ExpressionError("condition_wanted")
        return functions.of_lines(name, table, amount, condition)

    def _target(self, name: str, node: ast.expr) -> tuple[str, Expression | None]:
        """Return the table that a function goes over, and which cell of its lines it computes with."""
        of_cell = name in functions.OF_CELLS
        owner = node.value if isinstance(node, ast.Attribute) and of_cell else node
        table = owner.id if isinstance(owner, ast.Name) else ""
        if table not in lines_of(self._known.model) or of_cell is not isinstance(node, ast.Attribute):
            raise ExpressionError("cell_of_lines_wanted" if of_cell else "table_wanted", name=name)
        if not isinstance(node, ast.Attribute):
            return table, None
        amount = cell(self._known.model, node.attr, table)
        if amount is None:
            raise unknown_name(node.attr, cells_of(lines_of(self._known.model)[table]))
        if amount.kind not in NUMBERS:
            raise ExpressionError("kind_wanted", name=name, kind=Kind.NUMBER.value, found=amount.kind.value)
        return table, amount

    def _category(self, text: str) -> str:
        if text not in self._known.categories:
            raise ValueError(text)
        return text


def unknown_name(name: str, known: "Sequence[str] | Mapping[str, object]") -> ExpressionError:
    """Return the error for a name that stands for nothing, with those that are near it."""
    near = get_close_matches(name, list(known), n=3, cutoff=0.5)
    return ExpressionError("unknown_name", name=name, near=", ".join(near or sorted(known)))


def _refused(node: ast.AST) -> ExpressionError:
    return ExpressionError("not_allowed", part=ast.unparse(node)[:60])


FUNCTIONS = (*functions.OF_LINES, *functions.OF_TEXTS, "present", *functions.OF_VALUES)
"""The names of all functions, for a message and a test of the docs."""
_SYMBOLS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
_COMPARISONS = {ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.In: "in",
                ast.NotIn: "not in"}  # fmt: skip
_MEANINGS: dict[type[ast.expr], Callable[..., Expression]] = {
    ast.Name: _Parser.name, ast.Attribute: _Parser.attribute, ast.Constant: _Parser.literal, ast.UnaryOp: _Parser.unary,
    ast.BoolOp: _Parser.logical, ast.BinOp: _Parser.arithmetic, ast.Compare: _Parser.comparison,
    ast.Call: _Parser.call,
}  # fmt: skip
