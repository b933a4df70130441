"""The room of the API where travellers talk with the place guide."""

from __future__ import annotations

import re
import threading
import uuid
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from typing import Protocol
from weakref import WeakKeyDictionary

from flask import Blueprint, Response, g, request
from werkzeug.exceptions import NotFound, ServiceUnavailable

from nadeuri.guide.answer import Answer, Progress, Turn
from nadeuri.serve.bodies import json_response, read_body
from nadeuri.serve.events import HEARTBEAT_S, Event, EventStream
from nadeuri.serve.openapi import EVENT_STREAM_TYPE, JSON_TYPE, Operation
from nadeuri.serve.per_process import OnePerProcess
from nadeuri.serve.problems import problem_of, problem_response
from nadeuri.serve.room import Room
from nadeuri.serve.wire import (
    MAX_CODE,
    THREAD_PATTERN,
    ChatRequest,
    ChatResponse,
    Problem,
    ServedModel,
    ThreadResponse,
)

PATH = "/v1/guide/chat"
THREAD_PATH = "/v1/guide/threads/{thread}"
PROGRESS, ANSWER, ERROR = "progress", "answer", "error"
ANSWER_WITHIN_S = 90.0
"""Each question to a language model has a time-out of its own, but an answer may need several."""
MOST_AT_ONCE = 16
"""Conversations that a process thinks about at once; it refuses more with 503."""

OPERATIONS = (
    Operation(
        PATH,
        "Talk with the place guide",
        ChatResponse,
        ChatRequest,
        events={PROGRESS: Progress, ANSWER: ChatResponse, ERROR: Problem},
    ),
    Operation(
        THREAD_PATH,
        "A conversation so far",
        ThreadResponse,
        missing="There is no such conversation.",
    ),
)

_RETRY_AFTER_S = 2
_THREAD = re.compile(THREAD_PATTERN)


class PlaceGuide(Protocol):
    """What the room needs of :class:`nadeuri.guide.pipeline.Guide`."""

    def stream(self, question: str, *, thread: str) -> Iterator[Progress | Answer]:
        """What is being done, and at the end the answer."""

    def history(self, thread: str) -> list[Turn]:
        """The turns of a conversation, oldest first; none if there is no such conversation."""

    def close(self) -> None:
        """Close its graph and its memory."""


def room(
    open_guide: Callable[[], PlaceGuide],
    served: ServedModel,
    *,
    heartbeat_s: float = HEARTBEAT_S,
    within_s: float = ANSWER_WITHIN_S,
) -> Room:
    """The room over a guide.

    Args:
        open_guide: called once in each process that serves: the guide has a process of its own for
            its graph and a connection to its memory, which no fork may share.
        within_s: how long an answer may take; a later one is a problem of status 504.
    """
    guide = OnePerProcess(open_guide)
    streams: WeakKeyDictionary[EventStream, str] = WeakKeyDictionary()
    return Room(
        blueprint=_blueprint(guide, streams, heartbeat_s, within_s),
        operations=OPERATIONS,
        served=served,
        start=guide.get,
        stop=guide.close,
        hurry=lambda: _end(streams),
    )


def _blueprint(
    guide: OnePerProcess[PlaceGuide],
    streams: WeakKeyDictionary[EventStream, str],
    heartbeat_s: float,
    within_s: float,
) -> Blueprint:
    """The routes; ``streams`` is told of each that begins, with the id of its request."""
    routes = Blueprint("guide", __name__)
    seats = threading.BoundedSemaphore(MOST_AT_ONCE)

    @routes.post(PATH)
    def chat() -> Response:
        asked = read_body(ChatRequest)
        thread = asked.thread or uuid.uuid4().hex
        if not seats.acquire(blocking=False):
            raise ServiceUnavailable("Ask again in a moment.", retry_after=_RETRY_AFTER_S)
        turn = _turn(guide, asked.question, thread, seats)
        events = EventStream(
            _events(turn, thread, g.request_id),
            within_s=within_s,
            late=_late(g.request_id),
            heartbeat_s=heartbeat_s,
        )
        streams[events] = g.request_id
        if _wants_the_answer_alone(asked):
            return _answer(events.last())
        return Response(
            events,
            content_type=EVENT_STREAM_TYPE,
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )

    @routes.get(f"/v1/guide/threads/<string(maxlength={MAX_CODE}):thread>")
    def history(thread: str) -> Response:
        turns = guide.get().history(thread) if _THREAD.fullmatch(thread) else []
        if not turns:
            raise NotFound("There is no such conversation.")
        return json_response(ThreadResponse(thread=thread, turns=turns))

    return routes


def _end(streams: WeakKeyDictionary[EventStream, str]) -> None:
    """End conversations that would be cut off otherwise, with an event that says so."""
    for stream, request_id in list(streams.items()):
        problem = Problem(
            title="Service Unavailable",
            status=503,
            detail="The server is restarting. Ask again in a moment.",
            request_id=request_id,
        )
        stream.end_with(Event(ERROR, problem.model_dump_json()))


def _wants_the_answer_alone(asked: ChatRequest) -> bool:
    accepted = request.accept_mimetypes
    return not asked.stream or accepted[JSON_TYPE] > accepted[EVENT_STREAM_TYPE]


def _turn(
    guide: OnePerProcess[PlaceGuide], question: str, thread: str, seats: threading.BoundedSemaphore
) -> Generator[Progress | Answer, None, None]:
    """What the guide says; the seat is free again once this has ended or was closed."""
    try:
        yield from guide.get().stream(question, thread=thread)
    finally:
        seats.release()


def _answer(last: Event) -> Response:
    """The last event as a response."""
    if last.name == ANSWER:
        return Response(last.data, content_type=JSON_TYPE)
    return problem_response(Problem.model_validate_json(last.data))


def _late(request_id: str) -> Event:
    detail = "No answer in time. Ask again, or ask for less."
    problem = Problem(title="Gateway Timeout", status=504, detail=detail, request_id=request_id)
    return Event(ERROR, problem.model_dump_json())


def _events(
    turn: Generator[Progress | Answer, None, None], thread: str, request_id: str
) -> Generator[Event, None, None]:
    """``turn`` as events; an error becomes the last of them, for the status has been sent."""
    said = None
    try:
        with closing(turn):
            for said in turn:
                if isinstance(said, Progress):
                    yield Event(PROGRESS, said.model_dump_json())
                else:
                    answer = ChatResponse(thread=thread, answer=said)
                    yield Event(ANSWER, answer.model_dump_json())
        if not isinstance(said, Answer):
            raise TypeError(f"the guide ended with {said!r}")
    except Exception as error:
        yield Event(ERROR, problem_of(error, request_id).model_dump_json())
