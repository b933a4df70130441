"""A judge that knows what is right, and errs as often as it is told to."""

from __future__ import annotations

import json
import random
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from nadeuri import columns
from nadeuri.llm import LanguageModelConfig
from nadeuri.match.judge.answers import LABELS, NO_CANDIDATE
from nadeuri.match.judge.cascade import Candidate, Doubt, Verdict, shown_candidates, step
from nadeuri.match.judge.prompts import Place
from nadeuri.match.judge.questions import Mode, Question, Questions

NEAR_M = 300.0
"""What "nearby" means, taken literally."""

_CONFIG = LanguageModelConfig("http://simulated/v1", "simulated")


@dataclass
class SimulatedJudge:
    """Answers questions of the cascade, through the code that a language model's answers take.

    An error in a selection is any other option, each with the same probability. An error in a
    check is the opposite: "same" for what is not; for what is the same, any other relation.
    Whether a question is answered wrongly depends on the seed and the question only.

    Attributes:
        gold: right place by left place.
        accuracy: share of right answers.
        mode: how a pair is checked.
        n_asked: different questions answered.
    """

    gold: Mapping[str, str]
    accuracy: float
    seed: int = 0
    mode: Mode = "relation"
    n_asked: int = 0
    _answers: dict[str, str] = field(default_factory=dict)

    def judge(
        self, doubts: Sequence[Doubt], left: Mapping[str, Place], right: Mapping[str, Place]
    ) -> dict[str, Verdict]:
        """The verdicts of the cascade, by left place."""
        by_left = {doubt.left: doubt for doubt in doubts}
        questions = Questions(_CONFIG, self.mode)
        chosen: dict[str, Candidate] = {}
        while True:
            progress = step(doubts, questions, left.__getitem__, right.__getitem__, self._look_up)
            assert not progress.unusable
            if not progress.open:
                return progress.verdicts
            for place, question in progress.open.items():
                shown = shown_candidates(by_left[place].candidates)
                if question.step == "select":
                    answer, chosen[place] = self._select(place, shown, question)
                else:
                    answer = self._verify(place, chosen.get(place, shown[0]), question)
                self._answers[question.request.custom_id] = answer
                self.n_asked += 1

    def _look_up(self, ids: Collection[str]) -> dict[str, str]:
        return {each: self._answers[each] for each in ids if each in self._answers}

    def _select(
        self, place: str, shown: Sequence[Candidate], question: Question
    ) -> tuple[str, Candidate]:
        """The answer, and the candidate that it leads to (any, if it is none)."""
        labels = dict(zip(LABELS, shown, strict=False))
        by_right = {each.right: label for label, each in labels.items()}
        choice = by_right.get(self.gold.get(place, ""), NO_CANDIDATE)
        chance = self._chance(question)
        if chance.random() >= self.accuracy:
            choice = chance.choice(sorted({*labels, NO_CANDIDATE} - {choice}))
        return json.dumps({"choice": choice}), labels.get(choice, shown[0])

    def _verify(self, place: str, candidate: Candidate, question: Question) -> str:
        is_same = self.gold.get(place) == candidate.right
        is_near = candidate.metres is not None and candidate.metres <= NEAR_M
        chance = self._chance(question)
        errs = chance.random() >= self.accuracy
        if self.mode == "yes_no":
            return json.dumps({"answer": "yes" if (is_same or is_near) != errs else "no"})
        others = [each for each in columns.RELATIONS if each != columns.SAME]
        right = columns.SAME if is_same else columns.NEARBY if is_near else columns.DIFFERENT
        wrong = chance.choice(others) if is_same else columns.SAME
        return json.dumps({"relation": wrong if errs else right})

    def _chance(self, question: Question) -> random.Random:
        return random.Random(f"{self.seed} {question.request.custom_id}")
