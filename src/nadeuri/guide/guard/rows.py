"""No cartesian products: patterns and lists that nothing connects multiply each other's rows."""

from __future__ import annotations

from collections.abc import Iterator

from nadeuri.guide.guard import functions, tree
from nadeuri.guide.guard.limits import Limits
from nadeuri.guide.guard.refusals import CARTESIAN, RefusedError
from nadeuri.guide.guard.shape import range_items

_FEW = 100  # rows behind a LIMIT that another pattern may multiply
_STORED = 10  # elements of a stored list, about


def check_rows(query: tree.Query, limits: Limits) -> None:
    """Refuse a query in which two sources of many rows are combined freely.

    A pattern is connected by a variable it shares with what was bound before, or by an equality;
    one that is pinned to given values counts as few rows. After an aggregation without groups, or
    a small LIMIT, there are few rows again.

    Raises:
        RefusedError: there are two free sources of rows, or too many patterns side by side.
    """
    for branch in query.branches:
        rows = _Rows(limits)
        for clause in branch:
            rows.take(clause)


class _Rows:
    """Counts free sources of rows along the clauses of a branch.

    ``gathered``: names of lists that hold many rows. ``folded``: those of them that the last
    projection collected in groups; unwinding one brings back the rows that there were, once and
    before anything is matched. ``times``: how often other lists have repeated every row.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.bound: set[str] = set()
        self.gathered: set[str] = set()
        self.folded: set[str] = set()
        self.free = 0
        self.times = 1

    def take(self, clause: tree.Clause) -> None:
        """Count what a clause adds.

        Raises:
            RefusedError: it multiplies many rows with many.
        """
        before = self.bound
        match clause:
            case tree.Match():
                self._add(_free_components(clause, self.bound, self.limits))
                self.bound = self.bound | _variables(clause)
                self.folded = set()
            case tree.Unwind(source, variable):
                self._unwind(source)
                self.bound = self.bound | {variable}
            case tree.With(projection) | tree.Return(projection):
                self._project(projection)
        self._check_subqueries(clause, before | self.bound)

    def _add(self, sources: int) -> None:
        self.free += sources
        if self.free > 1:
            raise RefusedError(
                CARTESIAN,
                "patterns or lists that nothing connects multiply each other: "
                "connect them by a relationship or by equal values",
            )

    def _unwind(self, source: tree.Expression) -> None:
        if not self._gathers(source):
            self._repeat(_length(source, self.limits))
        else:
            self._add(0 if _names(source) & self.folded else 1)
            self.folded = set()

    def _repeat(self, times: int) -> None:
        self.times *= times
        if self.times > self.limits.range_items:
            raise RefusedError(
                CARTESIAN,
                f"UNWIND repeats every row more than {self.limits.range_items} times",
            )

    def _gathers(self, expression: tree.Expression) -> bool:
        """Whether it may be a list of many rows."""
        return any(
            isinstance(node, tree.PatternList)
            or (isinstance(node, tree.Call) and node.name == functions.COLLECT)
            or (isinstance(node, tree.Variable) and node.name in self.gathered)
            for node in tree.walk(expression)
        )

    def _project(self, projection: tree.Projection) -> None:
        items = {
            alias or (item.name if isinstance(item, tree.Variable) else f"#{number}"): item
            for number, (item, alias) in enumerate(projection.items)
        }
        aggregates = any(map(_aggregates, items.values())) and not projection.everything
        in_one = aggregates and not any(map(_makes_groups, items.values()))
        if in_one or (projection.limit is not None and projection.limit <= _FEW):
            self.free, self.times = 0, 1
        names = set(items)
        gathered = {name for name, item in items.items() if self._gathers(item)}
        if projection.everything:
            names, gathered = names | self.bound, gathered | self.gathered
        if aggregates:
            collected = {name for name in gathered if _aggregates(items[name])}
            self.folded = set() if in_one else collected
        self.bound, self.gathered, self.folded = names, gathered, self.folded & names

    def _check_subqueries(self, item: object, bound: set[str]) -> None:
        """Patterns inside expressions run for every row: they must be connected or pinned."""
        for inner in _subqueries(item):
            inside = set(bound)
            matches = (
                inner.matches
                if isinstance(inner, tree.Subquery)
                else (tree.Match(False, (inner.path,), inner.where),)
            )
            for match in matches:
                if _free_components(match, inside, self.limits):
                    raise RefusedError(
                        CARTESIAN, "a subquery's pattern shares no variable with the query around"
                    )
                inside |= _variables(match)
                self._check_subqueries(match, inside)


def _length(source: tree.Expression, limits: Limits) -> int:
    """How many elements a list has that is written out, a range, a parameter or stored."""
    match source:
        case tree.ListLiteral(items):
            return max(1, len(items))
        case tree.Call(functions.RANGE):
            return range_items(source, limits) or _STORED
        case _:
            return _STORED


def _free_components(match: tree.Match, bound: set[str], limits: Limits) -> int:
    """Groups of patterns that neither variables nor equalities nor given values hold."""
    keys = [f"#{number}" for number in range(len(match.paths))]  # no variable is called so
    groups = [{key, *tree.variables(path)} for key, path in zip(keys, match.paths, strict=True)]
    equal, pinned = _equalities(match.where)
    for key, path in zip(keys, match.paths, strict=True):
        for node in path.nodes:
            for _, value in node.properties:
                if names := _names(value):
                    equal.append({key} | names)
                else:
                    pinned.add(key)
    components: list[set[str]] = []
    for group in [*groups, *equal]:
        apart = [other for other in components if not other & group]
        joined = group.union(*(other for other in components if other & group))
        components = [*apart, joined]
    components = [group for group in components if not group.isdisjoint(keys)]
    if len(components) > limits.components:
        raise RefusedError(
            CARTESIAN, f"a MATCH has {len(components)} patterns that nothing connects"
        )
    return sum(not group & bound and not group & pinned for group in components)


def _variables(match: tree.Match) -> set[str]:
    return {name for path in match.paths for name in tree.variables(path)}


def _equalities(where: tree.Expression | None) -> tuple[list[set[str]], set[str]]:
    """Pairs of names whose values are equal, and names pinned to given values, by a WHERE.

    Only plain comparisons of stored values count: ``a.rating * 0 = 0`` holds nothing.
    """
    equal: list[set[str]] = []
    pinned: set[str] = set()
    for condition in _conjuncts(where):
        match condition:
            case tree.Chain(tree.COMPARE, left, (("=" | "IN" as operator, right),)):
                owners = _owner(left), _owner(right)
                if owners[0] and owners[1]:
                    equal.append({owners[0], owners[1]})
                elif owners[0] and not _names(right):
                    pinned.add(owners[0])
                elif owners[1] and operator == "=" and not _names(left):
                    pinned.add(owners[1])
    return equal, pinned


def _owner(expression: tree.Expression | None) -> str | None:
    """The variable whose stored value this is, in any case or shifted; None for anything else."""
    match expression:
        case tree.Variable(name) | tree.Property(tree.Variable(name)):
            return name
        case tree.Call("toLower" | "toUpper" | "lower" | "upper", (inner,)):
            return _owner(inner)
        case tree.Chain(tree.ADD, inner, rest) if all(
            isinstance(operand, tree.Number) for _, operand in rest
        ):
            return _owner(inner)
        case _:
            return None


def _conjuncts(where: tree.Expression | None) -> tuple[tree.Expression, ...]:
    if isinstance(where, tree.Chain) and where.level == tree.AND:
        rest = (operand for _, operand in where.rest if operand is not None)
        return (where.first, *rest)
    return () if where is None else (where,)


def _names(expression: tree.Expression | None) -> set[str]:
    return {node.name for node in tree.walk(expression) if isinstance(node, tree.Variable)}


def _aggregates(expression: tree.Expression | None) -> bool:
    return any(map(_is_aggregate, tree.walk(expression)))


def _makes_groups(expression: tree.Expression) -> bool:
    """Whether something outside its aggregations differs from row to row."""
    return any(
        isinstance(node, tree.Variable | tree.LabelTest | tree.Subquery | tree.PatternList)
        for node in tree.walk(expression, stop=_is_aggregate)
    )


def _is_aggregate(node: tree.Tree) -> bool:
    return isinstance(node, tree.CountRows) or (
        isinstance(node, tree.Call) and node.name in functions.AGGREGATES
    )


def _subqueries(item: object) -> Iterator[tree.Subquery | tree.PatternList]:
    """Subqueries and pattern lists in a tree, not those inside them."""
    for node in tree.walk(item, stop=_is_subquery):
        if isinstance(node, tree.Subquery | tree.PatternList):
            yield node


def _is_subquery(node: tree.Tree) -> bool:
    return isinstance(node, tree.Subquery | tree.PatternList)
