"""How many places a version of the mapping has, by what was decided and by whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, and_, func, or_, select

from nadeuri.match.store.tables import DECISIONS, SINCE, UNTIL, VERSIONS


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


def tallies(connection: Connection, versions: Sequence[int]) -> list[Tally]:
    """Those of ``versions``, by number; a version without places has none."""
    number, since, until = VERSIONS.c.number, DECISIONS.c[SINCE], DECISIONS.c[UNTIL]
    is_valid = and_(since <= number, or_(until.is_(None), until > number))
    what = (number, DECISIONS.c.decision, DECISIONS.c.source, DECISIONS.c.model)
    query = (
        select(*what, func.count())
        .join(DECISIONS, is_valid)
        .where(number.in_(versions))
        .group_by(*what)
        .order_by(*what)
    )
    return [Tally(*row) for row in connection.execute(query)]
