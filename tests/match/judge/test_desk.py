"""The desk: the same questions at once or in batches, asked once and kept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from batch_server import BatchServer
from chat_server import ChatServer

from nadeuri import columns
from nadeuri.llm import LanguageModel, LanguageModelConfig
from nadeuri.llm_batch import BatchApi
from nadeuri.match.jobs.runner import Runner
from nadeuri.match.jobs.store import JobStore
from nadeuri.match.judge.cascade import Candidate, Doubt
from nadeuri.match.judge.desk import Desk, Via
from nadeuri.match.judge.questions import Questions

DOUBTS = [
    Doubt(f"a{n}", (Candidate(f"g{n}", 0.6, 12.0), Candidate("g9", 0.2, 80.0))) for n in range(3)
]


def place(place_id: str) -> dict[str, str]:
    return {columns.PLACE_ID: place_id, columns.NAME: f"장소 {place_id}"}


def judge(body: dict[str, Any]) -> str:
    """Choose the first candidate; all are the same but that of a2."""
    asked = json.loads(body["messages"][-1]["content"])
    if "candidates" in asked:
        return '{"choice": "A"}'
    same = "a2" not in asked["place"]["name"]
    return json.dumps({"relation": columns.SAME if same else columns.NEARBY})


@contextmanager
def opened(folder: Path, url: str, via: Via, *, retries: int = 0) -> Iterator[Desk]:
    config = LanguageModelConfig(url, "judge", retries=retries)
    model, api = LanguageModel(config), BatchApi(config)
    with JobStore(f"sqlite:///{folder / 'jobs.sqlite'}") as jobs:
        yield Desk(Questions(config), jobs, model, Runner(jobs, api), via)
    model.close()
    api.close()


def relations(desk: Desk) -> dict[str, str]:
    judged = desk.judge(DOUBTS, place, place)
    return {left: verdict.relation for left, verdict in judged.verdicts.items()}


def test_doubts_are_judged_at_once_and_never_asked_again(
    chat_server: ChatServer, tmp_path: Path
) -> None:
    chat_server.answer = judge
    with opened(tmp_path, chat_server.url, "auto") as desk:
        expected = {"a0": columns.SAME, "a1": columns.SAME, "a2": columns.NEARBY}
        assert relations(desk) == expected
        assert len(chat_server.requests) == 6
        assert relations(desk) == expected
        assert desk.collect() is None
    with opened(tmp_path, chat_server.url, "sync") as desk:
        assert desk.judge(DOUBTS, place, place).asked == 0
    assert len(chat_server.requests) == 6


def test_what_is_sent_at_once_is_what_a_batch_would_send(
    chat_server: ChatServer, tmp_path: Path
) -> None:
    chat_server.answer = judge
    with opened(tmp_path, chat_server.url, "sync") as desk:
        desk.judge(DOUBTS[:1], place, place)
        shown = [(place(each.right), each.metres) for each in DOUBTS[0].candidates]
        select = desk.questions.select(place("a0"), shown).request.body
        verify = desk.questions.verify(place("a0"), place("g0"), 12.0).request.body
    assert chat_server.requests == [select, verify]


def test_a_question_without_an_answer_is_given_up_and_can_be_retried(
    chat_server: ChatServer, tmp_path: Path
) -> None:
    chat_server.answer = judge
    chat_server.faults = ["500"]
    with opened(tmp_path, chat_server.url, "sync") as desk:
        judged = desk.judge(DOUBTS[:1], place, place)
        assert "row_error" in judged.failed["a0"]
        assert desk.judge(DOUBTS[:1], place, place).asked == 0
        assert desk.runner.retry() == 1
        assert desk.collect() is None
        assert desk.judge(DOUBTS[:1], place, place).verdicts["a0"].relation == columns.SAME


def test_an_answer_that_breaks_the_rules_is_asked_for_again(
    chat_server: ChatServer, tmp_path: Path
) -> None:
    said = iter(['{"choice": "Z"}', '{"choice": "none"}'])
    chat_server.answer = lambda _: next(said)
    with opened(tmp_path, chat_server.url, "sync", retries=1) as desk:
        assert desk.judge(DOUBTS[:1], place, place).verdicts["a0"].relation == columns.DIFFERENT


def test_batches_bring_the_same_verdicts(batch_server: BatchServer, tmp_path: Path) -> None:
    batch_server.answer = judge
    verdicts: list[dict[str, str]] = []
    for _ in range(3):  # selections, verifications, verdicts
        with opened(tmp_path, batch_server.url, "batch") as desk:
            desk.collect()
            judged = desk.judge(DOUBTS, place, place)
            verdicts.append({left: each.relation for left, each in judged.verdicts.items()})
            assert judged.pending | judged.verdicts.keys() == {"a0", "a1", "a2"}
        batch_server.tick(5000)
    assert verdicts[:2] == [{}, {}]
    assert verdicts[2] == {"a0": columns.SAME, "a1": columns.SAME, "a2": columns.NEARBY}
    assert batch_server.executions.total() == 6


def test_many_questions_go_into_batches(batch_server: BatchServer, tmp_path: Path) -> None:
    many = [Doubt(f"b{n}", (Candidate(f"g{n}", 0.5),)) for n in range(201)]
    with opened(tmp_path, batch_server.url, "auto") as desk:
        judged = desk.judge(many, place, place)
        assert len(judged.pending) == 201
        estimate = desk.estimate(many, place, place)
        assert (estimate.n_asked, estimate.n_new) == (201, 0)
    assert len(batch_server.batches) == 1


def test_an_estimate_sends_nothing(chat_server: ChatServer, tmp_path: Path) -> None:
    with opened(tmp_path, chat_server.url, "sync") as desk:
        estimate = desk.estimate(DOUBTS, place, place)
        assert (estimate.n_new, estimate.n_answered) == (6, 0)
        assert estimate.prompt_tokens > 1_000
    assert chat_server.requests == []


def test_a_batch_server_that_is_not_there_is_an_error_and_no_loss(tmp_path: Path) -> None:
    with opened(tmp_path, "http://127.0.0.1:9/v1", "batch") as desk:
        judged = desk.judge(DOUBTS, place, place)
    assert judged.errors
    assert judged.pending == {"a0", "a1", "a2"}
