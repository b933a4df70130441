"""The trial worker: real processes, real artefacts."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from packages_world import write_review_store

from nadeuri.artifact import Artifact
from nadeuri.match.store.database import MappingStore
from nadeuri.serve import guide, reviews
from nadeuri.serve.app import create_app
from nadeuri.serve.rehearsal import NOT_ASKED, requests_of
from nadeuri.serve.room import ROOMS_OF_APP, Room
from nadeuri.serve.wire import ServedModel

# A room that stands in for a model: it keeps 50 MiB from its first answer on, and 20 MiB for the
# length of each. What else it does is the test's.
PROGRAM = """
import json, os, signal, sys, threading, time
from flask import Blueprint, Response
from nadeuri.errors import NadeuriError
from nadeuri.serve.app import build_app
from nadeuri.serve.openapi import Operation
from nadeuri.serve.packages import CITIES_PATH
from nadeuri.serve.room import Room
from nadeuri.serve.trial_worker import TrialError, measure
from nadeuri.serve.wire import Health, ServedModel

lock, kept, asked = threading.Lock(), [], []
routes = Blueprint("test", __name__)
behaviour = sys.argv[1]

@routes.get(CITIES_PATH)
def answer():
    with lock:
        asked.append(1)
        if not kept:
            kept.append(b"x" * (50 << 20))
    now = b"y" * (20 << 20)
    time.sleep(0.2)
    if behaviour == "killed at once" or behaviour == "killed later" and len(asked) > 3:
        os.kill(os.getpid(), signal.SIGKILL)
    if behaviour == "hangs later" and len(asked) > 3:
        time.sleep(60)
    return Response("{}", content_type="application/json")

def start():
    if behaviour == "does not start":
        raise NadeuriError("no such database")

served = ServedModel(kind="test", model="test", version="1", created="", code_revision=None,
                     data_fingerprint=None, n_items=None, n_users=None)
room = Room(routes, (Operation(CITIES_PATH, "", Health),), served, start=start)
try:
    found = measure(build_app([room]), 3, time_limit_s=8)
except TrialError as error:
    print(json.dumps(str(error)))
else:
    print(json.dumps([found.private, found.per_thread, found.n_requests, found.shared]))
assert not asked  # the master has answered nothing
try:
    os.waitpid(-1, os.WNOHANG)
except ChildProcessError:
    print("no child is left")
"""


def tried(behaviour: str) -> Any:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, behaviour], capture_output=True, text=True, check=True
    )
    said, rest = done.stdout.splitlines()
    assert rest == "no child is left"
    assert not done.stderr
    return json.loads(said)


def test_what_is_kept_and_what_is_needed_for_a_moment_are_both_counted() -> None:
    private, per_thread, n_requests, shared = tried("answers")
    mib = 1 << 20
    assert 70 * mib <= private < 85 * mib
    assert 19 * mib <= per_thread < 25 * mib
    assert n_requests == 3 + 3
    assert shared > 30 * mib


@pytest.mark.parametrize("behaviour", ["killed later", "hangs later"])
def test_a_reading_of_one_thread_is_a_reading(behaviour: str) -> None:
    private, per_thread, _, _ = tried(behaviour)
    assert private > 70 << 20
    assert per_thread is None


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        ("killed at once", "it was killed, or answered nothing in time"),
        ("does not start", "no such database"),
    ],
)
def test_no_reading_is_an_error(behaviour: str, reason: str) -> None:
    assert tried(behaviour) == f"the trial worker came to no reading: {reason}"


def served(kind: str) -> ServedModel:
    return ServedModel(
        kind=kind,
        model="x",
        version="1",
        created="",
        code_revision=None,
        data_fingerprint=None,
        n_items=None,
        n_users=None,
    )


def every_room(artifacts: Sequence[Artifact], folder: Path) -> Flask:
    """The application with all rooms that there are; its guide is never asked."""
    url = write_review_store(folder)
    rooms: list[Room] = [
        guide.room(lambda: pytest.fail("the guide was opened"), served("guide")),
        reviews.room(lambda: MappingStore(url), served("reviews"), example="a1"),
    ]
    return create_app(*(each.path for each in artifacts), rooms=rooms)


def test_every_operation_is_asked_and_answers(
    travel_artifact: Artifact,
    viewed_artifact: Artifact,
    question_artifact: Artifact,
    packages_artifact: Artifact,
    tmp_path: Path,
) -> None:
    app = every_room(
        [travel_artifact, viewed_artifact, question_artifact, packages_artifact], tmp_path
    )
    asked = requests_of(app)
    client = app.test_client()
    statuses = {each.url: each.send(client) for each in asked if each.url != guide.PATH}
    assert set(statuses.values()) == {200}, statuses
    rooms = app.extensions[ROOMS_OF_APP]
    operations = [each.path for room in rooms for each in room.every_operation]
    first = {path.partition("{")[0] for path in operations if path not in NOT_ASKED}
    urls = [each.url for each in asked]
    assert all(any(url.startswith(path) for url in urls) for path in first)
    assert set(operations) >= NOT_ASKED
    batch = max((each.body or {} for each in asked), key=lambda body: len(json.dumps(body)))
    assert len(batch["requests"]) == 100
    for room in app.extensions[ROOMS_OF_APP]:
        if room.served.kind == "reviews":
            room.stop()


def test_explained_by_the_command(
    travel_artifact: Artifact, question_artifact: Artifact, tiny_guide_folder: Path
) -> None:
    artifacts = [str(each.path) for each in (travel_artifact, question_artifact)]
    done = subprocess.run(
        [
            *(sys.executable, "-m", "nadeuri", "serve", *artifacts),
            *("--guide", str(tiny_guide_folder), "--threads", "2", "--explain", "--json"),
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert not done.stderr
    said = json.loads(done.stdout)
    assert said["threads"] == 2
    assert said["measured"]["n_requests"] == (7 + 5 + 2 + 2 + 1) * (
        3 + 2
    )  # of each, 3 alone and 2 at once
    assert said["measured"]["private"] > 1 << 20
    assert {limit["kind"] for limit in said["limits"]} <= {"hard", "soft", "stall", "machine"}
