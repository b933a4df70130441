"""The guide's room of the API over a scripted guide, in the application and in a real server."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests
from flask.testing import FlaskClient
from werkzeug.serving import make_server

from nadeuri.errors import GraphError, QueryError
from nadeuri.guide.answer import Answer, Progress, Turn
from nadeuri.serve.app import build_app
from nadeuri.serve.guide import MOST_AT_ONCE, room
from nadeuri.serve.room import hurry_rooms, start_rooms, stop_rooms
from nadeuri.serve.wire import MAX_CHAT_QUESTION, ChatResponse, Problem, ServedModel

PATH = "/v1/guide/chat"
THREAD = "a-thread-of-my-own"
QUESTION = "애월읍 흑돼지 맛집 추천해줘"
READING = Progress(step="plan", text="질문을 읽고 있어요")
CHOOSING = Progress(step="select", text="고르고 있어요")
ANSWER = Answer(kind="chat", text="안녕하세요! “제주”에서\n무엇을 드시고 싶으세요?\u2028네?")
SERVED = ServedModel(
    kind="guide",
    model="tiny",
    version="1",
    created="2026-11-01T00:00:00+09:00",
    code_revision=None,
    data_fingerprint=None,
    n_items=30,
    n_users=None,
)
Step = Progress | Answer | Exception | threading.Event


@dataclass
class ScriptedGuide:
    """Says what it is told to: steps, errors, and pauses until something is set."""

    script: list[Step] = field(default_factory=lambda: [READING, CHOOSING, ANSWER])
    turns: dict[str, list[Turn]] = field(default_factory=dict)
    said: int = 0
    ended: threading.Event = field(default_factory=threading.Event)
    closed: bool = False

    def stream(self, question: str, *, thread: str) -> Generator[Progress | Answer, None, None]:
        try:
            for step in self.script:
                if isinstance(step, Exception):
                    raise step
                if isinstance(step, threading.Event):
                    step.wait(20)
                    continue
                if isinstance(step, Answer):
                    turn = Turn(question=question, answer=step)
                    self.turns.setdefault(thread, []).append(turn)
                yield step
                self.said += 1
        finally:
            self.ended.set()

    def history(self, thread: str) -> list[Turn]:
        return self.turns.get(thread, [])

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def guide() -> ScriptedGuide:
    return ScriptedGuide()


@pytest.fixture
def client(guide: ScriptedGuide) -> FlaskClient:
    return build_app([room(lambda: guide, SERVED)]).test_client()


@pytest.fixture
def url(guide: ScriptedGuide) -> Iterator[str]:
    """The application on a loopback socket, with a heartbeat every 50 ms."""
    app = build_app([room(lambda: guide, SERVED, heartbeat_s=0.05)])
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}{PATH}"
    server.shutdown()
    thread.join()
    server.server_close()


def events_in(text: str) -> list[tuple[str, Any]]:
    """Names and data of the events; comments are left out."""
    found = []
    for block in text.removesuffix("\n\n").split("\n\n"):
        if not block.startswith(":"):
            name, data = block.split("\n")
            found.append((name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return found


def test_progress_and_the_answer_as_events(client: FlaskClient) -> None:
    response = client.post(PATH, json={"question": QUESTION, "thread": THREAD})
    assert response.status_code == 200
    assert response.content_type == "text/event-stream"
    assert response.headers["X-Accel-Buffering"] == "no"
    assert response.headers["Cache-Control"] == "no-store"
    assert "고르고 있어요" in response.text, "Hangul leaves as itself, not as escapes"
    (*progress, (name, answer)) = events_in(response.text)
    assert progress == [
        ("progress", {"step": "plan", "text": "질문을 읽고 있어요"}),
        ("progress", {"step": "select", "text": "고르고 있어요"}),
    ]
    assert name == "answer"
    assert ChatResponse.model_validate_json(json.dumps(answer)) == ChatResponse(
        thread=THREAD, answer=ANSWER
    )


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        ({"stream": False}, {}),
        ({"stream": False}, {"Accept": "text/event-stream"}),
        ({}, {"Accept": "application/json"}),
        ({}, {"Accept": "application/json, text/event-stream;q=0.5"}),
    ],
)
def test_the_answer_alone(
    client: FlaskClient, body: dict[str, Any], headers: dict[str, str]
) -> None:
    asked = {"question": QUESTION, "thread": THREAD, **body}
    response = client.post(PATH, json=asked, headers=headers)
    assert response.content_type == "application/json"
    answered = ChatResponse.model_validate_json(response.data)
    assert answered == ChatResponse(thread=THREAD, answer=ANSWER)
    assert "안녕하세요!".encode() in response.data


@pytest.mark.parametrize("accept", ["*/*", "text/event-stream, application/json", "text/html"])
def test_events_unless_json_is_preferred(client: FlaskClient, accept: str) -> None:
    response = client.post(PATH, json={"question": QUESTION}, headers={"Accept": accept})
    assert response.content_type == "text/event-stream"


def test_a_conversation_without_a_name_gets_one_that_cannot_be_guessed(
    client: FlaskClient,
) -> None:
    threads = set()
    for _ in range(3):
        asked = {"question": QUESTION, "stream": False}
        thread = client.post(PATH, json=asked).get_json()["thread"]
        assert len(thread) == 32
        assert client.get(f"/v1/guide/threads/{thread}").status_code == 200
        threads.add(thread)
    assert len(threads) == 3


def test_the_conversation_so_far(client: FlaskClient) -> None:
    for question in ("처음", "다음"):
        client.post(PATH, json={"question": question, "thread": THREAD, "stream": False})
    told = client.get(f"/v1/guide/threads/{THREAD}").get_json()
    assert told["thread"] == THREAD
    assert [turn["question"] for turn in told["turns"]] == ["처음", "다음"]
    assert told["turns"][0]["answer"]["text"] == ANSWER.text


@pytest.mark.parametrize(
    "thread", ["nobody-has-this-name", "short", "이름이-한글인-대화는-없습니다"]
)
def test_an_unknown_conversation_is_404(
    client: FlaskClient, guide: ScriptedGuide, thread: str
) -> None:
    guide.turns["short"] = [Turn(question="?", answer=ANSWER)]
    response = client.get(f"/v1/guide/threads/{thread}")
    assert response.status_code == 404
    assert response.content_type == "application/problem+json"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "question"),
        ({"question": ""}, "question"),
        ({"question": " \n\u3000"}, "question"),
        ({"question": "가" * (MAX_CHAT_QUESTION + 1)}, "question"),
        ({"question": 1}, "question"),
        ({"question": "?", "thread": "short"}, "thread"),
        ({"question": "?", "thread": "x" * 65}, "thread"),
        ({"question": "?", "thread": "../../../etc/passwd"}, "thread"),
        ({"question": "?", "thread": "a-thread-of-my-own\n"}, "thread"),
        ({"question": "?", "stream": "no"}, "stream"),
        ({"question": "?", "user": "1"}, "user"),
    ],
)
def test_invalid_bodies_name_the_field(
    client: FlaskClient, guide: ScriptedGuide, body: Any, field: str
) -> None:
    response = client.post(PATH, json=body)
    assert response.status_code == 422
    assert response.content_type == "application/problem+json"
    assert response.get_json()["errors"][0]["field"] == field
    assert not guide.ended.is_set()


@pytest.mark.parametrize(
    ("content", "content_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"question=1", "application/x-www-form-urlencoded", 415),
        (b'{"question": "' + b"x" * (1 << 20) + b'"}', "application/json", 413),
    ],
)
def test_bodies_that_are_none(
    client: FlaskClient, content: bytes, content_type: str, status: int
) -> None:
    response = client.post(PATH, data=content, content_type=content_type)
    assert response.status_code == status
    assert response.content_type == "application/problem+json"


def test_an_error_is_the_last_event(
    client: FlaskClient, guide: ScriptedGuide, caplog: pytest.LogCaptureFixture
) -> None:
    guide.script = [READING, GraphError("places.graph: secret of the house")]
    response = client.post(PATH, json={"question": QUESTION}, headers={"X-Request-ID": "r-1"})
    assert response.status_code == 200, "it was sent before the error came"
    (_, (name, data)) = events_in(response.text)
    assert name == "error"
    problem = Problem.model_validate(data)
    assert (problem.status, problem.request_id) == (500, "r-1")
    assert "secret" not in response.text
    assert "secret of the house" in caplog.text


def test_what_the_guide_refuses_is_said(client: FlaskClient, guide: ScriptedGuide) -> None:
    guide.script = [READING, QueryError("thread: the question before takes too long")]
    (_, (_, data)) = events_in(client.post(PATH, json={"question": QUESTION}).text)
    alone = client.post(PATH, json={"question": QUESTION, "stream": False})
    assert alone.status_code == data["status"] == 422
    assert "takes too long" in data["detail"]


@pytest.mark.parametrize("script", [[READING, GraphError("secret")], [READING]])
def test_an_error_in_place_of_the_answer_alone(
    client: FlaskClient, guide: ScriptedGuide, script: list[Step]
) -> None:
    guide.script = script
    response = client.post(PATH, json={"question": QUESTION, "stream": False})
    assert response.status_code == 500
    assert "secret" not in response.text
    assert guide.ended.is_set()


def test_a_sign_of_life_while_nothing_happens(url: str, guide: ScriptedGuide) -> None:
    go_on = threading.Event()
    guide.script = [READING, go_on, ANSWER]
    with requests.post(url, json={"question": QUESTION}, stream=True, timeout=10) as response:
        parts = response.iter_content(None)
        received = b""
        while received.count(b": still at it") < 3:
            received += next(parts)
        assert b"event: progress" in received, "events arrive before the answer is there"
        go_on.set()
        received += b"".join(parts)
    assert [name for name, _ in events_in(received.decode())] == ["progress", "answer"]


@pytest.mark.parametrize("stream", [True, False])
def test_an_answer_that_takes_too_long_is_504(guide: ScriptedGuide, stream: bool) -> None:
    go_on = threading.Event()
    guide.script = [READING, go_on, CHOOSING, CHOOSING, ANSWER]
    client = build_app([room(lambda: guide, SERVED, within_s=0.3)]).test_client()
    started = time.monotonic()
    response = client.post(PATH, json={"question": QUESTION, "stream": stream})
    said = response.get_data()
    assert time.monotonic() - started < 5
    if stream:
        assert [name for name, _ in events_in(said.decode())] == ["progress", "error"]
        said = json.dumps(events_in(said.decode())[-1][1]).encode()
    else:
        assert response.content_type == "application/problem+json"
        assert response.status_code == 504
    problem = Problem.model_validate_json(said)
    assert (problem.status, problem.request_id) == (504, response.headers["X-Request-ID"])
    assert not guide.ended.is_set(), "a step cannot be interrupted"
    go_on.set()
    assert guide.ended.wait(10)
    assert guide.said == 1, "no other is begun"


def test_a_server_that_must_stop_says_so(guide: ScriptedGuide) -> None:
    go_on = threading.Event()
    guide.script = [READING, go_on, ANSWER]
    app = build_app([room(lambda: guide, SERVED)])
    response = app.test_client().post(
        PATH, json={"question": QUESTION}, headers={"X-Request-ID": "mine"}, buffered=False
    )
    parts = response.iter_encoded()
    received = next(parts)
    hurry_rooms(app)
    go_on.set()
    received += b"".join(parts)
    (_, _), (name, problem) = events_in(received.decode())
    assert (name, problem["status"], problem["request_id"]) == ("error", 503, "mine")
    assert guide.ended.wait(10)


def test_a_caller_who_leaves_ends_the_work(url: str, guide: ScriptedGuide) -> None:
    go_on = threading.Event()
    guide.script = [READING, go_on, CHOOSING, CHOOSING, ANSWER]
    with requests.post(url, json={"question": QUESTION}, stream=True, timeout=10) as response:
        assert b"plan" in next(response.iter_content(None))
    time.sleep(0.3)  # for some heartbeats to find nobody there
    go_on.set()
    assert guide.ended.wait(10)
    assert guide.said == 1, "the step at hand is finished, and no other is begun"
    assert not guide.turns


def test_too_many_at_once_are_asked_to_come_back(url: str, guide: ScriptedGuide) -> None:
    go_on = threading.Event()
    guide.script = [READING, go_on, ANSWER]
    asked = {"question": QUESTION}
    waiting = [requests.post(url, json=asked, stream=True, timeout=10) for _ in range(MOST_AT_ONCE)]
    refused = requests.post(url, json=asked, timeout=10)
    assert refused.status_code == 503
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert int(refused.headers["Retry-After"]) > 0
    go_on.set()
    for response in waiting:
        assert "event: answer" in response.text
    assert requests.post(url, json=asked, timeout=10).status_code == 200


def test_seats_are_given_back_after_errors(client: FlaskClient, guide: ScriptedGuide) -> None:
    guide.script = [GraphError("no")]
    for number in range(2 * MOST_AT_ONCE):
        asked = {"question": QUESTION, "stream": number % 2 == 0}
        assert client.post(PATH, json=asked).status_code == (200 if asked["stream"] else 500)


def test_a_guide_is_opened_once_and_closed_with_the_process() -> None:
    opened: list[ScriptedGuide] = []

    def open_guide() -> ScriptedGuide:
        opened.append(ScriptedGuide())
        return opened[-1]

    app = build_app([room(open_guide, SERVED)])
    assert not opened, "nothing is opened before the fork"
    start_rooms(app)
    for _ in range(2):
        app.test_client().post(PATH, json={"question": QUESTION})
    assert len(opened) == 1
    stop_rooms(app)
    assert opened[0].closed
    stop_rooms(app)


def test_openapi_describes_both_answers(client: FlaskClient) -> None:
    document = client.get("/openapi.json").get_json()
    chat = document["paths"][PATH]["post"]
    content = chat["responses"]["200"]["content"]
    assert set(content) == {"application/json", "text/event-stream"}
    schemas = document["components"]["schemas"]
    events = {}
    for event in content["text/event-stream"]["schema"]["oneOf"]:
        model = event["properties"]["data"]["contentSchema"]["$ref"].rpartition("/")[2]
        assert model in schemas
        events[event["properties"]["event"]["const"]] = model
    assert events == {"progress": "Progress", "answer": "ChatResponse", "error": "Problem"}
    assert schemas["ChatRequest"]["properties"]["question"]["maxLength"] == MAX_CHAT_QUESTION
    assert "404" in document["paths"]["/v1/guide/threads/{thread}"]["get"]["responses"]
    assert client.get("/readyz").get_json()["models"][0]["kind"] == "guide"


def test_the_room_brings_no_guide_along() -> None:
    """What is served is passed in: the room itself knows only the types of an answer."""
    program = (
        "import sys, nadeuri.serve.guide\n"
        "known = {n for n in sys.modules if n.startswith('nadeuri.guide.')}\n"
        "assert known == {'nadeuri.guide.answer', 'nadeuri.guide.plan'}, known\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
