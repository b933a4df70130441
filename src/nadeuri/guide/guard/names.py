"""Every name of a query means something: variables, parameters, labels, types and properties."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from nadeuri.guide.guard import functions, tree
from nadeuri.guide.guard.bindings import (
    VALUE,
    Binding,
    FieldsOf,
    ManyOf,
    NodeOf,
    RelationshipOf,
    Scope,
    element_of,
    first_told,
)
from nadeuri.guide.guard.narrowing import check_label, narrowed
from nadeuri.guide.guard.refusals import (
    UNKNOWN_PARAMETER,
    UNKNOWN_PROPERTY,
    UNKNOWN_VARIABLE,
    RefusedError,
    listed,
    shown,
)
from nadeuri.guide.guard.schema import Schema


def check_names(query: tree.Query, schema: Schema, parameters: Collection[str]) -> tuple[str, ...]:
    """Check the names of a query; returns the parameters that it uses, sorted.

    Args:
        parameters: those that may be used.

    Raises:
        WrongDirectionError: a pattern can match nothing as long as an arrow is not turned.
        RefusedError: a name is unknown where it stands, or a pattern can match nothing.
    """
    checker = _Names(schema, frozenset(parameters))
    for branch in query.branches:
        checker.branch(branch)
    return tuple(sorted(checker.used))


class _Names:
    def __init__(self, schema: Schema, parameters: frozenset[str]) -> None:
        self.schema, self.parameters = schema, parameters
        self.used: set[str] = set()

    def branch(self, clauses: Iterable[tree.Clause]) -> None:
        scope: Scope = {}
        for clause in clauses:
            scope = self._clause(clause, scope)

    def _clause(self, clause: tree.Clause, scope: Scope) -> Scope:
        """The scope behind a clause."""
        match clause:
            case tree.Match():
                return self._match(clause, scope)
            case tree.Unwind(source, variable):
                return {**scope, variable: element_of(self._binding(source, scope))}
            case tree.With(projection, where):
                inner, outer = self._projection(projection, scope)
                self._optional(where, inner)
                return outer
            case tree.Return(projection):
                return self._projection(projection, scope)[1]

    def _match(self, match: tree.Match, scope: Scope) -> Scope:
        scope = self._patterns(match.paths, scope)
        self._optional(match.where, scope)
        return scope

    def _patterns(self, paths: Sequence[tree.Path], scope: Scope) -> Scope:
        scope = narrowed(paths, scope, self.schema)
        everywhere = NodeOf(frozenset(self.schema.labels))
        for path in paths:
            for node in path.nodes:
                owner = scope[node.variable] if node.variable else _declared(node, everywhere)
                self._entries(node.properties, owner, scope)
            for relation in path.relations:
                types = relation.types or tuple(self.schema.relationships)
                self._entries(relation.properties, RelationshipOf(frozenset(types)), scope)
        return scope

    def _entries(
        self, entries: Iterable[tuple[str, tree.Expression]], owner: Binding, scope: Scope
    ) -> None:
        for key, value in entries:
            self._property(owner, key)
            self._binding(value, scope)

    def _projection(self, projection: tree.Projection, scope: Scope) -> tuple[Scope, Scope]:
        """The scope of ORDER BY and WHERE, which see both sides, and the one behind."""
        outer: Scope = dict(scope) if projection.everything else {}
        for expression, name in projection.items:
            binding = self._binding(expression, scope)
            if name is not None:
                outer[name] = binding
            elif isinstance(expression, tree.Variable):
                outer[expression.name] = binding
        # ORDER BY may still say n.name where n became an alias of n.name
        inner = {name: first_told([outer.get(name, VALUE), told]) for name, told in scope.items()}
        inner = {**outer, **inner}
        for expression, _ in projection.order:
            self._binding(expression, inner)
        return inner, outer

    def _optional(self, expression: tree.Expression | None, scope: Scope) -> None:
        if expression is not None:
            self._binding(expression, scope)

    def _binding(self, expression: tree.Expression, scope: Scope) -> Binding:
        """Check an expression; returns what it stands for."""
        match expression:
            case tree.Parameter(name):
                return self._parameter(name)
            case tree.Variable(name):
                return _variable(name, scope)
            case tree.LabelTest(variable, label):
                _variable(variable, scope)
                check_label(label, self.schema)
                return VALUE
            case tree.Property(owner, key):
                return self._property(self._binding(owner, scope), key)
            case tree.Index(owner, position):
                self._binding(position, scope)
                return _element(self._binding(owner, scope), position)
            case tree.Slice(owner, start, end):
                self._optional(start, scope)
                self._optional(end, scope)
                return self._binding(owner, scope)
            case tree.ListLiteral(items):
                return ManyOf(first_told([self._binding(item, scope) for item in items]))
            case tree.MapLiteral(entries):
                return FieldsOf({key: self._binding(value, scope) for key, value in entries})
            case tree.Call():
                return self._call(expression, scope)
            case tree.Case():
                return self._case(expression, scope)
            case tree.Loop() | tree.PatternList() | tree.Subquery():
                return self._inner(expression, scope)
            case tree.Not(operand) | tree.Negative(operand):
                self._binding(operand, scope)
                return VALUE
            case tree.Chain(_, first, rest):
                told = self._binding(first, scope)
                for _, right in rest:
                    self._optional(right, scope)
                return told if isinstance(told, ManyOf) and rest[0][0] == "+" else VALUE
            case _:
                return VALUE

    def _inner(
        self, expression: tree.Loop | tree.PatternList | tree.Subquery, scope: Scope
    ) -> Binding:
        """An expression with a scope of its own."""
        match expression:
            case tree.Loop(kind, variable, source, where, result):
                element = element_of(self._binding(source, scope))
                inner = {**scope, variable: element}
                self._optional(where, inner)
                if kind != "list":
                    return VALUE
                return ManyOf(element if result is None else self._binding(result, inner))
            case tree.PatternList(path, where, result):
                inner = self._patterns((path,), scope)
                self._optional(where, inner)
                return ManyOf(self._binding(result, inner))
            case tree.Subquery(_, matches):
                for match in matches:
                    scope = self._match(match, scope)
                return VALUE

    def _call(self, call: tree.Call, scope: Scope) -> Binding:
        arguments = [self._binding(argument, scope) for argument in call.arguments]
        everywhere = NodeOf(frozenset(self.schema.labels))
        match call.name:
            case functions.COLLECT:
                return ManyOf(arguments[0])
            case functions.HEAD | functions.LAST:
                return element_of(arguments[0])
            case functions.TAIL | functions.REVERSE | functions.PROPERTIES:
                return arguments[0]
            case functions.COALESCE:
                return first_told(arguments)
            case functions.NODES:
                return ManyOf(everywhere)
            case functions.RELATIONSHIPS | functions.RELS:
                return ManyOf(RelationshipOf(frozenset(self.schema.relationships)))
            case functions.START_NODE | functions.END_NODE:
                return everywhere
            case _:
                return VALUE

    def _case(self, case: tree.Case, scope: Scope) -> Binding:
        self._optional(case.subject, scope)
        results = []
        for condition, result in case.branches:
            self._binding(condition, scope)
            results.append(self._binding(result, scope))
        if case.default is not None:
            results.append(self._binding(case.default, scope))
        return first_told(results)

    def _parameter(self, name: str) -> Binding:
        if name not in self.parameters:
            known = listed(f"${name}" for name in self.parameters) or "none"
            raise RefusedError(UNKNOWN_PARAMETER, f"{shown(name)} is not given; there is {known}")
        self.used.add(name)
        return VALUE

    def _property(self, owner: Binding, key: str) -> Binding:
        """What ``owner.key`` stands for."""
        match owner:
            case NodeOf(labels):
                known = {name for label in labels for name in self.schema.labels[label]}
                whose = "|".join(sorted(labels)) if len(labels) <= 4 else "any node"
            case RelationshipOf(types):
                known = {name for t in types for name in self.schema.relationships[t].properties}
                whose = "|".join(sorted(types)) if len(types) <= 4 else "any relationship"
            case FieldsOf(fields):
                if key in fields:
                    return fields[key]
                known, whose = set(fields), "the map"
            case ManyOf():
                known, whose = set(), "a list"
            case _ if key.lower() in functions.COMPONENTS:
                return VALUE
            case _:
                known, whose = set(), "a value that is no node, relationship or map"
        if key not in known:
            hint = f"; it has {listed(known)}" if known else ""
            raise RefusedError(UNKNOWN_PROPERTY, f"{whose} has no property {shown(key)}{hint}")
        return VALUE


def _declared(node: tree.Node, everywhere: NodeOf) -> Binding:
    return NodeOf(frozenset(node.labels)) if node.labels else everywhere


def _variable(name: str, scope: Scope) -> Binding:
    if name not in scope:
        hint = f"; there are {listed(scope)}" if scope else ""
        raise RefusedError(UNKNOWN_VARIABLE, f"{shown(name)} is not bound here{hint}")
    return scope[name]


def _element(owner: Binding, position: tree.Expression) -> Binding:
    """What ``owner[position]`` stands for; of nodes it would be a property that nobody checks."""
    if isinstance(owner, NodeOf | RelationshipOf):
        raise RefusedError(
            UNKNOWN_PROPERTY, "write a property as n.name, so that it can be checked"
        )
    if isinstance(owner, FieldsOf) and isinstance(position, tree.Text):
        return owner.fields.get(position.value, VALUE)
    return element_of(owner)
