"""A real server takes up a newer artefact without a pause, and refuses or takes back a bad one."""

from __future__ import annotations

import shutil
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import requests
from republish import flip_a_byte, republish

from nadeuri import columns
from nadeuri.artifact import Artifact

PATH = "/v1/recommendations"


def named(name: str) -> Callable[[Path], None]:
    """Gives every product one name, by which an answer tells the version that it comes from."""

    def change(draft: Path) -> None:
        table = pq.read_table(draft / "items.parquet")
        kept = [each for each in table.column_names if each != columns.NAME]
        names = pa.array([name] * table.num_rows)
        pq.write_table(
            table.select(kept).append_column(columns.NAME, names), draft / "items.parquet"
        )

    return change


def names_in(answer: requests.Response) -> set[str]:
    return {item["name"] for item in answer.json()["items"]}


def ready(server: Any) -> dict[str, Any]:
    answer: dict[str, Any] = requests.get(f"{server.url}/readyz", timeout=30).json()
    return answer


def versions(server: Any) -> set[str]:
    return {model["version"] for model in ready(server)["models"]}


def wait_until(holds: Callable[[], bool], server: Any, timeout_s: float = 120) -> None:
    deadline = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < deadline, server.log.read_text()
        time.sleep(0.1)


def wait_for_log(server: Any, text: str, times: int = 1) -> None:
    wait_until(lambda: server.log.read_text().count(text) >= times, server)


def pids(server: Any) -> set[int]:
    return {each.pid for each in psutil.Process(server.process.pid).children()}


def test_a_bad_version_is_refused_once_and_a_good_one_is_served(
    start_server: Callable[..., Any], travel_artifact: Artifact, tmp_path: Path
) -> None:
    first = republish(travel_artifact, tmp_path / "for-you", change=named("첫째"))
    options = ("--workers", "1", "--reload-seconds", "0.2")
    server = start_server(*options, artifacts=[first])
    bad = republish(travel_artifact, first.path, "bad")
    flip_a_byte(first.path / "model.onnx")
    wait_until(lambda: ready(server)["refused"] != [], server)
    ((refused,), now) = ready(server)["refused"], versions(server)
    assert (refused["kind"], refused["version"]) == ("recommender", bad.version)
    assert refused["reason"].startswith("for-you: model.onnx has changed since it was written")
    assert now == {first.version}
    answer = requests.post(server.url + PATH, json={"history": ["P001"]}, timeout=30)
    assert names_in(answer) == {"첫째"}
    time.sleep(1)
    assert server.log.read_text().count("has changed, trying it") == 1

    good = republish(travel_artifact, first.path, "good", change=named("둘째"))
    wait_until(lambda: versions(server) == {good.version}, server)
    assert ready(server)["refused"] == []
    answer = requests.post(server.url + PATH, json={"history": ["P001"]}, timeout=30)
    assert names_in(answer) == {"둘째"}


class Load:
    """Constant requests from several threads, each of which must be answered by one version."""

    def __init__(self, server: Any, n_threads: int = 4) -> None:
        self._server = server
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._ask) for _ in range(n_threads)]
        self.failures: list[str] = []
        self.answered: list[str] = []

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _ask(self) -> None:
        while not self._stop.is_set():
            try:
                body: dict[str, Any] = {"history": ["P001"], "k": 20}
                answer = requests.post(self._server.url + PATH, json=body, timeout=60)
                answer.raise_for_status()
                (name,) = names_in(answer)
                self.answered.append(name)
            except (requests.RequestException, ValueError) as error:
                self.failures.append(repr(error))


@pytest.mark.slow
def test_two_swaps_and_a_hang_up_under_load_lose_no_request(
    start_server: Callable[..., Any], travel_artifact: Artifact, tmp_path: Path
) -> None:
    first = republish(travel_artifact, tmp_path / "for-you", change=named("1"))
    options = ("--workers", "2", "--reload-seconds", "0.2")
    server = start_server(*options, artifacts=[first])
    with Load(server) as load:
        for number in (2, 3):
            newer = republish(travel_artifact, first.path, change=named(str(number)))
            wait_for_log(server, f"all workers serve version {newer.version}")
            for _ in range(20):
                assert versions(server) == {newer.version}
            wait_for_log(server, f"version {newer.version} is accepted")
        before = pids(server)
        server.process.send_signal(signal.SIGHUP)
        wait_until(lambda: len(pids(server)) == 2 and not pids(server) & before, server)
    assert load.failures == []
    assert set(load.answered) == {"1", "2", "3"}
    assert load.answered[-1] == "3"


@pytest.mark.slow
def test_a_worker_that_is_killed_on_probation_brings_the_version_before_back(
    start_server: Callable[..., Any], travel_artifact: Artifact, tmp_path: Path
) -> None:
    first = republish(travel_artifact, tmp_path / "for-you", change=named("1"))
    options = ("--workers", "2", "--reload-seconds", "0.2")
    server = start_server(*options, artifacts=[first])
    newer = republish(travel_artifact, first.path, change=named("2"))
    wait_for_log(server, f"all workers serve version {newer.version}")
    psutil.Process(min(pids(server))).kill()
    wait_for_log(server, "was ended by SIGKILL")
    wait_until(lambda: len(pids(server)) == 2 and versions(server) == {first.version}, server)
    for _ in range(20):
        assert versions(server) == {first.version}
        answer = requests.post(server.url + PATH, json={"history": ["P001"]}, timeout=30)
        assert names_in(answer) == {"1"}
    (refused,) = ready(server)["refused"]
    assert refused["version"] == newer.version
    time.sleep(2)
    assert server.log.read_text().count("trying it") == 1, "not before it changes"
    server.process.send_signal(signal.SIGHUP)
    wait_for_log(server, f"all workers serve version {newer.version}", times=2)
    assert ready(server)["refused"] == []
    wait_for_log(server, f"version {newer.version} is accepted")


@pytest.mark.slow
def test_where_new_workers_cannot_boot_the_old_ones_stay(
    start_server: Callable[..., Any],
    tiny_guide_folder: Path,
    travel_artifact: Artifact,
    tmp_path: Path,
) -> None:
    """Here for want of the guide's folder, which old workers have open."""
    first = republish(travel_artifact, tmp_path / "for-you")
    guide = shutil.copytree(tiny_guide_folder, tmp_path / "guide")
    options = ("--guide", str(guide), "--workers", "2", "--reload-seconds", "0.2")
    server = start_server(*options, artifacts=[first])
    old = pids(server)
    guide.rename(tmp_path / "elsewhere")
    server.process.send_signal(signal.SIGHUP)
    wait_for_log(server, "the workers are not replaced: Worker failed to boot.")
    wait_until(lambda: pids(server) == old, server)
    newer = republish(travel_artifact, first.path, "second")
    wait_for_log(server, f"version {newer.version}, is not served, version {first.version} is")
    wait_until(lambda: pids(server) == old, server)
    assert server.process.poll() is None
    assert first.version in versions(server)
    (refused,) = ready(server)["refused"]
    assert "a worker that served it exited with code 3" in refused["reason"]


@pytest.mark.slow
def test_a_server_stops_during_a_trial_and_leaves_nothing_behind(
    start_server: Callable[..., Any], question_artifact: Artifact, tmp_path: Path
) -> None:
    first = republish(question_artifact, tmp_path / "questions")
    options = ("--workers", "1", "--reload-seconds", "0.2")
    server = start_server(*options, artifacts=[first])
    republish(question_artifact, first.path, "second")
    wait_for_log(server, "has changed, trying it")
    children = psutil.Process(server.process.pid).children()
    server.process.terminate()
    assert server.process.wait(timeout=60) == 0
    assert not any(child.is_running() for child in children)


@pytest.mark.slow
def test_of_two_recommenders_each_is_replaced_and_refused_for_itself(
    start_server: Callable[..., Any],
    travel_artifact: Artifact,
    plain_artifact: Artifact,
    tmp_path: Path,
) -> None:
    first = republish(travel_artifact, tmp_path / "for-you", change=named("첫째"))
    second = republish(plain_artifact, tmp_path / "for-you-bert4rec", change=named("둘째"))
    options = ("--workers", "1", "--reload-seconds", "0.2")
    server = start_server(*options, artifacts=[first, second])

    def name_of(path: str) -> str:
        answer = requests.post(server.url + path, json={"history": ["P001"]}, timeout=30)
        (name,) = names_in(answer)
        return name

    republish(plain_artifact, second.path, "bad")
    flip_a_byte(second.path / "model.onnx")
    wait_until(lambda: ready(server)["refused"] != [], server)
    newer = republish(travel_artifact, first.path, change=named("셋째"))
    wait_until(lambda: versions(server) == {newer.version, second.version}, server)
    (refused,) = ready(server)["refused"]
    assert refused["model"] == "bert4rec", "what became of the other does not change that"
    assert (name_of(PATH), name_of(f"{PATH}/bert4rec")) == ("셋째", "둘째")
    good = republish(plain_artifact, second.path, change=named("넷째"))
    wait_until(lambda: versions(server) == {newer.version, good.version}, server)
    assert ready(server)["refused"] == []
    assert (name_of(f"{PATH}/meta_bert4rec"), name_of(f"{PATH}/bert4rec")) == ("셋째", "넷째")


@pytest.mark.slow
def test_the_model_that_was_seen_beside_the_first_takes_its_place(
    start_server: Callable[..., Any],
    travel_artifact: Artifact,
    plain_artifact: Artifact,
    tmp_path: Path,
) -> None:
    first = republish(travel_artifact, tmp_path / "for-you")
    beside = republish(plain_artifact, tmp_path / "for-you-bert4rec")
    options = ("--workers", "1", "--reload-seconds", "0.2")
    server = start_server(*options, artifacts=[first, beside])
    chosen = republish(plain_artifact, first.path, "chosen")
    wait_until(lambda: versions(server) == {chosen.version}, server)
    assert ready(server)["refused"] == []
    republish(plain_artifact, beside.path, "a second one")
    wait_until(lambda: ready(server)["refused"] != [], server)
    assert "hold the model 'bert4rec'" in ready(server)["refused"][0]["reason"]
    back = republish(travel_artifact, first.path, "back")
    wait_until(lambda: versions(server) == {back.version, beside.version}, server)
