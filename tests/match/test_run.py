"""The incremental job: what it decides about, when it asks, and that it can be killed anywhere."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from batch_server import BatchServer
from chat_server import ChatServer
from scored_by_name import score, table
from sqlalchemy import event

from nadeuri import columns
from nadeuri.database import LockedError
from nadeuri.llm import LanguageModel, LanguageModelConfig
from nadeuri.llm_batch import BatchApi
from nadeuri.match.jobs.runner import Runner
from nadeuri.match.jobs.store import JobStore
from nadeuri.match.judge.desk import Desk, Via
from nadeuri.match.judge.questions import Questions
from nadeuri.match.run import RunSummary, run
from nadeuri.match.store import labels, reviews
from nadeuri.match.store.database import MappingStore
from nadeuri.match.store.versions import decisions, latest, mapping, rollback

LEFT = {"a1": "경복궁", "a2": "창덕궁", "a3": "북촌", "a4": "남산"}
RIGHT = {"g1": "경복궁", "g2": "창덕궁?", "g3": "북촌?", "g5": "인사동"}


def judge(body: dict[str, Any]) -> str:
    """Choose the first; 북촌 is only near it."""
    asked = json.loads(body["messages"][-1]["content"])
    if "candidates" in asked:
        return '{"choice": "A"}'
    is_near = asked["place"]["name"] == "북촌"
    return json.dumps({"relation": columns.NEARBY if is_near else columns.SAME})


def open_stores(folder: Path) -> tuple[MappingStore, JobStore]:
    url = f"sqlite:///{folder / 'match.sqlite'}"
    return MappingStore(url), JobStore(url)


def run_once(
    folder: Path,
    left: dict[str, str],
    right: dict[str, str],
    *,
    url: str | None = None,
    via: Via = "sync",
    new_only: bool = False,
) -> RunSummary:
    """One run, as a process of its own would do it."""
    store, jobs = open_stores(folder)
    with store, jobs, desk_of(jobs, url, via) as desk:
        return run(table(left), table(right), store, jobs, score, desk=desk, new_only=new_only)


@contextmanager
def desk_of(jobs: JobStore, url: str | None, via: Via) -> Iterator[Desk | None]:
    if url is None:
        yield None
        return
    config = LanguageModelConfig(url, "judge", retries=0)
    model, api = LanguageModel(config), BatchApi(config)
    yield Desk(Questions(config), jobs, model, Runner(jobs, api), via)
    model.close()
    api.close()


def mapping_of(folder: Path) -> dict[str, str]:
    store, jobs = open_stores(folder)
    with store, jobs, store.reading() as connection:
        return mapping(connection)


def test_without_a_model_people_are_asked(tmp_path: Path) -> None:
    summary = run_once(tmp_path, LEFT, RIGHT)
    assert (summary.mapped, summary.uncertain, summary.no_match, summary.reviews) == (1, 2, 1, 2)
    assert summary.exit_code == 0
    store, _ = open_stores(tmp_path)
    with store, store.begin() as connection:
        review = reviews.open_reviews(connection)[0]
        assert review.evidence["place"][columns.NAME] == "창덕궁"
        assert review.evidence["candidates"][0][columns.NAME] == "창덕궁?"
        reviews.decide(connection, "a2", "g2", columns.SAME, "kim", revision=review.revision)
    again = run_once(tmp_path, LEFT, RIGHT)
    assert (again.mapped, again.uncertain, again.version) == (2, 1, 2)


def test_a_second_run_changes_nothing(tmp_path: Path) -> None:
    first = run_once(tmp_path, LEFT, RIGHT)
    second = run_once(tmp_path, LEFT, RIGHT)
    assert (first.published, second.published) == (True, False)
    assert second.version == first.version == 1
    assert run_once(tmp_path, LEFT, RIGHT, new_only=True).decided == 0


def test_doubts_are_judged_and_kept_with_their_origin(
    chat_server: ChatServer, tmp_path: Path
) -> None:
    chat_server.answer = judge
    summary = run_once(tmp_path, LEFT, RIGHT, url=chat_server.url)
    assert (summary.mapped, summary.no_match, summary.asked) == (2, 2, 4)
    store, _ = open_stores(tmp_path)
    with store, store.reading() as connection:
        found = decisions(connection)
    assert (found["a2"].source, found["a2"].model) == (columns.LLM, "judge")
    assert str(found["a2"].prompt).startswith("select:")
    assert (found["a3"].right, found["a3"].relation) == ("g3", columns.NEARBY)
    assert (found["a1"].source, found["a1"].model) == (columns.SCORER, "names-1")
    assert run_once(tmp_path, LEFT, RIGHT, url=chat_server.url).asked == 0


def test_only_what_is_new_or_changed_is_decided(tmp_path: Path) -> None:
    run_once(tmp_path, LEFT, RIGHT)
    left = {**LEFT, "a5": "인사동", "a4": "남산타워"}
    summary = run_once(tmp_path, left, RIGHT, new_only=True)
    assert summary.decided == 2
    assert mapping_of(tmp_path) == {"a1": "g1", "a5": "g5"}


def test_a_new_right_place_brings_back_who_had_no_match(tmp_path: Path) -> None:
    run_once(tmp_path, LEFT, RIGHT)
    run_once(tmp_path, LEFT, {**RIGHT, "g4": "남산"}, new_only=True)
    assert mapping_of(tmp_path) == {"a1": "g1", "a4": "g4"}


def test_what_is_gone_leaves_the_mapping(tmp_path: Path) -> None:
    run_once(tmp_path, LEFT, RIGHT)
    summary = run_once(tmp_path, {"a2": "창덕궁"}, RIGHT, new_only=True)
    assert summary.removed == 3
    assert mapping_of(tmp_path) == {}
    run_once(tmp_path, LEFT, {"g2": "창덕궁"}, new_only=True)
    assert mapping_of(tmp_path) == {"a2": "g2"}


def test_a_label_of_a_place_that_is_gone_waits_for_it(tmp_path: Path) -> None:
    run_once(tmp_path, LEFT, RIGHT)
    store, _ = open_stores(tmp_path)
    with store, store.begin() as connection:
        labels.add(connection, "a4", "g5", columns.SAME, "kim")
    assert run_once(tmp_path, LEFT, RIGHT).mapped == 2
    without = {place: name for place, name in RIGHT.items() if place != "g5"}
    assert run_once(tmp_path, LEFT, without).mapped == 1
    assert run_once(tmp_path, LEFT, RIGHT).mapped == 2


def test_after_a_rollback_what_came_since_is_new(tmp_path: Path) -> None:
    run_once(tmp_path, LEFT, RIGHT)
    run_once(tmp_path, {**LEFT, "a5": "인사동"}, RIGHT, new_only=True)
    store, _ = open_stores(tmp_path)
    with store, store.begin() as connection:
        rollback(connection, 1)
    summary = run_once(tmp_path, {**LEFT, "a5": "인사동"}, RIGHT, new_only=True)
    assert summary.decided == 1
    assert mapping_of(tmp_path) == {"a1": "g1", "a5": "g5"}


def test_after_a_rollback_people_are_asked_and_heard_again(tmp_path: Path) -> None:
    run_once(tmp_path, LEFT, RIGHT)
    store, _ = open_stores(tmp_path)
    with store, store.begin() as connection:
        reviews.decide(connection, "a2", "g2", columns.SAME, "kim")
        reviews.decide(connection, "a1", "g1", columns.DIFFERENT, "kim")
        reviews.decide(connection, "a3", None, columns.DIFFERENT, "kim")
    run_once(tmp_path, LEFT, RIGHT, new_only=True)
    assert mapping_of(tmp_path) == {"a2": "g2"}
    with store, store.begin() as connection:
        rollback(connection, 1)
    run_once(tmp_path, LEFT, RIGHT, new_only=True)
    assert mapping_of(tmp_path) == {"a2": "g2"}


def test_after_a_rollback_the_queue_is_that_of_the_mapping(tmp_path: Path) -> None:
    sure = {**RIGHT, "g2": "창덕궁"}
    for right in (RIGHT, sure, RIGHT):  # the first and the last time a2 is uncertain
        run_once(tmp_path, LEFT, right, new_only=True)
    store, _ = open_stores(tmp_path)
    with store, store.begin() as connection:
        rollback(connection, 2)
        assert reviews.open_lefts(connection) == {"a3"}
        rollback(connection, 1)
    run_once(tmp_path, LEFT, RIGHT, new_only=True)
    with store, store.reading() as connection:
        assert reviews.open_lefts(connection) == {"a2", "a3"}


def test_nobody_is_asked_about_a_right_place_that_is_gone(tmp_path: Path) -> None:
    run_once(tmp_path, LEFT, RIGHT)
    without = {place: name for place, name in RIGHT.items() if place != "g2"}
    summary = run_once(tmp_path, LEFT, without, new_only=True)
    assert (summary.no_match, summary.uncertain, summary.reviews) == (2, 1, 1)


def test_a_label_of_a_place_that_comes_back_holds_again(tmp_path: Path) -> None:
    without = {place: name for place, name in RIGHT.items() if place != "g5"}
    run_once(tmp_path, LEFT, RIGHT)
    store, _ = open_stores(tmp_path)
    with store, store.begin() as connection:
        labels.add(connection, "a1", "g5", columns.SAME, "kim")
    for right, mapped in ((RIGHT, "g5"), (without, "g1"), (RIGHT, "g5")):
        run_once(tmp_path, LEFT, right, new_only=True)
        assert mapping_of(tmp_path) == {"a1": mapped}


def test_a_batch_server_that_cannot_be_reached_is_exit_code_4(tmp_path: Path) -> None:
    for _ in range(2):  # nothing is on its way, and nothing will be by itself
        summary = run_once(tmp_path, LEFT, RIGHT, url="http://127.0.0.1:9/v1", via="batch")
        assert (summary.pending, summary.exit_code) == (2, 4)
        assert summary.errors


def test_a_question_without_answer_is_exit_code_4_and_people_see_it(
    chat_server: ChatServer, tmp_path: Path
) -> None:
    chat_server.answer = judge
    chat_server.faults = ["500", "500"]
    summary = run_once(tmp_path, LEFT, RIGHT, url=chat_server.url)
    assert (summary.failed, summary.exit_code, summary.reviews) == (2, 4, 2)
    assert run_once(tmp_path, LEFT, RIGHT, url=chat_server.url, new_only=True).exit_code == 4
    _, jobs = open_stores(tmp_path)
    with jobs:
        jobs.retry()
    summary = run_once(tmp_path, LEFT, RIGHT, url=chat_server.url, new_only=True)
    assert (summary.exit_code, summary.mapped, summary.reviews) == (0, 2, 0)


def test_batches_are_exit_code_3_until_they_are_over(
    batch_server: BatchServer, tmp_path: Path
) -> None:
    batch_server.answer = judge
    codes = []
    for _ in range(4):
        summary = run_once(tmp_path, LEFT, RIGHT, url=batch_server.url, via="batch", new_only=True)
        codes.append((summary.exit_code, summary.mapped))
        batch_server.tick(5000)
    assert codes == [(3, 1), (3, 1), (0, 2), (0, 2)]
    assert batch_server.executions.total() == 4


@pytest.mark.slow
def test_all_of_it_on_postgres(chat_server: ChatServer, postgres: str) -> None:
    chat_server.answer = judge
    with MappingStore(postgres) as store, JobStore(postgres) as jobs:
        for _ in range(2):
            with desk_of(jobs, chat_server.url, "sync") as desk:
                run(table(LEFT), table(RIGHT), store, jobs, score, desk=desk)
        with store.reading() as connection:
            assert mapping(connection) == {"a1": "g1", "a2": "g2"}
            assert latest(connection) == 1
        with jobs.exclusive(), store.begin() as connection:  # people need not wait for a run
            reviews.decide(connection, "a2", None, columns.DIFFERENT, "kim")
        run(table(LEFT), table(RIGHT), store, jobs, score, new_only=True)
        with store.begin() as connection:
            assert mapping(connection) == {"a1": "g1"}
            rollback(connection, 1)
            assert mapping(connection) == {"a1": "g1", "a2": "g2"}


def test_two_runs_at_once_exclude_each_other(tmp_path: Path) -> None:
    store, jobs = open_stores(tmp_path)
    with store, jobs, jobs.exclusive(), pytest.raises(LockedError):
        run_once(tmp_path, LEFT, RIGHT)


class KilledError(BaseException):
    """The process ends here."""


def killed_at(folder: Path, n: int, url: str) -> bool:
    """Run and die at the n-th statement or commit; whether the run came that far."""
    store, jobs = open_stores(folder)
    left = [n]

    def step(*_: object) -> None:
        left[0] -= 1
        if left[0] == 0:
            raise KilledError

    engines = [store._engine, jobs._database._engine]
    for engine in engines:
        event.listen(engine, "before_cursor_execute", step)
        event.listen(engine, "commit", step)
    try:
        with desk_of(jobs, url, "sync") as desk:
            run(table(LEFT), table(RIGHT), store, jobs, score, desk=desk)
    except KilledError:
        return True
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", step)
            event.remove(engine, "commit", step)
        store.close()
        jobs.close()
    return False


def test_a_run_killed_anywhere_comes_to_the_same_mapping(
    chat_server: ChatServer, tmp_path: Path
) -> None:
    chat_server.answer = judge
    run_once(tmp_path / "whole", LEFT, RIGHT, url=chat_server.url)
    expected = mapping_of(tmp_path / "whole")
    n, went_on = 1, True
    while went_on:
        folder = tmp_path / str(n)
        folder.mkdir()
        went_on = killed_at(folder, n, chat_server.url)
        run_once(folder, LEFT, RIGHT, url=chat_server.url)
        assert mapping_of(folder) == expected
        store, _ = open_stores(folder)
        with store, store.reading() as connection:
            assert latest(connection) == 1
        n += 7
    assert n > 40


PROGRAM = """
import importlib.util, pathlib, sys
sys.path.insert(0, sys.argv[2])
spec = importlib.util.spec_from_file_location("killed", sys.argv[1])
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
module.run_once(pathlib.Path(sys.argv[3]), module.LEFT, module.RIGHT, url=sys.argv[4])
"""


@pytest.mark.slow
def test_a_process_killed_at_any_moment_comes_to_the_same_mapping(
    chat_server: ChatServer, tmp_path: Path
) -> None:
    def slowly(body: dict[str, Any]) -> str:
        time.sleep(0.1)
        return judge(body)

    chat_server.answer = slowly
    fixtures = Path(__file__).parents[1] / "fixtures"
    command = [sys.executable, "-c", PROGRAM, __file__, str(fixtures)]
    started = time.monotonic()
    subprocess.run([*command, str(tmp_path / "whole"), chat_server.url], check=True)
    whole_s = time.monotonic() - started
    expected = mapping_of(tmp_path / "whole")
    chance = random.Random(0)
    n_killed = 0
    for n in range(12):
        folder = tmp_path / str(n)
        process = subprocess.Popen([*command, str(folder), chat_server.url])
        try:
            process.wait(timeout=whole_s * chance.uniform(0.5, 1.0))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            n_killed += 1
        run_once(folder, LEFT, RIGHT, url=chat_server.url)
        assert mapping_of(folder) == expected
    assert n_killed > 3


def test_the_summary_is_one_line(tmp_path: Path) -> None:
    summary = run_once(tmp_path, LEFT, RIGHT)
    assert "\n" not in summary.line()
    assert "version 1 (new): 1 mapped, 1 without match, 2 uncertain" in summary.line()
    assert summary.as_json()["exit_code"] == 0
