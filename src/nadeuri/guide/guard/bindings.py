"""What a name or an expression stands for, as far as the schema can tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True)
class NodeOf:
    """A node of one of these labels."""

    labels: frozenset[str]


@dataclass(frozen=True)
class RelationshipOf:
    """A relationship of one of these types."""

    types: frozenset[str]


@dataclass(frozen=True)
class ManyOf:
    """A list of such elements."""

    element: Binding


@dataclass(frozen=True)
class FieldsOf:
    """A map with these keys."""

    fields: Mapping[str, Binding]


@dataclass(frozen=True)
class Value:
    """Anything else: a stored value, a computed one, a path, or what cannot be told."""


VALUE = Value()
Binding: TypeAlias = NodeOf | RelationshipOf | ManyOf | FieldsOf | Value
Scope: TypeAlias = dict[str, Binding]


def element_of(binding: Binding) -> Binding:
    """What a list's elements stand for."""
    return binding.element if isinstance(binding, ManyOf) else VALUE


def first_told(bindings: list[Binding]) -> Binding:
    """The first that says more than :data:`VALUE`."""
    return next((binding for binding in bindings if binding != VALUE), VALUE)
