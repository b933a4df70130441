"""The guide as the page meets it: the API, asked over HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from nadeuri.guide.answer import Answer, Progress, Turn
from nadeuri.web.door import BROKEN, TIMEOUT_S, UNREADABLE, ApiError, Door
from nadeuri.web.events import MAX_EVENT_BYTES, Event, read_events

_REFUSED = "이 질문은 보낼 수 없었어요. 질문을 조금 바꿔서 다시 물어봐 주세요."


class GuideApi:
    """The guide's room of the API."""

    def __init__(self, url: str, *, timeout_s: float = TIMEOUT_S, key: str | None = None) -> None:
        """Raises: ConfigError: ``url`` is none of http or https."""
        self._door = Door(url, refused=_REFUSED, timeout_s=timeout_s, key=key)

    def ask(self, question: str, thread: str) -> Iterator[Progress | Answer]:
        """What the guide is doing, and at the end its answer.

        Raises:
            ApiError: no answer.
        """
        body = {"question": question, "thread": thread}
        with self._door.open("/v1/guide/chat", body, accept="text/event-stream") as response:
            try:
                for event in read_events(iter(lambda: response.readline(MAX_EVENT_BYTES), b"")):
                    yield (said := self._said(event))
                    if isinstance(said, Answer):
                        return
            except UNREADABLE as error:
                raise ApiError(BROKEN) from error
        raise ApiError(BROKEN)

    def history(self, thread: str) -> list[Turn]:
        """The conversation so far; empty where the guide knows of none.

        Raises:
            ApiError: no answer.
        """
        try:
            return self._door.ask(f"/v1/guide/threads/{quote(thread, safe='')}", _turns)
        except ApiError as error:
            if error.status == 404:
                return []
            raise

    def _said(self, event: Event) -> Progress | Answer:
        if event.name == "progress":
            return Progress.model_validate_json(event.data)
        if event.name == "answer":
            return Answer.model_validate(json.loads(event.data)["answer"])
        raise self._door.refusal(json.loads(event.data)["status"])


def _turns(told: Any) -> list[Turn]:
    return [Turn.model_validate(turn) for turn in told["turns"]]
