"""What people said of pairs of places: it wins over every model, and is what models learn from.

Nothing said is overwritten. Of several statements about a pair the latest counts; that a place is
the same as one place ends what was said before about its being another.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import pyarrow as pa
from sqlalchemy import Connection, insert, select, update

from nadeuri import columns
from nadeuri.errors import QueryError
from nadeuri.match.store.database import now_utc
from nadeuri.match.store.tables import LABELS


@dataclass(frozen=True)
class Label:
    """One statement of a person.

    Attributes:
        right: None says that the place has no match at all (``relation`` different).
        relation: of ``columns.RELATIONS``.
    """

    number: int
    left: str
    right: str | None
    relation: str
    reviewer: str
    decided: str


@dataclass
class Word:
    """What people's last word on a left place is.

    Attributes:
        same: the statement that it is the same as a place, or that it has no match.
        barred: right places that it is not, and how they relate.
    """

    same: Label | None = None
    barred: dict[str, Label] = field(default_factory=dict)


def add(
    connection: Connection,
    left: str,
    right: str | None,
    relation: str,
    reviewer: str,
    note: str = "",
) -> None:
    """Keep a statement.

    Raises:
        QueryError: no such relation, no reviewer, or a relation to nothing.
    """
    if relation not in columns.RELATIONS:
        raise QueryError(f"relation {relation!r}: one of {', '.join(columns.RELATIONS)}")
    if not reviewer.strip():
        raise QueryError("a decision needs the name of who decides")
    if right is None and relation != columns.DIFFERENT:
        raise QueryError(f"{left} cannot be {relation} to no place; name the place")
    said = {
        columns.LEFT: left,
        columns.RIGHT: right,
        columns.RELATION: relation,
        columns.REVIEWER: reviewer.strip(),
        columns.DECIDED: now_utc(),
        "note": note,
    }
    connection.execute(insert(LABELS), said)


def words(connection: Connection) -> dict[str, Word]:
    """The last word on every left place that people said anything about.

    A right place belongs to whom it was given last: the left place that had it before is as if
    nothing had been said of it.
    """
    found: dict[str, Word] = {}
    owners: dict[str, str] = {}
    for label in statements(connection):
        word = found.setdefault(label.left, Word())
        if label.right is None:
            word.same = label
        elif label.relation == columns.SAME:
            before = found.get(owners.get(label.right, ""), Word())
            if before.same is not None and before.same.right == label.right:
                before.same = None
            owners[label.right] = label.left
            word.same = label
            word.barred.pop(label.right, None)
        else:
            word.barred[label.right] = label
            if word.same is not None and word.same.right == label.right:
                word.same = None
    return found


def statements(connection: Connection) -> list[Label]:
    """Everything that was said, in its order."""
    rows = connection.execute(select(LABELS).order_by(LABELS.c.id)).mappings()
    return [
        Label(
            row["id"],
            row[columns.LEFT],
            row[columns.RIGHT],
            row[columns.RELATION],
            row[columns.REVIEWER],
            row[columns.DECIDED],
        )
        for row in rows
    ]


def labelled_pairs(connection: Connection) -> pa.Table:
    """The last word on every pair, to learn from: ``left``, ``right``, ``relation``, sorted.

    ``right`` null says that the place has no match.
    """
    said = words(connection)
    last = [label for each in said.values() for label in each.barred.values()]
    last += [each.same for each in said.values() if each.same is not None]
    last.sort(key=lambda label: (label.left, label.right or ""))
    return pa.table(
        {
            columns.LEFT: pa.array([label.left for label in last], pa.string()),
            columns.RIGHT: pa.array([label.right for label in last], pa.string()),
            columns.RELATION: pa.array([label.relation for label in last], pa.string()),
        }
    )


def unpublished(connection: Connection) -> set[str]:
    """Left places of which something was said that the mapping does not know yet."""
    return set(connection.scalars(select(LABELS.c.left).where(LABELS.c.published.is_(None))))


def mark_published(connection: Connection, lefts: Iterable[str], version: int) -> None:
    """Note that the mapping knows, from this version on, what was said of these places."""
    for left in sorted(lefts):
        connection.execute(
            update(LABELS)
            .where(LABELS.c.left == left, LABELS.c.published.is_(None))
            .values(published=version)
        )
