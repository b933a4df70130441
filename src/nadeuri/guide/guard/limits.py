"""How large a query may be. The defaults fit questions about places with room to spare."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Upper bounds, all inclusive.

    Attributes:
        text: characters of the model's whole answer, prose around the query included.
        query: characters of the query.
        tokens: of the query.
        depth: of parentheses, lists, calls and subqueries inside each other.
        clauses: of the whole query, those of subqueries included.
        unions: branches of a UNION.
        paths: patterns separated by commas or clauses, those of subqueries included.
        hops: relationships of all patterns together; a variable-length one counts its maximum.
        path_hops: of one variable-length relationship.
        subqueries: EXISTS, COUNT and pattern lists.
        loops: list comprehensions and any/all/none/single; one inside another is refused.
        list_items: of one literal list or map.
        string: characters of one literal string.
        regex: characters of one regular expression.
        range_items: numbers that one range() may make.
        growth: how many times larger than a stored value a computed one may become.
        components: patterns of a MATCH that nothing connects, where all but one are pinned to
            given values.
        rows: of a result; a larger or absent LIMIT becomes this.
        skip: rows that SKIP may pass over.
    """

    text: int = 16_000
    query: int = 4_000
    tokens: int = 600
    depth: int = 20
    clauses: int = 16
    unions: int = 4
    paths: int = 8
    hops: int = 8
    path_hops: int = 4
    subqueries: int = 8
    loops: int = 8
    list_items: int = 100
    string: int = 500
    regex: int = 200
    range_items: int = 1_000
    growth: int = 5_000
    components: int = 3
    rows: int = 100
    skip: int = 10_000
