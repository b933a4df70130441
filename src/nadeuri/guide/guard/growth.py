"""How large computed values can become, in multiples of a stored value.

``WITH s + s AS s`` thirty times makes a billion of one: every clause is small, and so is the query.
Sizes are upper bounds that are carried from clause to clause.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from nadeuri.guide.guard import functions, tree
from nadeuri.guide.guard.limits import Limits
from nadeuri.guide.guard.refusals import TOO_LARGE, RefusedError
from nadeuri.guide.guard.shape import range_items

_GATHERED = 100
"""Stands for the unknown length of a collected list or a list that is given as a parameter."""
_CHARACTERS = 2  # of a literal string that count as much as a stored value


class Size(NamedTuple):
    """Of a value, and of one element where it is a list."""

    whole: int
    element: int


Sizes = dict[str, Size]
ONE = Size(1, 1)


def check_growth(query: tree.Query, limits: Limits) -> None:
    """Refuse a query that can make large values out of small ones.

    Raises:
        RefusedError: a value may become larger than ``limits.growth`` stored ones.
    """
    growth = _Growth(limits)
    for branch in query.branches:
        growth.branch(branch)


class _Growth:
    def __init__(self, limits: Limits) -> None:
        self.limits = limits

    def branch(self, clauses: Iterable[tree.Clause]) -> None:
        sizes: Sizes = {}
        for clause in clauses:
            match clause:
                case tree.Match():
                    sizes = self._match(clause, sizes)
                case tree.Unwind(source, variable):
                    element = self._size(source, sizes).element
                    sizes = {**sizes, variable: Size(element, element)}
                case tree.With(projection, where):
                    inner, sizes = self._projection(projection, sizes)
                    self._optional(where, inner)
                case tree.Return(projection):
                    self._projection(projection, sizes)

    def _match(self, match: tree.Match, sizes: Sizes) -> Sizes:
        sizes = self._paths(match.paths, sizes)
        self._optional(match.where, sizes)
        return sizes

    def _paths(self, paths: tuple[tree.Path, ...], sizes: Sizes) -> Sizes:
        for path in paths:
            sizes = {**dict.fromkeys(tree.variables(path), ONE), **sizes}
        for path in paths:
            parts: tuple[tree.Node | tree.Relation, ...] = (*path.nodes, *path.relations)
            for part in parts:
                for _, value in part.properties:
                    self._size(value, sizes)
        return sizes

    def _projection(self, projection: tree.Projection, sizes: Sizes) -> tuple[Sizes, Sizes]:
        outer = dict(sizes) if projection.everything else {}
        for expression, name in projection.items:
            size = self._size(expression, sizes)
            if name is not None:
                outer[name] = size
            elif isinstance(expression, tree.Variable):
                outer[expression.name] = size
        inner = {**sizes, **outer}
        for expression, _ in projection.order:
            self._size(expression, inner)
        return inner, outer

    def _optional(self, expression: tree.Expression | None, sizes: Sizes) -> None:
        if expression is not None:
            self._size(expression, sizes)

    def _size(self, expression: tree.Expression, sizes: Sizes) -> Size:
        size = self._unchecked(expression, sizes)
        if size.whole > self.limits.growth:
            raise RefusedError(
                TOO_LARGE, "an expression multiplies its values; compute less in one query"
            )
        return size

    def _unchecked(self, expression: tree.Expression, sizes: Sizes) -> Size:
        match expression:
            case tree.Text(value):
                return Size(1 + len(value) // _CHARACTERS, 1)
            case tree.Parameter():
                return Size(_GATHERED, 1)
            case tree.Variable(name):
                return sizes[name]
            case tree.Property(owner, _):
                whole = self._size(owner, sizes).whole
                return Size(whole, whole)
            case tree.Index(owner, position):
                self._size(position, sizes)
                element = self._size(owner, sizes).element
                return Size(element, element)
            case tree.Slice(owner, start, end):
                self._optional(start, sizes)
                self._optional(end, sizes)
                return self._size(owner, sizes)
            case tree.ListLiteral(items):
                return _together([self._size(item, sizes) for item in items], whole_element=True)
            case tree.MapLiteral(entries):
                values = [self._size(value, sizes) for _, value in entries]
                return _together(values, whole_element=True)
            case tree.Call():
                return self._call(expression, sizes)
            case tree.Case(subject, branches, default):
                self._optional(subject, sizes)
                for condition, _ in branches:
                    self._size(condition, sizes)
                results = [result for _, result in branches]
                results += [] if default is None else [default]
                return _together([self._size(result, sizes) for result in results])
            case tree.Loop() | tree.PatternList() | tree.Subquery():
                return self._inner(expression, sizes)
            case tree.Not(operand) | tree.Negative(operand):
                self._size(operand, sizes)
                return ONE
            case tree.Chain(level, first, rest):
                parts = [first, *(operand for _, operand in rest if operand is not None)]
                operands = [self._size(part, sizes) for part in parts]
                return _together(operands) if level == tree.ADD else ONE
            case _:
                return ONE

    def _inner(
        self, expression: tree.Loop | tree.PatternList | tree.Subquery, sizes: Sizes
    ) -> Size:
        match expression:
            case tree.Loop(kind, variable, source, where, result):
                over = self._size(source, sizes)
                inner = {**sizes, variable: Size(over.element, over.element)}
                self._optional(where, inner)
                if kind != "list":
                    return ONE
                if result is None:
                    return over
                element = self._size(result, inner).whole
                return Size(over.whole * element, element)
            case tree.PatternList(path, where, result):
                inner = self._paths((path,), sizes)
                self._optional(where, inner)
                element = self._size(result, inner).whole
                return Size(_GATHERED * element, element)
            case tree.Subquery(_, matches):
                for match in matches:
                    sizes = self._match(match, sizes)
                return ONE

    def _call(self, call: tree.Call, sizes: Sizes) -> Size:
        arguments = [self._size(argument, sizes) for argument in call.arguments]
        match call.name:
            case functions.COLLECT:
                return Size(_GATHERED * arguments[0].whole, arguments[0].whole)
            case functions.HEAD | functions.LAST:
                return Size(arguments[0].element, arguments[0].element)
            case functions.RANGE:
                count = range_items(call, self.limits)
                return Size(_together(arguments).whole if count is None else count, 1)
            case functions.REPLACE:
                whole = arguments[0].whole * arguments[2].whole
                return Size(whole, whole)
            case _:
                return _together(arguments)


def _together(sizes: list[Size], *, whole_element: bool = False) -> Size:
    """Size of several values put together; ``whole_element``: they are its elements."""
    elements = (size.whole if whole_element else size.element for size in sizes)
    return Size(max(1, sum(size.whole for size in sizes)), max(elements, default=1))
