"""Batch jobs and versions of the mapping, over the real application and a real database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from packages_world import write_review_store

from nadeuri.cli.served import jobs_room
from nadeuri.match.jobs import records
from nadeuri.serve.app import build_app
from nadeuri.serve.keys import ROOMS
from nadeuri.serve.room import start_rooms, stop_rooms
from nadeuri.serve.wire_jobs import JobState

PATH, FAILED, VERSIONS = "/v1/jobs", "/v1/failed-requests", "/v1/mapping/versions"


@pytest.fixture
def client(every_job: str) -> Iterator[FlaskClient]:
    yield from _client(jobs_app(every_job))


def jobs_app(url: str) -> Flask:
    return build_app([jobs_room(url)])


def _client(app: Flask) -> Iterator[FlaskClient]:
    start_rooms(app)
    yield app.test_client()
    stop_rooms(app)


def test_jobs_in_every_state(client: FlaskClient) -> None:
    answer = client.get(PATH, query_string={"limit": 100}).get_json()
    jobs = answer["jobs"]
    assert answer["n_jobs"] == len(jobs) == 10
    assert {each["state"] for each in jobs} == set(records.STATES) == set(JobState.__args__)  # type: ignore[attr-defined]
    assert [int(each["id"]) for each in jobs] == list(range(10, 0, -1))
    assert [each["state"] for each in answer["states"]] == list(records.STATES)
    assert answer["requests"] == {"waiting": 1, "in_flight": 5, "answered": 4, "failed": 7}
    completed = jobs[-1]
    assert (completed["n_requests"], completed["n_answered"], completed["n_failed"]) == (4, 3, 1)
    assert (completed["prompt_tokens"], completed["completion_tokens"]) == (30, 15)
    assert completed["kinds"] == ["select"]
    created, closed = (datetime.fromisoformat(completed[name]) for name in ("created", "closed"))
    assert created.tzinfo is not None
    assert created < closed
    pending = jobs[0]
    assert (pending["state"], pending["batch"], pending["closed"]) == ("unconfirmed", None, None)
    part = client.get(PATH, query_string={"limit": 2, "offset": 1}).get_json()
    assert (part["jobs"], part["n_jobs"]) == (jobs[1:3], 10)


@pytest.mark.parametrize("state", records.STATES)
def test_jobs_in_one_state(client: FlaskClient, state: str) -> None:
    answer = client.get(PATH, query_string={"state": state}).get_json()
    assert [each["state"] for each in answer["jobs"]] == [state]
    assert answer["n_jobs"] == 1
    assert len(answer["states"]) == 10, "of all jobs, so that a person can choose"


def test_a_job_and_what_went_wrong(client: FlaskClient) -> None:
    listed = client.get(PATH).get_json()["jobs"]
    for each in listed:
        told = client.get(f"{PATH}/{each['id']}").get_json()
        failures, n_failures = told.pop("failures"), told.pop("n_failures")
        assert told == each
        assert len(failures) == n_failures
        assert each["n_failed"] <= n_failures or each["state"] == "dropped", "it tried none"
        assert all(failure["job"] == each["id"] for failure in failures)
    (failed,) = client.get(f"{PATH}/1").get_json()["failures"]
    assert (failed["reason"], failed["state"], failed["attempts"]) == ("row_error", "failed", 1)
    assert "no answer (500)" in failed["detail"]


@pytest.mark.parametrize("job", ["0", "11", "-1", "1.0", "x", "%00", "१", "1" * 30, "01", "%F0%9F"])
def test_jobs_that_are_not_there(client: FlaskClient, job: str) -> None:
    response = client.get(f"{PATH}/{job}")
    assert response.status_code == 404
    assert response.content_type == "application/problem+json"


def test_what_is_to_be_run_again(client: FlaskClient) -> None:
    answer = client.get(FAILED).get_json()
    assert answer["n_failed"] == len(answer["requests"]) == 7
    assert {each["job"] for each in answer["requests"]} == {"1", "2", "3", "4"}
    assert {each["state"] for each in answer["requests"]} == {"failed"}
    part = client.get(FAILED, query_string={"limit": 1, "offset": 6}).get_json()
    assert (part["requests"], part["n_failed"]) == (answer["requests"][6:], 7)


def test_versions_of_the_mapping(client: FlaskClient) -> None:
    answer = client.get(VERSIONS).get_json()
    assert answer["n_versions"] == 3
    third, second, first = answer["versions"]
    assert [each["is_current"] for each in answer["versions"]] == [True, False, False]
    assert (third["cause"], third["restores"], third["note"]) == ("rollback", 1, "잘못된 표")
    names = ("n_mapped", "n_no_match", "n_uncertain", "n_changed")
    assert [first[name] for name in names] == [5, 0, 2, 7]
    assert [second[name] for name in names] == [6, 1, 0, 2]
    assert first["decided_by"] == [{"source": "scorer", "model": "s-1", "n_places": 7}]
    assert {each["source"]: each["n_places"] for each in second["decided_by"]} == {
        "scorer": 5,
        "person": 1,
        "llm": 1,
    }
    part = client.get(VERSIONS, query_string={"limit": 1, "offset": 1}).get_json()
    assert (part["versions"], part["n_versions"]) == ([second], 3)


def test_nothing_yet(tmp_path: Path) -> None:
    for client in _client(jobs_app(f"sqlite:///{tmp_path}/new.sqlite")):
        answer = client.get(PATH).get_json()
        assert (answer["jobs"], answer["n_jobs"], answer["states"]) == ([], 0, [])
        assert set(answer["requests"].values()) == {0}
        assert client.get(FAILED).get_json() == {"requests": [], "n_failed": 0}
        assert client.get(VERSIONS).get_json() == {"versions": [], "n_versions": 0}
        (model,) = client.get("/readyz").get_json()["models"]
        assert (model["kind"], model["version"]) == ("jobs", "0")


def test_only_who_may_read_jobs_may(tmp_path: Path) -> None:
    room = jobs_room(write_review_store(tmp_path))
    assert room.blueprint.name in ROOMS
    assert room.served.version == "1"
    assert room.operations[1].examples == {"id": "1"}
    methods = {each.method for each in room.operations}
    assert methods == {"get"}, "nothing here starts what costs money"


@pytest.mark.parametrize(
    "query",
    [
        f"{PATH}?state=done",
        f"{PATH}?limit=0",
        f"{PATH}?limit=101",
        f"{PATH}?offset=-1",
        f"{PATH}?x=1",
        f"{FAILED}?limit=101",
        f"{FAILED}?state=failed",
        f"{VERSIONS}?limit=51",
        f"{VERSIONS}?offset=1000001",
    ],
)
def test_queries_that_are_refused(client: FlaskClient, query: str) -> None:
    assert client.get(query).status_code == 422
