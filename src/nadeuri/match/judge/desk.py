"""The judge's desk: doubts go in, verdicts come out, by the synchronous API or by batches.

Both send the same bodies and keep answers in the same job store, so that a question is asked once
whoever asked it first, and a run that was killed finds everything that had been answered.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from nadeuri.llm import LanguageModel
from nadeuri.match.jobs import states
from nadeuri.match.jobs.estimate import Estimate, Prices
from nadeuri.match.jobs.requests import Request
from nadeuri.match.jobs.results import Answer, Failure
from nadeuri.match.jobs.runner import Runner, Summary
from nadeuri.match.jobs.store import JobStore
from nadeuri.match.judge.ask import ask_now
from nadeuri.match.judge.cascade import Doubt, Progress, Verdict, shown_candidates, step
from nadeuri.match.judge.prompts import Place
from nadeuri.match.judge.questions import Question, Questions

Via = Literal["auto", "sync", "batch"]
MOST_AT_ONCE = 200
"""Questions that ``auto`` asks at once; more go into batches, at half the price."""

Lookup = Callable[[str], Place]
"""A row of a table of places by its id."""


@dataclass
class Judged:
    """What came of doubts.

    Attributes:
        verdicts: by left place.
        pending: left places whose question is on its way.
        failed: left places whose question was given up, and why.
        unusable: left places whose answer is none of those allowed, and what it was.
        asked: questions sent at once or put into batches now.
        errors: of the batch server; the next run tries again.
    """

    verdicts: dict[str, Verdict] = field(default_factory=dict)
    pending: set[str] = field(default_factory=set)
    failed: dict[str, str] = field(default_factory=dict)
    unusable: dict[str, str] = field(default_factory=dict)
    asked: int = 0
    errors: tuple[str, ...] = ()


class Desk:
    """Where doubts are judged by one model."""

    def __init__(
        self,
        questions: Questions,
        jobs: JobStore,
        model: LanguageModel,
        runner: Runner,
        via: Via = "auto",
        clock: Callable[[], float] = time.time,
    ) -> None:
        """``clock``: seconds since 1970."""
        self.questions = questions
        self._jobs = jobs
        self._model = model
        self.runner = runner
        self._via = via
        self._clock = clock

    @property
    def model(self) -> str:
        """Name of the model."""
        return self.questions.config.model

    def collect(self) -> Summary | None:
        """Collect what earlier batches brought; None where none is on its way."""
        counts = self._jobs.counts()
        waits = self._via != "sync" and counts.get(states.WAITING, 0)
        return self.runner.advance() if waits or counts.get(states.IN_FLIGHT) else None

    def judge(self, doubts: Sequence[Doubt], left: Lookup, right: Lookup) -> Judged:
        """Judge as far as it goes now: ask what has not been asked, wait for no batch."""
        judged = Judged()
        while True:
            progress = step(doubts, self.questions, left, right, self._jobs.answers)
            unanswered = {each.request.custom_id: each for each in progress.open.values()}
            known = self._jobs.states_of(unanswered)
            self._sort(progress, known, judged)
            to_send = [
                each
                for number, each in unanswered.items()
                if known.get(number) in (None, states.WAITING)
            ]
            if not to_send:
                return judged
            judged.asked += len(to_send)
            if self._is_batch(len(to_send)):
                judged.errors = self._put_into_batches(to_send)
                judged.pending |= progress.open.keys() - judged.failed.keys()
                return judged
            self._ask(to_send)

    def estimate(
        self, doubts: Iterable[Doubt], left: Lookup, right: Lookup, prices: Prices | None = None
    ) -> Estimate:
        """What judging would cost at most: every selection, and a check of every first candidate.

        What was asked before costs nothing. Nothing is sent or written.
        """
        requests = []
        for doubt in doubts:
            candidates = shown_candidates(doubt.candidates)
            if not candidates:
                continue
            place, first = left(doubt.left), candidates[0]
            shown = [(right(each.right), each.metres) for each in candidates]
            if len(candidates) > 1:
                requests.append(self.questions.select(place, shown).request)
            requests.append(self.questions.verify(place, right(first.right), first.metres).request)
        return self.runner.estimate(requests, prices)

    def _sort(self, progress: Progress, known: dict[str, str], judged: Judged) -> None:
        """Where each place stands, given the states of the open questions."""
        judged.verdicts, judged.unusable = progress.verdicts, progress.unusable
        given_up = {each.custom_id: each for each in self._jobs.failed()}
        judged.failed, judged.pending = {}, set()
        for place, question in progress.open.items():
            number = question.request.custom_id
            if known.get(number) == states.GIVEN_UP:
                why = given_up.get(number)
                judged.failed[place] = f"{why.reason}: {why.detail}" if why else states.GIVEN_UP
            elif known.get(number) == states.IN_FLIGHT:
                judged.pending.add(place)

    def _is_batch(self, n: int) -> bool:
        return self._via == "batch" or (self._via == "auto" and n > MOST_AT_ONCE)

    def _put_into_batches(self, questions: Sequence[Question]) -> tuple[str, ...]:
        by_step: dict[str, list[Request]] = {}
        for question in questions:
            by_step.setdefault(question.step, []).append(question.request)
        for kind, requests in by_step.items():
            self.runner.enqueue(requests, kind)
        return self.runner.advance().errors

    def _ask(self, questions: Sequence[Question]) -> None:
        failures = ask_now(
            questions,
            self._model,
            lambda question, text: self._jobs.remember(
                question.request, question.step, Answer(text), self._clock()
            ),
        )
        for question in questions:
            why = failures.get(question.request.custom_id)
            if why is not None:
                self._jobs.give_up(
                    question.request, question.step, Failure(states.ROW_ERROR, why), self._clock()
                )
