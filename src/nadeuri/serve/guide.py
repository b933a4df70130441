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
from nadeuri.serve.problems import problem_of
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
    open_guide: Callable[[], PlaceGuide], served: ServedModel, *, heartbeat_s: float = HEARTBEAT_S
) -> Room:
    """The room over a guide.

    Args:
        open_guide: called once in each process that serves: the guide has a process of its own for
            its graph and a connection to its memory, which no fork may share.
    """
    guide = OnePerProcess(open_guide)
    streams: WeakKeyDictionary[EventStream, str] = WeakKeyDictionary()
    return Room(
        blueprint=_blueprint(guide, streams, heartbeat_s),
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
        if _wants_the_answer_alone(asked):
            return json_response(ChatResponse(thread=thread, answer=_answer(turn)))
        stream = EventStream(_events(turn, thread, g.request_id), heartbeat_s=heartbeat_s)
        streams[stream] = g.request_id
        return Response(
            stream,
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


def _answer(turn: Generator[Progress | Answer, None, None]) -> Answer:
    *_, last = turn
    if not isinstance(last, Answer):
        raise TypeError(f"the guide ended with {last!r}")
    return last


def _events(
    turn: Generator[Progress | Answer, None, None], thread: str, request_id: str
) -> Generator[Event, None, None]:
    """``turn`` as events; an error becomes the last of them, for the status has been sent."""
    try:
        with closing(turn):
            for said in turn:
                if isinstance(said, Progress):
                    yield Event(PROGRESS, said.model_dump_json())
                else:
                    answer = ChatResponse(thread=thread, answer=said)
                    yield Event(ANSWER, answer.model_dump_json())
    except Exception as error:
        yield Event(ERROR, problem_of(error, request_id).model_dump_json())
