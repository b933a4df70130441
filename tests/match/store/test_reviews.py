"""The review queue, what people decide in it, and how the mapping follows."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from nadeuri import columns
from nadeuri.errors import QueryError
from nadeuri.match.store import labels, reviews
from nadeuri.match.store.database import MappingStore
from nadeuri.match.store.publish import publish_labels
from nadeuri.match.store.reviews import Item, StaleReviewError
from nadeuri.match.store.versions import Decision, decisions, mapping, publish


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
        before, _ = reviews.open_reviews(connection)
        reviews.put(connection, [item("b", "x", doubt=0.9)])
        assert reviews.review_of(connection, "b") == before
        reviews.put(connection, [item("b", "x", "z", doubt=0.9)])
        after = reviews.review_of(connection, "b")
    assert after is not None
    assert after.revision == before.revision + 1


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
        assert labels.labelled_pairs(connection)[columns.RIGHT].to_pylist() == [None]


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


def test_of_several_who_decide_at_once_one_does(asked: MappingStore) -> None:
    def decided(reviewer: str) -> bool:
        try:
            with asked.begin() as connection:
                reviews.decide(connection, "a", "y", columns.SAME, reviewer, revision=1)
        except StaleReviewError:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(decided, ["kim", "lee", "park", "choi"])) == 1
    with asked.reading() as connection:
        assert len(labels.statements(connection)) == 1


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


def test_that_a_place_has_no_match_is_learned_from(store: MappingStore) -> None:
    with store.begin() as connection:
        labels.add(connection, "a", None, columns.DIFFERENT, "kim")
        labels.add(connection, "a", "x", columns.NEARBY, "kim")
        assert labels.labelled_pairs(connection).to_pylist() == [
            {"left": "a", "right": None, "relation": "different"},
            {"left": "a", "right": "x", "relation": "nearby"},
        ]
