"""Versions of the mapping: each a complete set of decisions, none ever lost.

A decision is valid from the version that made it until the version that ended it, so that a
version costs no more than what it changed. Going back makes a new version like an old one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal, TypeVar

from sqlalchemy import Connection, RowMapping, Select, delete, func, insert, or_, select, update

from nadeuri import columns
from nadeuri.errors import QueryError
from nadeuri.match.store import reviews
from nadeuri.match.store.database import now_utc
from nadeuri.match.store.tables import DECISIONS, SEEN, SINCE, UNTIL, VERSIONS

Cause = Literal["run", "review", "rollback"]
Value = TypeVar("Value")

_ROWS = 500  # of a statement


@dataclass(frozen=True)
class Decision:
    """What is known about a left place.

    Attributes:
        right: the same place if it is mapped (``decision`` accept); else the one that was looked
            at last, if any.
        decision: of ``columns.DECISIONS``.
        relation: of ``columns.RELATIONS``; None while it is uncertain.
        probability: of the pair, by the scorer; None where a person decided.
        source: ``columns.SCORER``, ``LLM`` or ``PERSON``.
        model: name of the scorer's version or of the language model.
        prompt: versions of what the language model was told.
        reviewer: the person who decided.
        decided: when; not compared.
    """

    left: str
    right: str | None
    decision: str
    relation: str | None
    probability: float | None
    source: str
    model: str | None = None
    prompt: str | None = None
    reviewer: str | None = None
    decided: str = field(default="", compare=False)

    @property
    def is_mapped(self) -> bool:
        return self.decision == columns.ACCEPT


_FIELDS = tuple(each.name for each in fields(Decision))


@dataclass(frozen=True)
class Version:
    """A version of the mapping.

    Attributes:
        number: from 1.
        made: ISO 8601 in UTC.
        restores: of a rollback, the version that it is like.
        changed: places with another decision than in the version before.
    """

    number: int
    made: str
    cause: str
    note: str
    restores: int | None
    changed: int


@dataclass(frozen=True)
class Change:
    """A left place whose decision differs between two versions; None where it has none."""

    left: str
    before: Decision | None
    after: Decision | None


def publish(
    connection: Connection,
    changes: Mapping[str, Decision | None],
    cause: Cause,
    *,
    note: str = "",
    restores: int | None = None,
) -> int | None:
    """Make a new version in which these left places have these decisions, or none.

    Returns:
        Its number; None if nothing differs from the current version, which then stays.
    """
    current = decisions(connection)
    differ = {
        left: decision
        for left, decision in sorted(changes.items())
        if decision != current.get(left)
    }
    if not differ:
        return None
    number, made = (latest(connection) or 0) + 1, now_utc()
    version = Version(number, made, cause, note, restores, len(differ))
    connection.execute(insert(VERSIONS), vars(version))
    ended = [left for left in differ if left in current]
    for part in _parts(ended):
        connection.execute(
            update(DECISIONS)
            .where(DECISIONS.c[UNTIL].is_(None), DECISIONS.c.left.in_(part))
            .values({UNTIL: number})
        )
    new = [
        {**vars(each), columns.DECIDED: each.decided or made, SINCE: number}
        for each in differ.values()
        if each is not None
    ]
    for rows in _parts(new):
        connection.execute(insert(DECISIONS), rows)
    return number


def rollback(connection: Connection, to: int, *, note: str = "") -> int | None:
    """Make a new version that is like version ``to``; nothing is deleted.

    Places that were first looked at, or looked at again, since then count as new in the next run.
    People are not asked any more about places that are decided again; the next run has them asked
    about those that are uncertain again.

    Returns:
        Its number; None if the current version is like it already.

    Raises:
        QueryError: there is no such version.
    """
    old, current = decisions(connection, to), decisions(connection)
    changes = {left: old.get(left) for left in {*old, *current}}
    number = publish(connection, changes, "rollback", note=note, restores=to)
    if number is not None:
        connection.execute(delete(SEEN).where(SEEN.c[SINCE] > to))
        asked = reviews.open_lefts(connection)
        uncertain = {left for left, each in old.items() if each.decision == columns.ASK}
        reviews.close(connection, asked - uncertain)
    return number


def decisions(connection: Connection, version: int | None = None) -> dict[str, Decision]:
    """All decisions of a version, by left place; of the current one if None.

    Raises:
        QueryError: there is no such version.
    """
    return {
        row[columns.LEFT]: _decision(row)
        for row in connection.execute(_valid(connection, version)).mappings()
    }


def mapping(
    connection: Connection, version: int | None = None, *, least: float | None = None
) -> dict[str, str]:
    """Left place to right place, of those that are mapped.

    Args:
        least: also give uncertain places their candidate, from this probability on, unless the
            candidate is another place's match. None gives only what is decided.

    Raises:
        QueryError: there is no such version.
    """
    known = decisions(connection, version).values()
    found = {each.left: each.right for each in known if each.is_mapped and each.right is not None}
    if least is None:
        return found
    uncertain = [each for each in known if each.decision == columns.ASK and each.right is not None]
    taken = set(found.values())
    for each in sorted(uncertain, key=lambda each: (-(each.probability or 0.0), each.left)):
        if (
            (each.probability or 0.0) >= least
            and each.right is not None
            and each.right not in taken
        ):
            found[each.left] = each.right
            taken.add(each.right)
    return found


def versions(connection: Connection, *, limit: int | None = None, offset: int = 0) -> list[Version]:
    """All versions or, after the first ``offset``, at most ``limit``; the latest first."""
    query = select(VERSIONS).order_by(VERSIONS.c.number.desc()).limit(limit).offset(offset)
    return [Version(**row) for row in connection.execute(query).mappings()]


def latest(connection: Connection) -> int | None:
    """Number of the current version, and of versions in all; None before the first."""
    return connection.execute(select(func.max(VERSIONS.c.number))).scalar()


def diff(connection: Connection, before: int, after: int) -> list[Change]:
    """Left places whose decision differs, in the order of their ids; version 0 is empty.

    Raises:
        QueryError: there is no such version.
    """
    old = decisions(connection, before) if before else {}
    new = decisions(connection, after) if after else {}
    return [
        Change(left, old.get(left), new.get(left))
        for left in sorted({*old, *new})
        if old.get(left) != new.get(left)
    ]


def _valid(connection: Connection, version: int | None) -> Select[Any]:
    """The rows of a version."""
    if version is None:
        return select(DECISIONS).where(DECISIONS.c[UNTIL].is_(None))
    last = latest(connection) or 0
    if not 1 <= version <= last:
        raise QueryError(f"version {version}: there are versions 1 to {last}, if any")
    until = DECISIONS.c[UNTIL]
    return select(DECISIONS).where(
        DECISIONS.c[SINCE] <= version, or_(until.is_(None), until > version)
    )


def _decision(row: RowMapping) -> Decision:
    return Decision(*(row[name] for name in _FIELDS))


def _parts(values: Iterable[Value]) -> list[list[Value]]:
    listed = list(values)
    return [listed[start : start + _ROWS] for start in range(0, len(listed), _ROWS)]
