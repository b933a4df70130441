"""The labelling room, over the real application, a real server and a real database."""

from __future__ import annotations

import json
import threading
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient
from labelling_world import FAMILY, TEXTS, labelling_room, write_labelling_store

from nadeuri.serve.app import build_app
from nadeuri.serve.example_requests import example_requests
from nadeuri.serve.room import start_rooms, stop_rooms
from nadeuri.understand.exchange import doccano, label_studio
from nadeuri.understand.labelling.tasks import task_id

PATH = "/v1/labelling"
TASK = f"{PATH}/tasks/{task_id(TEXTS[0])}"


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    app = build_app([labelling_room(write_labelling_store(tmp_path))])
    start_rooms(app)
    yield app
    stop_rooms(app)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def said(annotator: str = "지민", revision: int = 0, **more: Any) -> dict[str, Any]:
    spans = [{"start": 6, "end": 9, "label": "지역"}]
    told = {"annotator": annotator, "spans": spans, "intent": "상품 추천", "revision": revision}
    return told | more


def test_from_what_is_offered_to_what_is_exported(client: FlaskClient, tmp_path: Path) -> None:
    offered = client.post(f"{PATH}/next", json={"annotator": " 지민 "}).get_json()
    assert offered["task"] == {
        "task": task_id(TEXTS[0]),
        "question": "q1",
        "text": TEXTS[0],
        "source": "test",
        "group": None,
        "copies": 1,
        "confidence": None,
        "mine": None,
    }
    assert (offered["n_mine"], offered["counts"]["tasks"]) == (0, 3)
    assert client.post(f"{TASK}/label", json=said()).get_json() == {"revision": 1}
    mine = client.get(TASK, query_string={"annotator": "지민"}).get_json()["mine"]
    assert (mine["revision"], mine["spans"]) == (1, said()["spans"])
    apart = {"annotator": unicodedata.normalize("NFD", "지민")}
    assert client.get(TASK, query_string=apart).get_json()["mine"]["annotator"] == "지민"
    assert client.get(TASK, query_string={"annotator": "하나"}).get_json()["mine"] is None

    for format, suffix, read in (
        ("doccano", ".jsonl", doccano.read),
        ("label-studio", ".json", label_studio.read_predictions),
    ):
        response = client.get(f"{PATH}/export", query_string={"format": format})
        file = tmp_path / f"labels{suffix}"
        file.write_bytes(response.data)
        (question,) = read([file]).questions
        assert question.entities == (("오사카", "지역"),), f"behind {FAMILY}, five code points"
        assert (question.id, question.annotator) == ("q1", "지민")


def test_who_is_behind_is_told(client: FlaskClient) -> None:
    assert client.post(f"{TASK}/label", json=said()).status_code == 200
    assert client.post(f"{TASK}/label", json=said()).get_json() == {"revision": 1}, "again is once"
    late = client.post(f"{TASK}/label", json=said(intent="날씨"))
    assert late.status_code == 409
    assert "look again" in late.get_json()["detail"]
    assert client.post(f"{TASK}/label", json=said(revision=1, intent="날씨")).status_code == 200
    assert client.post(f"{TASK}/label", json=said("하나")).status_code == 200, "another's own"


def test_a_disagreement_is_settled(client: FlaskClient) -> None:
    assert client.post(f"{TASK}/verdict", json=said()).status_code == 409, "nobody disagrees"
    client.post(f"{TASK}/label", json=said())
    client.post(f"{TASK}/label", json=said("하나", spans=[]))
    told = client.get(f"{PATH}/disagreements").get_json()
    assert told["n_disputed"] == 1
    assert {each["annotator"] for each in told["disputes"][0]["labels"]} == {"지민", "하나"}
    assert client.get(f"{PATH}/export").data == b""
    both = client.get(f"{PATH}/export", query_string={"which": "all"}).text.splitlines()
    assert [json.loads(line)["id"] for line in both] == ["q1/지민", "q1/하나"]
    assert client.post(f"{TASK}/verdict", json=said("도윤")).get_json() == {"revision": 1}
    assert client.post(f"{TASK}/verdict", json=said("지민")).status_code == 409
    assert json.loads(client.get(f"{PATH}/export").text)["annotator"] == "도윤"
    progress = client.get(f"{PATH}/progress").get_json()
    assert (progress["counts"]["disputed"], progress["counts"]["settled"]) == (0, 1)
    assert progress["labels"]["지역"] == 1
    (pair,) = progress["agreement"]["pairs"]
    assert (pair["span_f1"], pair["intent_kappa"], pair["n_questions"]) == (0.0, None, 1)


def test_a_question_that_is_skipped(client: FlaskClient) -> None:
    skip = {"annotator": "지민", "reason": "unclear"}
    assert client.post(f"{TASK}/skip", json=skip).status_code == 200
    for annotator, question in (("지민", "q2"), ("하나", "q1")):
        offered = client.post(f"{PATH}/next", json={"annotator": annotator}).get_json()
        assert offered["task"]["question"] == question
    private = {"annotator": "하나", "reason": "private"}
    assert client.post(f"{TASK}/skip", json=private).status_code == 200
    counts = client.get(f"{PATH}/progress").get_json()["counts"]
    assert (counts["withdrawn"], counts["labelled"]) == (1, 0)


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (said(spans=[{"start": 0, "end": 999, "label": "지역"}]), 409, "does not lie in the text"),
        (said(spans=[{"start": 0, "end": 1, "label": "도시"}]), 409, "unknown label"),
        (said(intent="소문"), 409, "unknown intent"),
        (said(" "), 422, "annotator"),
        (said("a\0b"), 422, "annotator"),
        (said(revision=-1), 422, "revision"),
        (said(note="x"), 422, "note"),
    ],
)
def test_what_does_not_fit_is_refused(
    client: FlaskClient, body: Any, status: int, words: str
) -> None:
    """409 where it depends on what is there, 422 where it never could be right."""
    response = client.post(f"{TASK}/label", json=body)
    assert response.status_code == status
    assert words in response.get_json()["detail"]


@pytest.mark.parametrize("task", ["0" * 16, "없는 것", "%00", ".."])
def test_a_question_that_is_not_there(client: FlaskClient, task: str) -> None:
    assert client.post(f"{PATH}/tasks/{task}/label", json=said()).status_code == 404


def test_examples_are_answered_and_change_nothing(tmp_path: Path) -> None:
    """They are sent to servers that people use."""
    from nadeuri.cli.served import labelling_room as served_room

    url = write_labelling_store(tmp_path)
    room = served_room(url)
    client = build_app([room]).test_client()
    before = client.get(f"{PATH}/progress").get_json()
    examples = example_requests(room.operations)
    assert len(examples) == 4
    for each in examples:
        assert each.method == "GET"
        assert client.open(each.url).status_code == 200
    assert client.get(f"{PATH}/progress").get_json() == before


def test_two_processes_and_six_people(start_server: Callable[..., Any], tmp_path: Path) -> None:
    url = write_labelling_store(tmp_path, [f"질문 {number}" for number in range(40)])
    server = start_server("--labelling-db", url, "--workers", "2", artifacts=())
    address = f"{server.url}{PATH}"
    labelled: list[str] = []

    def work(number: int) -> None:
        annotator = f"사람 {number}"
        while task := requests.post(
            f"{address}/next", json={"annotator": annotator}, timeout=60
        ).json()["task"]:
            body = {"annotator": annotator, "spans": [], "intent": "잡담", "revision": 0}
            url = f"{address}/tasks/{task['task']}/label"
            assert requests.post(url, json=body, timeout=60).status_code == 200
            labelled.append(task["task"])

    people = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for each in people:
        each.start()
    for each in people:
        each.join()
    assert len(labelled) == len(set(labelled)) == 40, "nobody is asked what another is"
    counts = requests.get(f"{address}/progress", timeout=60).json()["counts"]
    assert counts["complete"] == 40
