"""What pages ask, on loopback: a small guide behind the real API, and a double of the rest."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from match_double import MatchDouble
from shop_double import ShopDouble
from werkzeug.serving import BaseWSGIServer, make_server

from nadeuri.errors import GraphError
from nadeuri.guide.answer import Answer, Card, Dish, Progress, Quote, RunQuery, Step, Turn
from nadeuri.guide.plan import Area, Plan
from nadeuri.serve.app import build_app
from nadeuri.serve.guide import room
from nadeuri.serve.wire import ServedModel

FAILS, STALLS = "고장", "느리게"
"""Questions with these words fail, or take some seconds."""
STALL_S = 2.0
SERVED = ServedModel(
    kind="guide",
    model="small",
    version="1",
    created="2026-11-01T00:00:00+09:00",
    code_revision=None,
    data_fingerprint=None,
    n_items=2,
    n_users=None,
)


class SmallGuide:
    """Answers by the words of a question; keeps a file of turns for each conversation."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def stream(self, question: str, *, thread: str) -> Iterator[Progress | Answer]:
        yield Progress(step="plan", text="질문을 읽고 있어요")
        if FAILS in question:
            raise GraphError("places.graph: the process that reads the graph died")
        if STALLS in question:
            time.sleep(STALL_S)
        yield Progress(step="select", text="어울리는 *곳*을 고르고 있어요")
        turn = Turn(question=question, answer=answer_to(question))
        with self._file(thread).open("a", encoding="utf-8") as file:
            file.write(turn.model_dump_json() + "\n")
        yield turn.answer

    def history(self, thread: str) -> list[Turn]:
        path = self._file(thread)
        lines = path.read_text(encoding="utf-8").split("\n")[:-1] if path.exists() else []
        return [Turn.model_validate_json(line) for line in lines]

    def close(self) -> None:
        """Nothing is open."""

    def _file(self, thread: str) -> Path:
        return self._folder / f"{thread}.jsonl"


class RunningApi:
    """The API over a small guide; it can be stopped and started again at the same address."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = probe.getsockname()[1]
        self._server: BaseWSGIServer | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        app = build_app([room(lambda: SmallGuide(self._folder), SERVED, heartbeat_s=0.5)])
        self._server = make_server("127.0.0.1", self._port, app, threaded=True)
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()
            self._server = None


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """A browser; of one module, for where playwright runs nobody else can have an event loop."""
    playwright = pytest.importorskip("playwright.sync_api")
    from drive.chromium import launched

    with playwright.sync_playwright() as started:
        browser = launched(started)
        yield browser
        browser.close()


@pytest.fixture
def api(tmp_path: Path) -> Iterator[RunningApi]:
    """The API, started."""
    running = RunningApi(tmp_path)
    running.start()
    yield running
    running.stop()


@pytest.fixture
def double() -> Iterator[MatchDouble]:
    """The double of the API of places, packages and reviews, started."""
    running = MatchDouble()
    running.start()
    yield running
    running.stop()


@pytest.fixture
def shop() -> Iterator[ShopDouble]:
    """The double of the API of products and recommendations, started."""
    running = ShopDouble()
    running.start()
    yield running
    running.stop()


def answer_to(question: str) -> Answer:
    """Small talk, a question back, or places: as the first word has it."""
    if "안녕" in question:
        return Answer(kind="chat", text="안녕하세요! 제주 맛집을 찾아 드려요.")
    if question.startswith("추천"):
        return Answer(
            kind="clarification",
            text="어느 지역에서 찾아 드릴까요?",
            choices=("애월읍 흑돼지", "성산읍 해물"),
        )
    return Answer(
        kind="places",
        text=f"‘{question}’에 어울리는 두 곳이에요.",
        cards=(card("place-1", "애월 돌담집"), card("place-2", "<b>바다 & 별</b>")),
        plan=Plan(areas=(Area(city="제주시", town="애월읍"),), menus=("흑돼지",)),
        queries=(
            RunQuery(cypher="MATCH (p:Place) RETURN p.id LIMIT $limit", parameters={"limit": 6}),
        ),
        steps=(Step(name="plan", ms=1.25), Step(name="select", ms=0.5, notes=("기본 선택",))),
    )


def card(place_id: str, name: str) -> Card:
    """A place in Aewol."""
    return Card(
        place_id=place_id,
        name=name,
        category="흑돼지",
        address="제주시 애월읍 애월리 12",
        latitude=33.462 + 0.01 * int(place_id[-1]),
        longitude=126.31,
        rating=4.6,
        n_reviews=1234,
        hours="매일 11:00~21:30, 수요일 휴무",
        menus=(Dish(name="흑돼지 오겹살", price=19_000), Dish(name="시가 <회>", price=None)),
        reviews=(
            Quote(
                review_id=f"{place_id}-r1",
                source="네이버",
                date="2026-05-03",
                text="부모님이 <script>alert(1)</script> 좋아하셨어요.\n또 올게요.",
            ),
        ),
        reason="60대 손님 비중이 높고 부모님과 오는 분이 많아요.",
    )
