"""Which labels and types the nodes and relationships of patterns can have, by the schema.

A node may have any label at first; the labels that are written and the relationships that the graph
has narrow that down, until nothing changes (arc consistency). A pattern for which nothing is left
can match nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from nadeuri.guide.guard import tree
from nadeuri.guide.guard.bindings import VALUE, ManyOf, NodeOf, RelationshipOf, Scope
from nadeuri.guide.guard.refusals import (
    IMPOSSIBLE_PATTERN,
    UNKNOWN_LABEL,
    UNKNOWN_RELATIONSHIP,
    RefusedError,
    listed,
    shown,
)
from nadeuri.guide.guard.schema import Schema

Labels = frozenset[str]
Place = tuple[int, int]  # path, node in it


class WrongDirectionError(RefusedError):
    """A pattern matches nothing only because ``relation`` points the wrong way."""

    def __init__(self, relation: tree.Relation, message: str) -> None:
        super().__init__(IMPOSSIBLE_PATTERN, message)
        self.relation = relation


def narrowed(paths: Iterable[tree.Path], scope: Scope, schema: Schema) -> Scope:
    """The scope after patterns: their variables added, those that were bound before narrowed.

    Raises:
        WrongDirectionError: a pattern matches nothing, but would with an arrow turned.
        RefusedError: a label or type is not in the schema, or a pattern matches nothing.
    """
    return _Narrowing(tuple(paths), scope, schema).scope()


def check_label(label: str, schema: Schema) -> None:
    """Refuse a label that the schema does not have.

    Raises:
        RefusedError: it does not; those that it has are named.
    """
    if label not in schema.labels:
        raise RefusedError(
            UNKNOWN_LABEL,
            f"there is no label {shown(label)}; there are {listed(schema.labels)}",
        )


class _Narrowing:
    """Labels of every node of some patterns; nodes of one name share them."""

    def __init__(self, paths: tuple[tree.Path, ...], scope: Scope, schema: Schema) -> None:
        self.paths, self.schema, self.before = paths, schema, scope
        self.labels: dict[str | Place, Labels] = {}
        for number, path in enumerate(paths):
            for index, node in enumerate(path.nodes):
                self._declare(_key(number, index, node), node)
            for relation in path.relations:
                _check_types(relation, schema)

    def scope(self) -> Scope:
        """Narrow until nothing changes."""
        changed = True
        while changed:
            changed = False
            for number, path in enumerate(self.paths):
                for index, relation in enumerate(path.relations):
                    left = _key(number, index, path.nodes[index])
                    right = _key(number, index + 1, path.nodes[index + 1])
                    changed |= self._narrow(left, relation, right)
        self._refuse_anything()
        scope = dict(self.before)
        for key, labels in self.labels.items():
            if isinstance(key, str):
                scope[key] = NodeOf(labels)
        for number, path in enumerate(self.paths):
            for index, relation in enumerate(path.relations):
                if relation.variable is not None:
                    ends = (
                        self.labels[_key(number, at, path.nodes[at])] for at in (index, index + 1)
                    )
                    found = RelationshipOf(self._types(relation, *ends))
                    scope[relation.variable] = ManyOf(found) if relation.hops else found
            if path.variable is not None:
                scope[path.variable] = VALUE
        return scope

    def _refuse_anything(self) -> None:
        """Refuse a node alone that may be anything: in the database are labels that the schema
        does not speak of, such as those of its own book-keeping."""
        for number, path in enumerate(self.paths):
            key = _key(number, 0, path.nodes[0])
            bare = not path.relations and not path.nodes[0].labels and key not in self.before
            if bare and self.labels[key] == Labels(self.schema.labels):
                known = listed(self.schema.labels)
                raise RefusedError(
                    UNKNOWN_LABEL, f"a node that stands alone needs a label; there are {known}"
                )

    def _declare(self, key: str | Place, node: tree.Node) -> None:
        for label in node.labels:
            check_label(label, self.schema)
        labels = self.labels.get(key)
        if labels is None:
            bound = self.before.get(key) if isinstance(key, str) else None
            labels = bound.labels if isinstance(bound, NodeOf) else Labels(self.schema.labels)
        if node.labels:
            labels &= Labels(node.labels)
            if not labels:
                raise RefusedError(
                    IMPOSSIBLE_PATTERN,
                    f"{node.variable} has another label before; it cannot be {node.labels[0]} too",
                )
        self.labels[key] = labels

    def _narrow(self, left: str | Place, relation: tree.Relation, right: str | Place) -> bool:
        before = self.labels[left], self.labels[right]
        steps = self._steps(relation, relation.direction)
        after = _reached(before[1], [(b, a) for a, b in steps], relation, before[0])
        if after:
            self.labels[left] = after
            self.labels[right] = _reached(after, steps, relation, before[1])
        if not after or not self.labels[right]:
            raise self._impossible(before[0], relation, before[1])
        return (self.labels[left], self.labels[right]) != before

    def _steps(self, relation: tree.Relation, direction: str) -> list[tuple[str, str]]:
        """``(left label, right label)`` that one hop of a relationship joins."""
        forward = [
            pair for name in self._names(relation) for pair in self.schema.relationships[name].pairs
        ]
        backward = [(b, a) for a, b in forward]
        return {"right": forward, "left": backward, "both": forward + backward}[direction]

    def _types(self, relation: tree.Relation, left: Labels, right: Labels) -> frozenset[str]:
        """Types that a relationship can have between such nodes; all where paths are longer."""
        names = self._names(relation)
        if relation.hops is not None:
            return frozenset(names)
        return frozenset(
            name
            for name in names
            for a, b in self.schema.relationships[name].pairs
            if (relation.direction != "left" and a in left and b in right)
            or (relation.direction != "right" and b in left and a in right)
        )

    def _names(self, relation: tree.Relation) -> Collection[str]:
        """Types that are written, or that the bound relationship has, or all."""
        bound = self.before.get(relation.variable) if relation.variable else None
        if not relation.types and isinstance(bound, RelationshipOf):
            return bound.types
        return relation.types or self.schema.relationships

    def _impossible(self, left: Labels, relation: tree.Relation, right: Labels) -> RefusedError:
        types = "|".join(relation.types) or "any type"
        between = f"{_either(left)} and {_either(right)}"
        flipped = [(b, a) for a, b in self._steps(relation, relation.direction)]
        if _reached(left, flipped, relation, right):
            return WrongDirectionError(
                relation, f"{types} points the other way between {between}; turn the arrow"
            )
        known = listed(
            f"(:{a})-[:{name}]->(:{b})"
            for name in relation.types
            for a, b in self.schema.relationships[name].pairs
        )
        hint = f"; there is {known}" if known else ""
        return RefusedError(
            IMPOSSIBLE_PATTERN, f"there is no relationship {types} between {between}{hint}"
        )


def _key(number: int, index: int, node: tree.Node) -> str | Place:
    return (number, index) if node.variable is None else node.variable


def _reached(
    start: Labels,
    steps: Collection[tuple[str, str]],
    relation: tree.Relation,
    among: Labels,
) -> Labels:
    """Labels of ``among`` that the relationship's hops lead to."""
    least, most = relation.hops or (1, 1)
    current, found = start, start if least == 0 else Labels()
    for hop in range(1, most + 1):
        current = Labels(b for a, b in steps if a in current)
        if hop >= least:
            found |= current
    return found & among


def _check_types(relation: tree.Relation, schema: Schema) -> None:
    for name in relation.types:
        if name not in schema.relationships:
            raise RefusedError(
                UNKNOWN_RELATIONSHIP,
                f"there is no relationship {shown(name)}; there are {listed(schema.relationships)}",
            )


def _either(labels: Labels) -> str:
    return "|".join(sorted(labels)) if len(labels) <= 4 else "any label"
