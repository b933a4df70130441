"""One annotator's way through the questions: what is shown, said, skipped and looked at again."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median

from nadeuri.web.door import ApiError
from nadeuri.web.label_api import LabelApi
from nadeuri.web.label_types import Counts, Suggestion, Task
from nadeuri.web.marker import Said
from nadeuri.web.match_api import ConflictError

MOST_BEFORE = 50
PAUSE_S = 300.0
"""Who takes longer over a question does something else meanwhile."""


@dataclass
class Desk:
    """What one annotator has before them.

    Attributes:
        annotator: who it is; another name is another desk.
        counts: of all questions, as of the last one that was offered; None: not asked yet.
        n_mine: questions that this person has labelled, ever.
        attempt: counts what went wrong, so that the page is told that it may go on.
        notice: what the annotator is to be told once.
    """

    annotator: str
    clock: Callable[[], float] = time.monotonic
    counts: Counts | None = None
    n_mine: int = 0
    attempt: int = 0
    notice: str = ""
    _task: Task | None = None
    _since: float = 0.0
    _seconds: list[float] = field(default_factory=list)
    _before: list[str] = field(default_factory=list)
    _suggested: tuple[str, Suggestion | None] = ("", None)
    _may_suggest: bool = True

    @property
    def may_go_back(self) -> bool:
        """Whether something was said or skipped on this desk."""
        return bool(self._before)

    @property
    def seconds(self) -> float | None:
        """The median time for a question on this desk; None before the first."""
        return median(self._seconds) if self._seconds else None

    def current(self, api: LabelApi, wanted: str = "") -> Task | None:
        """The question to be shown; None where there is nothing for this person.

        Args:
            wanted: id of the one to begin with, if there is such a one.

        Raises:
            ApiError: no answer.
        """
        if self._task is None:
            told = api.next(self.annotator)
            self.counts, self.n_mine = told.counts, told.n_mine
            shown = self._wanted(api, wanted) or told.task
            self._show(shown)
        return self._task

    def take(self, api: LabelApi, said: Said) -> None:
        """Do what the annotator said; of a question that is not shown any more, nothing.

        Raises:
            ApiError: no answer; nothing was kept, and the question is still there.
        """
        task = self._task
        if task is None or said.task != task.task:
            return
        self.attempt += 1
        if said.action == "back":
            if self._before:
                self._show(api.task(self._before[-1], self.annotator))
                self._before.pop()
            return
        try:
            if said.action == "save":
                api.save(task.task, self.annotator, said.spans, said.intent, task.revision)
                self._seconds += [spent] if (spent := self._spent()) <= PAUSE_S else []
            elif said.reason is not None:
                api.skip(task.task, self.annotator, said.reason)
        except ConflictError as error:
            self.notice = str(error)
            self._show(api.task(task.task, self.annotator))
            return
        self._before = [*self._before, task.task][-MOST_BEFORE:]
        self._task = None

    def suggestion(self, api: LabelApi) -> Suggestion | None:
        """What a model makes of the question that is shown; None where there is none to ask."""
        task = self._task
        if task is None or not self._may_suggest:
            return None
        if self._suggested[0] != task.task:
            try:
                self._suggested = (task.task, api.suggestion(task.text))
            except ApiError as error:
                self._suggested = (task.task, None)
                self._may_suggest = not error.is_not_offered
        return self._suggested[1]

    def _wanted(self, api: LabelApi, wanted: str) -> Task | None:
        if not wanted:
            return None
        try:
            return api.task(wanted, self.annotator)
        except ApiError as error:
            if error.status == 404:
                return None
            raise

    def _show(self, task: Task | None) -> None:
        self._task, self._since = task, self.clock()

    def _spent(self) -> float:
        return self.clock() - self._since
