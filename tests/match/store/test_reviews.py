"""The review queue, what people decide in it, and how the mapping follows."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from nadeuri import columns
from nadeuri.errors import QueryError
from nadeuri.match.store import labels, reviews
from nadeuri.match.store.database import MappingStore
from nadeuri.match.store.publish import publish_labels
from nadeuri.match.store.reviews import Item, StaleReviewError
from nadeuri.match.store.versions import Decision, decisions, mapping, publish

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)


def item(left: str, *rights: str, doubt: float = 0.5) -> Item:
    evidence: dict[str, Any] = {
        "place": {columns.PLACE_ID: left, columns.NAME: f"장소 {left}"},
        "candidates": [{columns.RIGHT: right, columns.PROBABILITY: 0.5} for right in rights],
        "said": [],
    }
    return Item(left, "uncertain", doubt, evidence)


def uncertain(left: str, right: str) -> Decision:
    return Decision(left, right, columns.ASK, None, 0.5, columns.SCORER)


@pytest.fixture
def asked(store: MappingStore) -> MappingStore:
    """A store that asks people about two places."""
    with store.begin() as connection:
        publish(connection, {"a": uncertain("a", "x"), "b": uncertain("b", "x")}, "run")
        reviews.put(connection, [item("a", "x", "y", doubt=0.3), item("b", "x", doubt=0.9)])
    return store


def test_what_is_most_doubtful_comes_first(asked: MappingStore) -> None:
    with asked.reading() as connection:
        first, second = reviews.open_reviews(connection)
    assert (first.left, second.left) == ("b", "a")
    assert first.evidence["place"][columns.NAME] == "장소 b"


def test_asking_the_same_again_changes_nothing(asked: MappingStore) -> None:
    with asked.begin() as connection:
        (before,) = reviews.claim(connection, "kim", now=NOON)
        reviews.put(connection, [item("b", "x", doubt=0.9)])
        assert reviews.review_of(connection, "b") == before
        reviews.put(connection, [item("b", "x", "z", doubt=0.9)])
        after = reviews.review_of(connection, "b")
    assert after is not None
    assert (after.revision, after.claimed_by) == (before.revision + 1, None)


def test_accepting_closes_maps_and_labels(asked: MappingStore) -> None:
    with asked.begin() as connection:
        reviews.decide(connection, "a", "y", columns.SAME, "kim", revision=1)
        assert reviews.open_lefts(connection) == {"b"}
        assert publish_labels(connection) == 2
        assert mapping(connection) == {"a": "y"}
        assert decisions(connection)["a"].reviewer == "kim"
        assert publish_labels(connection) is None
        assert labels.labelled_pairs(connection).to_pylist() == [
            {"left": "a", "right": "y", "relation": "same"}
        ]


def test_refusing_goes_on_to_the_other_candidates(asked: MappingStore) -> None:
    with asked.begin() as connection:
        reviews.decide(connection, "a", "x", columns.CONTAINS, "kim")
        assert "a" in reviews.open_lefts(connection)
        publish_labels(connection)
        assert decisions(connection)["a"].decision == columns.ASK
        reviews.decide(connection, "a", "y", columns.NEARBY, "kim")
        assert "a" not in reviews.open_lefts(connection)
        publish_labels(connection)
        decision = decisions(connection)["a"]
    assert (decision.decision, decision.source) == (columns.NONE, columns.PERSON)


def test_no_match_at_all_closes(asked: MappingStore) -> None:
    with asked.begin() as connection:
        reviews.decide(connection, "a", None, columns.DIFFERENT, "kim")
        publish_labels(connection)
        assert "a" not in reviews.open_lefts(connection)
        assert decisions(connection)["a"].decision == columns.NONE
        assert labels.labelled_pairs(connection).num_rows == 0


def test_a_place_nobody_asked_about_can_be_corrected(asked: MappingStore) -> None:
    with asked.begin() as connection:
        wrong = Decision("c", "z", columns.ACCEPT, columns.SAME, 0.99, columns.SCORER)
        publish(connection, {"c": wrong}, "run")
        reviews.decide(connection, "c", "z", columns.NEARBY, "lee")
        publish_labels(connection)
        assert decisions(connection)["c"].decision == columns.NONE


def test_who_loses_its_match_is_asked_about(asked: MappingStore) -> None:
    with asked.begin() as connection:
        reviews.decide(connection, "a", "x", columns.SAME, "kim")
        publish_labels(connection)
        reviews.decide(connection, "b", "x", columns.SAME, "lee")
        publish_labels(connection)
        assert mapping(connection) == {"b": "x"}
        (review,) = reviews.open_reviews(connection)
    assert (review.left, review.reason, review.evidence["lost_to"]) == ("a", "contested", "b")


def test_the_same_decision_twice_is_one(asked: MappingStore) -> None:
    with asked.begin() as connection:
        for _ in range(2):
            reviews.decide(connection, "a", "y", columns.SAME, "kim", revision=1)
        assert len(labels.statements(connection)) == 1


def test_a_decision_on_what_has_changed_is_refused(asked: MappingStore) -> None:
    with asked.begin() as connection:
        reviews.decide(connection, "a", "x", columns.NEARBY, "kim", revision=1)
    with pytest.raises(StaleReviewError, match="look again"), asked.begin() as connection:
        reviews.decide(connection, "a", "y", columns.SAME, "lee", revision=1)


@pytest.mark.parametrize(
    ("right", "relation", "reviewer", "said"),
    [
        ("x", "maybe", "kim", "one of"),
        ("x", columns.SAME, " ", "name of who"),
        (None, columns.SAME, "kim", "name the place"),
    ],
)
def test_a_decision_has_to_make_sense(
    asked: MappingStore, right: str | None, relation: str, reviewer: str, said: str
) -> None:
    with pytest.raises(QueryError, match=said), asked.begin() as connection:
        reviews.decide(connection, "a", right, relation, reviewer)


def test_a_claim_ends(asked: MappingStore) -> None:
    with asked.begin() as connection:
        assert [each.left for each in reviews.claim(connection, "kim", now=NOON)] == ["b"]
        assert [each.left for each in reviews.claim(connection, "kim", now=NOON)] == ["b"]
        assert [each.left for each in reviews.claim(connection, "lee", 5, now=NOON)] == ["a"]
        later = NOON + timedelta(seconds=reviews.CLAIM_S)
        assert [each.left for each in reviews.claim(connection, "lee", now=later)] == ["a"]
        assert {each.left for each in reviews.claim(connection, "lee", 5, now=later)} == {"a", "b"}


def test_two_who_ask_at_once_get_different_places(store: MappingStore) -> None:
    with store.begin() as connection:
        reviews.put(connection, [item(f"p{n}", "x") for n in range(40)])

    def take(reviewer: str) -> list[str]:
        with store.begin() as connection:
            return [each.left for each in reviews.claim(connection, reviewer, 10, now=NOON)]

    with ThreadPoolExecutor(4) as pool:
        taken = list(pool.map(take, ["kim", "lee", "park", "choi"]))
    assert sorted(left for some in taken for left in some) == sorted(f"p{n}" for n in range(40))


def test_the_last_word_on_a_right_place_counts(store: MappingStore) -> None:
    with store.begin() as connection:
        for left, right, relation in [
            ("a", "x", columns.SAME),
            ("a", "y", columns.SAME),
            ("b", "x", columns.SAME),
            ("b", "y", columns.NEARBY),
            ("c", "y", columns.SAME),
            ("c", "y", columns.DIFFERENT),
        ]:
            labels.add(connection, left, right, relation, "kim")
        assert labels.labelled_pairs(connection).to_pylist() == [
            {"left": "b", "right": "x", "relation": "same"},
            {"left": "b", "right": "y", "relation": "nearby"},
            {"left": "c", "right": "y", "relation": "different"},
        ]
