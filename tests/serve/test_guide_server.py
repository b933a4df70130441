"""The guide in the real server: two workers over one graph and one memory."""

from __future__ import annotations

import json
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil
import requests

QUESTION = "부모님과 가기 좋은 애월읍 맛집 추천해줘"


def ask(server: Any, question: str, thread: str) -> Any:
    """The answer alone."""
    body = {"question": question, "thread": thread, "stream": False}
    response = requests.post(f"{server.url}/v1/guide/chat", json=body, timeout=60)
    assert response.status_code == 200, response.text
    return response.json()["answer"]


def test_events_over_http(guide_server: Any) -> None:
    body = {"question": QUESTION, "thread": "events-over-http"}
    with requests.post(
        f"{guide_server.url}/v1/guide/chat", json=body, stream=True, timeout=60
    ) as response:
        assert response.headers["Content-Type"] == "text/event-stream"
        assert response.headers["Transfer-Encoding"] == "chunked"
        text = response.content.decode()
    names = [line for line in text.split("\n") if line.startswith("event: ")]
    assert set(names[:-1]) == {"event: progress"}
    assert len(names) >= 4
    assert names[-1] == "event: answer"
    answer = json.loads(text.removesuffix("\n\n").rpartition("data: ")[2])["answer"]
    assert answer["kind"] == "places"
    assert 1 <= len(answer["cards"]) <= 3
    assert all("애월읍" in card["address"] for card in answer["cards"])


def test_each_worker_remembers_what_the_other_heard(guide_server: Any) -> None:
    thread = "heard-by-the-other"
    shown = ask(guide_server, QUESTION, thread)["cards"]
    for _ in range(4):  # whichever worker answers
        told = ask(guide_server, "가격은?", thread)
        assert told["kind"] == "statistic"
        assert shown[0]["name"] in told["text"]
    url = f"{guide_server.url}/v1/guide/threads/{thread}"
    for _ in range(4):
        assert len(requests.get(url, timeout=30).json()["turns"]) == 5


def test_many_travellers_at_once(guide_server: Any) -> None:
    def converse(number: int) -> list[str]:
        thread = f"traveller-number-{number}"
        ask(guide_server, QUESTION, thread)
        ask(guide_server, "안녕", thread)
        turns = requests.get(f"{guide_server.url}/v1/guide/threads/{thread}", timeout=30).json()
        return [turn["question"] for turn in turns["turns"]]

    with ThreadPoolExecutor(6) as pool:
        histories = list(pool.map(converse, range(12)))
    assert histories == [[QUESTION, "안녕"]] * 12


def test_history_survives_a_restart_and_nothing_is_left_behind(
    start_server: Callable[..., Any], tiny_guide_folder: Path
) -> None:
    options = ("--guide", str(tiny_guide_folder), "--workers", "1")
    first = start_server(*options, artifacts=())
    ask(first, QUESTION, "survives-a-restart")
    (worker,) = psutil.Process(first.process.pid).children()
    readers = worker.children(recursive=True)
    assert readers, "the graph is read by a process of its own"
    first.process.send_signal(signal.SIGTERM)
    assert first.process.wait(timeout=30) == 0
    _, alive = psutil.wait_procs([worker, *readers], timeout=10)
    assert not alive
    assert "Traceback" not in first.log.read_text()

    second = start_server(*options, artifacts=())
    turns = requests.get(f"{second.url}/v1/guide/threads/survives-a-restart", timeout=30).json()
    assert [turn["question"] for turn in turns["turns"]] == [QUESTION]


def test_a_caller_who_leaves_holds_up_nobody(guide_server: Any) -> None:
    for number in range(10):
        body = {"question": QUESTION, "thread": f"leaves-at-once-{number}"}
        with requests.post(
            f"{guide_server.url}/v1/guide/chat", json=body, stream=True, timeout=30
        ) as response:
            next(response.iter_content(None))
    started = time.monotonic()
    assert ask(guide_server, "안녕", "comes-after-them")["kind"] == "chat"
    assert time.monotonic() - started < 20


def test_a_renewed_worker_reads_no_vectors_again(
    start_server: Callable[..., Any], tiny_guide_folder: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "guide"
    shutil.copytree(tiny_guide_folder, folder)
    server = start_server("--guide", str(folder), "--workers", "1", artifacts=())
    master = psutil.Process(server.process.pid)
    (first,) = master.children()
    for part in ("reviews", "places"):
        shutil.rmtree(folder / part)
    server.process.send_signal(signal.SIGHUP)
    gone, _ = psutil.wait_procs([first], timeout=60)
    assert gone == [first]
    cards = ask(server, QUESTION, "of-a-renewed-worker")["cards"]
    assert all("애월읍" in card["address"] for card in cards)
    assert cards
    assert "Traceback" not in server.log.read_text()


def test_a_guide_without_its_graph_is_one_line(tiny_guide_folder: Path, tmp_path: Path) -> None:
    for part in ("reviews", "places"):
        shutil.copytree(tiny_guide_folder / part, tmp_path / part)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    done = subprocess.run(
        [
            *(sys.executable, "-m", "nadeuri", "serve", "--guide", str(tmp_path)),
            *("--port", str(port), "--workers", "1"),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 3
    assert "places.graph" in done.stderr
    assert "Traceback" not in done.stderr
