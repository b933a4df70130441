"""Arrows that point the wrong way are turned: the commonest slip of models, and its only cure.

A relationship whose ends the schema knows the other way round only matches nothing as it is
written, so there is nothing else that it can mean. What was turned is reported.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import TypeVar, cast

from nadeuri.guide.guard import tree
from nadeuri.guide.guard.names import check_names
from nadeuri.guide.guard.narrowing import WrongDirectionError
from nadeuri.guide.guard.refusals import RefusedError
from nadeuri.guide.guard.schema import Schema

T = TypeVar("T")


@dataclass(frozen=True)
class NamedQuery:
    """A query whose names and directions agree with the schema.

    Attributes:
        parameters: those that it uses, sorted.
        turned: what was said about every arrow before it was turned.
    """

    query: tree.Query
    parameters: tuple[str, ...]
    turned: tuple[str, ...]


def directed(query: tree.Query, schema: Schema, parameters: Collection[str]) -> NamedQuery:
    """Check the names of a query, and turn its arrows where that is all that is wrong.

    Raises:
        RefusedError: something else is wrong, or turning an arrow does not help.
    """
    turned: list[tree.Relation] = []
    messages: list[str] = []
    while True:
        try:
            used = check_names(query, schema, parameters)
        except WrongDirectionError as error:
            if any(error.relation is relation for relation in turned):
                raise RefusedError(error.refusal.reason, error.refusal.message) from error
            turned.append(_turned(error.relation))
            messages.append(error.refusal.message)
            query = _replaced(query, error.relation, turned[-1])
        else:
            return NamedQuery(query, used, tuple(messages))


def _turned(relation: tree.Relation) -> tree.Relation:
    return replace(relation, direction="left" if relation.direction == "right" else "right")


def _replaced(item: T, old: tree.Relation, new: tree.Relation) -> T:
    """The tree with one relationship replaced: this very one, not another that is equal to it."""
    if item is old:
        return cast(T, new)
    if isinstance(item, tuple):
        return cast(T, tuple(_replaced(part, old, new) for part in item))
    if isinstance(item, tree.Tree):
        fields = {name: getattr(item, name) for name in item.__match_args__}
        return replace(
            item,  # type: ignore[type-var]
            **{name: _replaced(value, old, new) for name, value in fields.items()},
        )
    return item
