"""The way to the API: a request over HTTP, and every failure in words for a person."""

from __future__ import annotations

import json
import logging
import urllib.request
from collections.abc import Callable
from functools import cache
from http.client import HTTPException, HTTPResponse
from typing import Any, TypeVar
from urllib.error import HTTPError
from urllib.parse import urlsplit

from nadeuri.errors import ConfigError, NadeuriError

TIMEOUT_S = 30.0
"""For one read; a guide that is busy gives a sign of life every few seconds."""
BROKEN = "서버의 답이 중간에 끊겼어요. 다시 시도해 주세요."
UNREADABLE = (OSError, HTTPException, ValueError, LookupError, TypeError)
"""What reading an answer raises that broke off, or is not the API's."""

_UNREACHABLE = "서버에 연결하지 못했어요. 잠시 뒤에 다시 시도해 주세요."
_BUSY = "지금은 이용하는 분이 많아요. 잠시 뒤에 다시 시도해 주세요."
_FAILED = "문제가 생겼어요. 다시 시도해 주세요."
_NO_KEY = "이 화면의 API 키로는 이 기능을 쓸 수 없어요. 관리자에게 알려 주세요."
_REFUSED = "서버가 이 요청을 받지 않았어요. 내용을 확인하고 다시 시도해 주세요."
_MAX_ANSWER_BYTES = 64 << 20

_log = logging.getLogger(__name__)

T = TypeVar("T")


class ApiError(NadeuriError):
    """There is no answer; the message is for whom the page is for, in Korean.

    Attributes:
        status: of HTTP; None where no response came, or one that cannot be read.
    """

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status

    @property
    def is_not_offered(self) -> bool:
        """The server has no such thing, or has it for other keys: asking again is of no use."""
        return self.status in (403, 404)


class Door:
    """Requests to one API.

    Args:
        refused: what is said when the API does not take a request.
        key: sent with each request, where the API wants one.
    """

    def __init__(
        self,
        url: str,
        *,
        refused: str = _REFUSED,
        timeout_s: float = TIMEOUT_S,
        key: str | None = None,
    ) -> None:
        """Raises: ConfigError: ``url`` is none of http or https."""
        if not url.startswith(("http://", "https://")):
            raise ConfigError(f"no API at {url!r}: give its address, such as http://127.0.0.1:8000")
        self._url = url.rstrip("/")
        self._refused = refused
        self._timeout_s = timeout_s
        self._key = key

    def ask(self, path: str, read: Callable[[Any], T], body: object = None) -> T:
        """What ``read`` makes of the JSON of an answer.

        Args:
            body: sent as JSON with POST; without one the request is a GET.

        Raises:
            ApiError: no answer.
        """
        with self.open(path, body, accept="application/json") as response:
            try:
                return read(json.loads(response.read(_MAX_ANSWER_BYTES)))
            except UNREADABLE as error:
                raise ApiError(BROKEN) from error

    def open(self, path: str, body: object, *, accept: str) -> HTTPResponse:
        """The response, whose body is still to be read.

        Raises:
            ApiError: there is none, or it is a refusal.
        """
        sent = None if body is None else json.dumps(body).encode()
        headers = {"Accept": accept} | (
            {} if sent is None else {"Content-Type": "application/json"}
        )
        request = urllib.request.Request(  # noqa: S310 (http or https)
            f"{self._url}{path}", sent, headers
        )
        if self._key:  # for this server alone, wherever it may send us
            request.add_unredirected_header("Authorization", f"Bearer {self._key}")
        try:
            response: HTTPResponse = urllib.request.urlopen(  # noqa: S310
                request, timeout=self._timeout_s
            )
        except HTTPError as error:
            with error:
                if error.code in (401, 403):
                    _warn_of_key(error.code, _room_of(path))
                raise self.refusal(error.code) from error
        except (OSError, HTTPException) as error:
            raise ApiError(_UNREACHABLE) from error
        return response

    def refusal(self, status: int) -> ApiError:
        """The error for a response with this status."""
        if status in (429, 503):
            return ApiError(_BUSY, status)
        if status in (401, 403):
            return ApiError(_NO_KEY, status)
        return ApiError(_FAILED if status >= 500 or status == 404 else self._refused, status)


def _room_of(path: str) -> str:
    """The part of a path that names nobody: no traveller, no question."""
    return "/".join(urlsplit(path).path.split("/")[:3])


@cache
def _warn_of_key(status: int, room: str) -> None:
    """Once for each room: pages ask again and again."""
    _log.warning(
        "the API answers %s with %d: give the pages a key for it in NADEURI_API_KEY", room, status
    )
