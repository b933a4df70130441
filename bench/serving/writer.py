"""A traveller and a reviewer who write down what the service promised to keep.

A conversation's turn that was answered and a decision that was confirmed must be there afterwards,
whatever happened to the service; what is not is *lost*.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self, TypeVar

from load.api import Api, ApiError
from load.words import guide_questions

PAUSE_S = 0.3
_PATIENCE, _PAGE = 20, 100

T = TypeVar("T")


@dataclass
class Writer:
    """Talks with the guide and decides about reviews, one after the other, while the block runs.

    Attributes:
        turns: questions that were answered, in the conversation ``thread``.
        decided: places whose decision was confirmed.
        refused: how often either was not.
    """

    api: Api
    has_guide: bool
    has_reviews: bool
    turns: list[str] = field(default_factory=list)
    decided: list[str] = field(default_factory=list)
    refused: int = 0
    thread: str = field(default_factory=lambda: f"chaos-{uuid.uuid4().hex}")
    _stop: threading.Event = field(default_factory=threading.Event)
    _running: threading.Thread | None = None

    def __enter__(self) -> Self:
        self._running = threading.Thread(target=self._run, daemon=True)
        self._running.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stop.set()
        if self._running is not None:
            self._running.join()

    @property
    def acknowledged(self) -> int:
        return len(self.turns) + len(self.decided)

    def lost(self) -> int:
        """How much of what was confirmed is not there; a service just recovering is asked again.

        Raises:
            ApiError: it does not answer.
        """
        missing = 0
        if self.turns:
            kept = self._patiently(lambda: self.api.get(f"/v1/guide/threads/{self.thread}"))
            missing += len(set(self.turns) - {turn["question"] for turn in kept["turns"]})
        if self.decided:
            missing += len(set(self.decided) & self._patiently(self._open_lefts))
        return missing

    def _open_lefts(self) -> set[str]:
        """Places that still wait for a decision."""
        found: set[str] = set()
        while True:
            page = self.api.get("/v1/places/reviews", limit=_PAGE, offset=len(found))
            found |= {each["left"]["place_id"] for each in page["reviews"]}
            if len(page["reviews"]) < _PAGE:
                return found

    def _patiently(self, ask: Callable[[], T]) -> T:
        for _ in range(_PATIENCE):
            try:
                return ask()
            except ApiError:
                self._stop.wait(0.5)
        return ask()

    def _run(self) -> None:
        for question in guide_questions(2000, seed=7):
            if self._stop.is_set():
                return
            if self.has_guide:
                self._talk(question)
            if self.has_reviews:
                self._decide()
            self._stop.wait(PAUSE_S)

    def _talk(self, question: str) -> None:
        body = {"question": question, "thread": self.thread, "stream": False}
        try:
            self.api.post("/v1/guide/chat", body)
        except ApiError:
            self.refused += 1
        else:
            self.turns.append(question)

    def _decide(self) -> None:
        try:
            reviews = self.api.get("/v1/places/reviews", limit=1)["reviews"]
            if not reviews:
                return
            left = reviews[0]["left"]["place_id"]
            said = {
                "relation": "different",
                "right": None,
                "reviewer": "chaos",
                "version": reviews[0]["version"],
            }
            self.api.post(f"/v1/places/reviews/{left}", said)
        except ApiError:
            self.refused += 1
        else:
            self.decided.append(left)
