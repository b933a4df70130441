"""The cascade of selection and verification, fed with answers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from hypothesis import given
from hypothesis import strategies as st

from nadeuri import columns
from nadeuri.llm import LanguageModelConfig
from nadeuri.match.judge.cascade import Candidate, Doubt, Progress, shown_candidates, step
from nadeuri.match.judge.questions import Mode, Questions

CONFIG = LanguageModelConfig("http://localhost/v1", "judge")
DOUBT = Doubt("a1", (Candidate("g1", 0.6, 12.0), Candidate("g2", 0.4), Candidate("g3", 0.001)))


def place(place_id: str) -> dict[str, str]:
    return {columns.PLACE_ID: place_id, columns.NAME: f"place {place_id}"}


class Oracle:
    """Answers by the kind of question."""

    def __init__(self, **by_step: str) -> None:
        self.by_step = by_step
        self.known: dict[str, str] = {}
        self.asked: list[str] = []

    def look_up(self, ids: Collection[str]) -> Mapping[str, str]:
        return {each: self.known[each] for each in ids if each in self.known}

    def go_on(self, doubts: list[Doubt], mode: Mode = "relation") -> Progress:
        """Answer what is open until nothing is, or the oracle has no word for it."""
        while True:
            progress = step(doubts, Questions(CONFIG, mode), place, place, self.look_up)
            new = {
                question.request.custom_id: question
                for question in progress.open.values()
                if question.step in self.by_step
            }
            if not new:
                return progress
            for custom_id, question in new.items():
                self.asked.append(question.step)
                self.known[custom_id] = self.by_step[question.step]


def test_the_chosen_one_is_verified() -> None:
    oracle = Oracle(select='{"choice": "B"}', relation='{"relation": "same"}')
    verdict = oracle.go_on([DOUBT]).verdicts["a1"]
    assert (verdict.right, verdict.relation) == ("g2", columns.SAME)
    assert [(each.step, each.right, each.relation) for each in verdict.said] == [
        ("select", "g2", None),
        ("relation", "g2", "same"),
    ]
    assert oracle.asked == ["select", "relation"]


def test_none_of_the_candidates_ends_it() -> None:
    oracle = Oracle(select='{"choice": "none"}')
    verdict = oracle.go_on([DOUBT]).verdicts["a1"]
    assert (verdict.right, verdict.relation) == (None, columns.DIFFERENT)


def test_a_single_candidate_needs_no_selection() -> None:
    oracle = Oracle(relation='{"relation": "contains"}')
    doubt = Doubt("a1", (Candidate("g1", 0.6, 12.0), Candidate("g3", 0.001)))
    verdict = oracle.go_on([doubt]).verdicts["a1"]
    assert (verdict.right, verdict.relation) == ("g1", columns.CONTAINS)
    assert oracle.asked == ["relation"]


def test_no_candidate_needs_no_question() -> None:
    assert Oracle().go_on([Doubt("a1", ())]).verdicts["a1"].relation == columns.DIFFERENT


def test_the_missions_wording_takes_near_for_the_same() -> None:
    oracle = Oracle(select='{"choice": "A"}', yes_no='{"answer": "yes"}')
    assert oracle.go_on([DOUBT], "yes_no").verdicts["a1"].relation == columns.SAME


def test_what_is_not_answered_stays_open_and_is_the_same_question_later() -> None:
    first = step([DOUBT], Questions(CONFIG), place, place, Oracle().look_up)
    again = step([DOUBT], Questions(CONFIG), place, place, Oracle().look_up)
    assert not first.verdicts
    assert first.open["a1"].request == again.open["a1"].request


def test_an_answer_that_was_not_allowed_is_unusable() -> None:
    oracle = Oracle(select='{"choice": "C"}')
    progress = oracle.go_on([DOUBT])
    assert "no Choice" in progress.unusable["a1"]
    assert not progress.verdicts


def test_the_prompt_shows_the_likeliest_first() -> None:
    shown = shown_candidates([Candidate(f"g{n:02}", n / 20) for n in range(20)])
    assert [each.right for each in shown] == [f"g{n:02}" for n in range(19, 9, -1)]
    unlikely = shown_candidates([Candidate("g1", 0.001), Candidate("g2", 0.002)])
    assert [each.right for each in unlikely] == ["g2"]


Answers = st.sampled_from(
    ['{"choice": "A"}', '{"choice": "none"}', '{"relation": "same"}', '{"relation": "nearby"}', "?"]
)


@given(st.dictionaries(st.sampled_from(["select", "relation"]), Answers), st.integers(0, 4))
def test_every_place_is_in_exactly_one_state(by_step: dict[str, str], n: int) -> None:
    doubts = [
        Doubt(f"a{number}", tuple(Candidate(f"g{each}", 0.5 + each / 10) for each in range(number)))
        for number in range(n)
    ]
    answered: Callable[..., Progress] = Oracle(**by_step).go_on
    progress = answered(doubts)
    states = [*progress.verdicts, *progress.open, *progress.unusable]
    assert sorted(states) == [doubt.left for doubt in doubts]
