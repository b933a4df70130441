"""The guide as the page meets it: the API, asked over HTTP."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from http.client import HTTPException, HTTPResponse
from urllib.error import HTTPError
from urllib.parse import quote

from nadeuri.errors import ConfigError, NadeuriError
from nadeuri.guide.answer import Answer, Progress, Turn
from nadeuri.web.events import MAX_EVENT_BYTES, Event, read_events

TIMEOUT_S = 30.0
"""For one read; a guide that is busy gives a sign of life every few seconds."""

_UNREACHABLE = "가이드 서버에 연결하지 못했어요. 잠시 뒤에 다시 시도해 주세요."
_BROKEN = "가이드 서버의 답이 중간에 끊겼어요. 다시 시도해 주세요."
_BUSY = "지금은 이용하는 분이 많아요. 잠시 뒤에 다시 시도해 주세요."
_REFUSED = "이 질문은 보낼 수 없었어요. 질문을 조금 바꿔서 다시 물어봐 주세요."
_FAILED = "답을 찾다가 문제가 생겼어요. 다시 시도해 주세요."
_MAX_HISTORY_BYTES = 64 << 20
_UNREADABLE = (OSError, HTTPException, ValueError, LookupError, TypeError)
"""What reading an answer raises that broke off, or is not the guide's."""


class ApiError(NadeuriError):
    """There is no answer; the message is for the traveller, in Korean."""


class GuideApi:
    """The guide's room of the API."""

    def __init__(self, url: str, *, timeout_s: float = TIMEOUT_S) -> None:
        """Raises: ConfigError: ``url`` is none of http or https."""
        if not url.startswith(("http://", "https://")):
            raise ConfigError(f"no API at {url!r}: give its address, such as http://127.0.0.1:8000")
        self._url = url.rstrip("/")
        self._timeout_s = timeout_s

    def ask(self, question: str, thread: str) -> Iterator[Progress | Answer]:
        """What the guide is doing, and at the end its answer.

        Raises:
            ApiError: no answer.
        """
        body = json.dumps({"question": question, "thread": thread}).encode()
        request = urllib.request.Request(  # noqa: S310 (http or https)
            f"{self._url}/v1/guide/chat",
            body,
            {"Content-Type": "application/json", "Accept": "text/event-stream"},
        )
        with self._open(request) as response:
            try:
                for event in read_events(iter(lambda: response.readline(MAX_EVENT_BYTES), b"")):
                    yield (said := _said(event))
                    if isinstance(said, Answer):
                        return
            except _UNREADABLE as error:
                raise ApiError(_BROKEN) from error
        raise ApiError(_BROKEN)

    def history(self, thread: str) -> list[Turn]:
        """The conversation so far; empty where the guide knows of none.

        Raises:
            ApiError: no answer.
        """
        address = f"{self._url}/v1/guide/threads/{quote(thread, safe='')}"
        try:
            with self._open(urllib.request.Request(address)) as response:  # noqa: S310
                told = json.loads(response.read(_MAX_HISTORY_BYTES))
            return [Turn.model_validate(turn) for turn in told["turns"]]
        except _NothingThereError:
            return []
        except _UNREADABLE as error:
            raise ApiError(_BROKEN) from error

    def _open(self, request: urllib.request.Request) -> HTTPResponse:
        try:
            response: HTTPResponse = urllib.request.urlopen(  # noqa: S310
                request, timeout=self._timeout_s
            )
        except HTTPError as error:
            with error:
                raise _refusal(error.code) from error
        except (OSError, HTTPException) as error:
            raise ApiError(_UNREACHABLE) from error
        return response


class _NothingThereError(ApiError):
    """404."""


def _refusal(status: int) -> ApiError:
    if status == 404:
        return _NothingThereError(_FAILED)
    if status == 503:
        return ApiError(_BUSY)
    return ApiError(_REFUSED if status < 500 else _FAILED)


def _said(event: Event) -> Progress | Answer:
    if event.name == "progress":
        return Progress.model_validate_json(event.data)
    if event.name == "answer":
        return Answer.model_validate(json.loads(event.data)["answer"])
    raise _refusal(json.loads(event.data)["status"])
