"""Into the mapping what people said since it was made."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from nadeuri import columns
from nadeuri.match.store import labels, reviews, versions
from nadeuri.match.store.reviews import Item
from nadeuri.match.store.settle import person_decision, settle
from nadeuri.match.store.versions import Decision


def publish_labels(connection: Connection) -> int | None:
    """Make a version in which everything that people said holds.

    Returns:
        Its number; None if nothing was said that changes the mapping.
    """
    said = labels.unpublished(connection)
    if not said:
        return None
    words, current = labels.words(connection), versions.decisions(connection)
    proposed: dict[str, Decision] = {}
    for left in said:
        same = words[left].same
        if left in current:
            proposed[left] = current[left]
        elif same is not None:
            proposed[left] = person_decision(left, same)
    settled = settle(proposed, current, words, undecided=reviews.open_lefts(connection))
    number = versions.publish(connection, settled.decisions, "review")
    labels.mark_published(connection, said, number or versions.latest(connection) or 0)
    reviews.close(
        connection,
        [left for left, each in settled.decisions.items() if each.decision != columns.ASK],
    )
    reviews.put(
        connection,
        [
            Item(left, "contested", 1.0, _evidence(connection, settled.decisions[left], winner))
            for left, winner in settled.contested.items()
        ],
    )
    return number


def _evidence(connection: Connection, decision: Decision, winner: str) -> dict[str, Any]:
    """What is known of a place that lost its match to ``winner``, without the tables of places."""
    review = reviews.review_of(connection, decision.left)
    known = (
        review.evidence
        if review is not None
        else {
            "place": {columns.PLACE_ID: decision.left},
            "candidates": [
                {columns.RIGHT: decision.right, columns.PROBABILITY: decision.probability}
            ],
            "said": [],
        }
    )
    return {**known, "lost_to": winner}
