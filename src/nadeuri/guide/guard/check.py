"""From a model's text to a query that may be run, or a refusal.

The text that is run is written from the syntax tree, never copied: what the tree has no class for
cannot be in it. The guard is one wall of several; the query still runs on a read-only copy, in a
process that is killed when its time is over.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from nadeuri.guide.guard import tree
from nadeuri.guide.guard.clauses import parse
from nadeuri.guide.guard.directions import directed
from nadeuri.guide.guard.door import query_text
from nadeuri.guide.guard.growth import check_growth
from nadeuri.guide.guard.limits import Limits
from nadeuri.guide.guard.refusals import Refusal, RefusedError
from nadeuri.guide.guard.rows import check_rows
from nadeuri.guide.guard.schema import Schema
from nadeuri.guide.guard.shape import check_shape
from nadeuri.guide.guard.tokens import tokens_of
from nadeuri.guide.guard.write import written

DEFAULT_LIMITS = Limits()


@dataclass(frozen=True)
class GuardedQuery:
    """A query that may be run.

    Attributes:
        text: Cypher on one line, with a LIMIT.
        parameters: those that it uses, sorted.
        turned: one line for every arrow that pointed the wrong way and was turned.
    """

    text: str
    parameters: tuple[str, ...]
    turned: tuple[str, ...]


def guard(
    text: str,
    schema: Schema,
    *,
    parameters: Collection[str] = (),
    limits: Limits = DEFAULT_LIMITS,
) -> GuardedQuery | Refusal:
    """Judge what a language model wrote.

    Args:
        text: its whole answer: a query, perhaps in a Markdown fence with prose around it.
        schema: of the graph that would be asked.
        parameters: names of the parameters that the query may use.
        limits: how large it may be.

    Returns:
        The query to run, or why it is not run. Whatever the text is, nothing is raised.
    """
    try:
        query = parse(tokens_of(query_text(text, limits), limits), limits)
        check_shape(query, limits)
        named = directed(query, schema, parameters)
        check_rows(query, limits)
        check_growth(query, limits)
    except RefusedError as error:
        return error.refusal
    text = written(bounded(named.query, limits))
    return GuardedQuery(text, named.parameters, named.turned)


def bounded(query: tree.Query, limits: Limits) -> tree.Query:
    """The query with a LIMIT of at most ``limits.rows`` on the RETURN of every branch."""
    branches = []
    for *clauses, last in query.branches:
        assert isinstance(last, tree.Return)
        limit = last.projection.limit
        rows = limits.rows if limit is None else min(limit, limits.rows)
        projection = replace(last.projection, limit=rows)
        branches.append((*clauses, tree.Return(projection)))
    return replace(query, branches=tuple(branches))
