"""People's word over models, one left place for each right place."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from nadeuri import columns
from nadeuri.match.store.labels import Label, Word
from nadeuri.match.store.settle import settle
from nadeuri.match.store.versions import Decision


def mapped(left: str, right: str, probability: float = 0.9) -> Decision:
    return Decision(left, right, columns.ACCEPT, columns.SAME, probability, columns.SCORER)


def said(left: str, right: str | None, relation: str) -> Label:
    return Label(1, left, right, relation, "kim", "2026-11-01")


def test_what_is_held_is_not_taken_by_a_newcomer() -> None:
    settled = settle({"new": mapped("new", "x", 0.99)}, {"old": mapped("old", "x", 0.8)}, {})
    assert settled.contested == {"new": "old"}
    assert settled.decisions["new"].decision == columns.ASK
    assert "old" not in settled.decisions


def test_the_likelier_of_two_newcomers_wins() -> None:
    settled = settle({"a": mapped("a", "x", 0.8), "b": mapped("b", "x", 0.9)}, {}, {})
    assert settled.contested == {"a": "b"}
    assert settled.decisions["b"].is_mapped


def test_a_persons_word_takes_a_match_from_who_has_it() -> None:
    words = {"new": Word(said("new", "x", columns.SAME))}
    settled = settle({"new": mapped("new", "y")}, {"old": mapped("old", "x")}, words)
    assert settled.decisions["new"].right == "x"
    assert settled.decisions["new"].source == columns.PERSON
    assert settled.decisions["old"].decision == columns.ASK
    assert settled.contested == {"old": "new"}


def test_a_refused_pair_is_not_mapped() -> None:
    words = {"a": Word(barred={"x": said("a", "x", columns.CONTAINS)})}
    settled = settle({"a": mapped("a", "x")}, {}, words)
    assert settled.decisions["a"].decision == columns.NONE
    assert settled.decisions["a"].relation == columns.CONTAINS
    still = settle({"a": mapped("a", "x")}, {}, words, undecided={"a"})
    assert still.decisions["a"].decision == columns.ASK


def test_a_refused_pair_does_not_hinder_another_match() -> None:
    words = {"a": Word(barred={"x": said("a", "x", columns.NEARBY)})}
    assert settle({"a": mapped("a", "y")}, {}, words).decisions["a"].right == "y"


def test_that_a_place_has_no_match_is_a_word_too() -> None:
    words = {"a": Word(said("a", None, columns.DIFFERENT))}
    decision = settle({"a": mapped("a", "x")}, {}, words).decisions["a"]
    assert (decision.decision, decision.right) == (columns.NONE, None)


lefts, rights = st.sampled_from("abcdef"), st.sampled_from("xyz")
tables = st.dictionaries(lefts, st.tuples(rights, st.floats(0.5, 1)))


@given(tables, tables, st.dictionaries(rights, lefts))
def test_no_right_place_is_given_twice(
    proposed: dict[str, tuple[str, float]],
    held: dict[str, tuple[str, float]],
    given: dict[str, str],
) -> None:
    words = {left: Word(said(left, right, columns.SAME)) for right, left in given.items()}
    old = {right: left for left, (right, _) in held.items() if left not in proposed}
    standing = {left: mapped(left, right) for right, left in old.items()}
    new = {left: mapped(left, right, p) for left, (right, p) in proposed.items()}
    settled = settle(new, standing, words)
    after = {**standing, **settled.decisions}
    matched = [each.right for each in after.values() if each.is_mapped]
    assert len(matched) == len(set(matched))
    assert after.keys() == standing.keys() | new.keys()
    for left, word in words.items():
        if left in new and word.same is not None:
            assert after[left].right == word.same.right
            assert after[left].is_mapped
    assert settled.contested.keys() == {
        left for left, each in settled.decisions.items() if each.decision == columns.ASK
    }
