"""How large the parts of a query are: clauses, patterns, lists, ranges, regular expressions."""

from __future__ import annotations

import re
from collections.abc import Sequence

from nadeuri.guide.guard import functions, tree
from nadeuri.guide.guard.limits import Limits
from nadeuri.guide.guard.refusals import (
    REGEX,
    ROW_LIMIT,
    TOO_LARGE,
    TOO_MANY_PARTS,
    UNBOUNDED_PATH,
    RefusedError,
    shown,
)

_REGEX_FAULTS = (
    (re.compile(r"\)[*+{]"), "repeats a group"),
    (re.compile(r"\\[1-9k]"), "refers back to a group"),
    (re.compile(r"\(\?(?!i\)|:)"), "looks around"),
    (re.compile(r"(?:[*+{][^*+{]*){4}"), "repeats more than three times"),
)
"""What makes a backtracking matcher take exponential time, or polynomial of a high degree."""


def check_shape(query: tree.Query, limits: Limits) -> None:
    """Refuse a query with too many or too large parts.

    Raises:
        RefusedError: it is too large; the part and its limit are named.
    """
    nodes = list(tree.walk(query))
    paths = [node for node in nodes if isinstance(node, tree.Path)]
    clauses = (tree.Match, tree.Unwind, tree.With, tree.Return)
    subqueries = (tree.Subquery, tree.PatternList)
    loops = [node for node in nodes if isinstance(node, tree.Loop)]
    for count, limit, what in (
        (len(query.branches), limits.unions, "UNION branches"),
        (sum(isinstance(node, clauses) for node in nodes), limits.clauses, "clauses"),
        (len(paths), limits.paths, "patterns"),
        (sum(map(_hops, paths)), limits.hops, "relationships in its patterns"),
        (sum(isinstance(node, subqueries) for node in nodes), limits.subqueries, "subqueries"),
        (len(loops), limits.loops, "list comprehensions"),
    ):
        if count > limit:
            raise RefusedError(TOO_MANY_PARTS, f"the query has {count} {what}; at most {limit}")
    for loop in loops:
        if sum(isinstance(node, tree.Loop) for node in tree.walk(loop)) > 1:
            raise RefusedError(
                TOO_MANY_PARTS, "a list comprehension inside another is not allowed; use WITH"
            )
    for node in nodes:
        _check_node(node, limits)


def range_items(call: tree.Call, limits: Limits) -> int | None:
    """How many numbers a ``range()`` makes; None where that follows the size of a list.

    Raises:
        RefusedError: too many, or bounds that are neither plain numbers nor sizes of lists.
    """
    bounds = [_integer(argument) for argument in call.arguments]
    step = bounds[2] if len(bounds) > 2 else 1
    if step and bounds[0] is not None and bounds[1] is not None:
        count = max(0, (bounds[1] - bounds[0]) // step + 1)
        if count <= limits.range_items:
            return count
    elif step and bounds[0] is not None and _is_size(call.arguments[1]):
        return None
    raise RefusedError(
        TOO_LARGE,
        f"range() takes plain numbers and makes at most {limits.range_items} of them",
    )


def _check_node(node: tree.Tree, limits: Limits) -> None:
    match node:
        case tree.ListLiteral(entries) | tree.MapLiteral(entries):
            _check_entries(entries, limits)
        case tree.Node(_, _, entries):
            _check_entries(entries, limits)
        case tree.Relation(_, types, _, hops, entries):
            if hops is not None and not types:
                raise RefusedError(
                    UNBOUNDED_PATH, "a path of several hops names its relationship types"
                )
            _check_entries(entries, limits)
        case tree.Call(functions.RANGE):
            range_items(node, limits)
        case tree.Chain(tree.COMPARE, _, rest):
            for operator, operand in rest:
                if operator == "=~":
                    _check_regex(operand, limits)
        case tree.Projection() if node.skip is not None and node.skip > limits.skip:
            raise RefusedError(ROW_LIMIT, f"SKIP passes over at most {limits.skip} rows")
        case _:
            pass


def _check_entries(entries: Sequence[object], limits: Limits) -> None:
    if len(entries) > limits.list_items:
        raise RefusedError(
            TOO_LARGE, f"a list has {len(entries)} elements; at most {limits.list_items}"
        )


def _check_regex(pattern: tree.Expression | None, limits: Limits) -> None:
    if not isinstance(pattern, tree.Text):
        raise RefusedError(REGEX, "a regular expression behind =~ is a plain string")
    if len(pattern.value) > limits.regex:
        raise RefusedError(REGEX, f"a regular expression has at most {limits.regex} characters")
    for fault, what in _REGEX_FAULTS:
        if fault.search(pattern.value):
            raise RefusedError(
                REGEX, f"the regular expression {shown(pattern.value)} {what}; use CONTAINS"
            )


def _hops(path: tree.Path) -> int:
    return sum(relation.hops[1] if relation.hops else 1 for relation in path.relations)


def _integer(expression: tree.Expression) -> int | None:
    match expression:
        case tree.Number(digits) if digits.isdigit():
            return int(digits)
        case tree.Negative(tree.Number(digits)) if digits.isdigit():
            return -int(digits)
        case _:
            return None


def _is_size(expression: tree.Expression) -> bool:
    """Whether it is the size of a list, perhaps with plain numbers added."""
    match expression:
        case tree.Call(functions.SIZE):
            return True
        case tree.Chain(tree.ADD, tree.Call(functions.SIZE), rest):
            return all(_integer(operand) is not None for _, operand in rest if operand is not None)
        case _:
            return False
