"""The review queue: pairs that people decide about, with what is known of them.

Several people may work at once: every decision says which state of the place it was made on, so
that none overwrites another unseen.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from nadeuri import columns
from nadeuri.errors import QueryError
from nadeuri.match.store import labels
from nadeuri.match.store.tables import REVIEWS

OPEN, DONE = "open", "done"


class StaleReviewError(QueryError):
    """The place has changed since it was shown, or somebody else decided about it."""


@dataclass(frozen=True)
class Item:
    """A place to be reviewed.

    Attributes:
        left: its id.
        reason: why people are asked. ``uncertain``: the scorer was not sure and no model is asked;
            ``unusable``: the model's answer cannot be used; ``failed``: it gave none;
            ``contested``: another place has the match.
        doubt: 0 (certain) to 1 (the scorer gives both answers the same probability).
        evidence: JSON: ``place`` (its row), ``candidates`` (rows with ``right``, ``probability``
            and ``distance_m``, the likeliest first) and ``said`` (answers of a language model).
    """

    left: str
    reason: str
    doubt: float
    evidence: dict[str, Any]


@dataclass(frozen=True)
class Review(Item):
    """A place in the queue.

    Attributes:
        revision: of what is shown; a decision names it.
        state: ``open`` or ``done``.
    """

    revision: int = 0
    state: str = OPEN


def put(connection: Connection, items: Iterable[Item]) -> None:
    """Ask people about these places; asking again with the same evidence changes nothing."""
    known = {row.left: row for row in connection.execute(select(REVIEWS))}
    new = []
    for item in items:
        row = known.get(item.left)
        values = {
            columns.LEFT: item.left,
            "state": OPEN,
            "reason": item.reason,
            "doubt": item.doubt,
            "evidence": json.dumps(item.evidence, ensure_ascii=False, sort_keys=True),
        }
        if row is None:
            new.append({**values, "revision": 1})
        elif any(getattr(row, name) != value for name, value in values.items()):
            values |= {"revision": row.revision + 1}
            connection.execute(update(REVIEWS).where(REVIEWS.c.id == row.id).values(values))
    if new:
        connection.execute(insert(REVIEWS), new)


def close(connection: Connection, lefts: Iterable[str]) -> None:
    """Ask nobody about these places any more."""
    for left in sorted(lefts):
        connection.execute(
            update(REVIEWS)
            .where(REVIEWS.c.left == left, REVIEWS.c.state == OPEN)
            .values(state=DONE, revision=REVIEWS.c.revision + 1)
        )


def open_reviews(connection: Connection, limit: int = 50, offset: int = 0) -> list[Review]:
    """Places to be reviewed: what the scorer doubts most comes first."""
    query = select(REVIEWS).where(REVIEWS.c.state == OPEN)
    ordered = query.order_by(REVIEWS.c.doubt.desc(), REVIEWS.c.left).limit(limit).offset(offset)
    return [_review(row) for row in connection.execute(ordered)]


def open_lefts(connection: Connection) -> set[str]:
    """Ids of the places to be reviewed."""
    return set(connection.scalars(select(REVIEWS.c.left).where(REVIEWS.c.state == OPEN)))


def review_of(connection: Connection, left: str) -> Review | None:
    """A place in the queue, open or done; None if nobody was ever asked about it."""
    row = connection.execute(select(REVIEWS).where(REVIEWS.c.left == left)).first()
    return None if row is None else _review(row)


def decide(
    connection: Connection,
    left: str,
    right: str | None,
    relation: str,
    reviewer: str,
    *,
    revision: int | None = None,
    note: str = "",
) -> None:
    """Keep what a person says of a pair, and close the place if nothing is left to ask.

    That it is the same as a place, or as none, closes it. Refusing a pair leaves it open while it
    has other candidates. Saying the same thing again changes nothing. A place that nobody was
    asked about can be decided, too. The mapping follows with :func:`publish_labels`.

    Args:
        right: None for "it has no match", with the relation ``different``.
        revision: that the decision was made on; None for the present one.

    Raises:
        QueryError: see :func:`labels.add`.
        StaleReviewError: the place is at another revision.
    """
    if _last_word(connection, left, right) == (relation, reviewer.strip()):
        return
    review = review_of(connection, left)
    if review is not None and revision not in (None, review.revision):
        raise StaleReviewError(
            f"{left} is at revision {review.revision}, not {revision}: somebody decided, or new "
            "evidence came; look again"
        )
    labels.add(connection, left, right, relation, reviewer, note)
    if review is None:
        return
    word = labels.words(connection)[left]
    candidates = {each[columns.RIGHT] for each in review.evidence["candidates"]}
    is_done = word.same is not None or candidates <= word.barred.keys()
    values: dict[str, Any] = {"revision": review.revision + 1}
    if is_done:
        values |= {"state": DONE}
    connection.execute(update(REVIEWS).where(REVIEWS.c.left == left).values(values))


def _last_word(connection: Connection, left: str, right: str | None) -> tuple[str, str] | None:
    word = labels.words(connection).get(left)
    if word is None:
        return None
    if word.same is not None and word.same.right == right:
        return word.same.relation, word.same.reviewer
    said = word.barred.get(right or "")
    return None if said is None else (said.relation, said.reviewer)


def _review(row: Row[Any]) -> Review:
    return Review(
        row.left,
        row.reason,
        row.doubt,
        json.loads(row.evidence),
        row.revision,
        row.state,
    )
