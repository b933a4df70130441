"""How many places a version of the mapping has, by what was decided and by whom."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from nadeuri.match.store.tables import DECISIONS, SINCE, UNTIL


@dataclass(frozen=True)
class Tally:
    """Places of one version with the same kind of decision.

    Attributes:
        decision: of ``columns.DECISIONS``.
        source: ``columns.SCORER``, ``LLM`` or ``PERSON``.
        model: of the source; None of people.
    """

    version: int
    decision: str
    source: str
    model: str | None
    n_places: int


def tallies(connection: Connection, versions: Collection[int]) -> list[Tally]:
    """Those of ``versions``, by number; a version without places has none.

    The decisions are read once, however many versions are asked for.
    """
    since, until = DECISIONS.c[SINCE], DECISIONS.c[UNTIL]
    what = (since, until, DECISIONS.c.decision, DECISIONS.c.source, DECISIONS.c.model)
    query = (
        select(*what, func.count())
        .where(since <= max(versions, default=0))
        .group_by(*what)
        .order_by(*what)
    )
    counts: Counter[tuple[int, str, str, str | None]] = Counter()
    for first, end, decision, source, model, n_places in connection.execute(query):
        for number in versions:
            if first <= number and (end is None or number < end):
                counts[number, decision, source, model] += n_places
    found = [Tally(*kind, n_places) for kind, n_places in counts.items()]
    return sorted(found, key=lambda each: (each.version, each.decision, each.source))
