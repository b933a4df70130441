"""Keys and rate limits over HTTP."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests
from flask.testing import FlaskClient

from nadeuri.artifact import Artifact
from nadeuri.serve.app import ROOMS, create_app
from nadeuri.serve.door import Door
from nadeuri.serve.keys import ROOMS as KEY_ROOMS
from nadeuri.serve.keys import create_key, revoke_key
from nadeuri.serve.server import is_loopback
from nadeuri.serve.wire import Problem

PATH = "/v1/products/P001/also-viewed"


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    create_key(tmp_path / "keys", "first")
    return tmp_path / "keys"


@pytest.fixture
def client(viewed_artifact: Artifact, keys: Path) -> FlaskClient:
    return create_app(viewed_artifact.path, door=Door(keys)).test_client()


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/openapi.json"])
def test_some_paths_need_no_key(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 200
    assert client.head(path).status_code == 200


@pytest.mark.parametrize("path", [PATH, "/v1/없는길", "/healthz/", "/metrics", "//healthz", "/"])
def test_all_others_do(client: FlaskClient, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 401
    assert response.content_type == "application/problem+json"
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="nadeuri"'
    Problem.model_validate_json(response.data)


@pytest.mark.parametrize(
    "header",
    ["Bearer", "Bearer ", "Basic {}", "bearer", "{}", "Bearer {}x", "Bearer {},{}", "Bearer 한"],
)
def test_what_is_no_key_is_refused(client: FlaskClient, keys: Path, header: str) -> None:
    key = create_key(keys, "other")
    given = header.format(key, key).encode().decode("latin-1")
    response = client.get(PATH, headers={"Authorization": given})
    assert response.status_code == 401
    assert key not in response.get_data(as_text=True)
    assert response.headers["WWW-Authenticate"].startswith('Bearer realm="nadeuri"')


def test_who_has_a_key_may_ask(viewed_artifact: Artifact, keys: Path) -> None:
    key = create_key(keys, "other")
    client = create_app(viewed_artifact.path, door=Door(keys)).test_client()
    for scheme in ("Bearer", "bearer", "BEARER"):
        response = client.get(PATH, headers={"Authorization": f"{scheme} {key}"})
        assert response.status_code == 200
        assert "RateLimit" not in response.headers, "this key has no limit"
    wrong = client.get(PATH, headers=bearer(key[:-1]))
    assert 'error="invalid_token"' in wrong.headers["WWW-Authenticate"]


def test_a_key_is_for_its_rooms(viewed_artifact: Artifact, keys: Path) -> None:
    guide = create_key(keys, "guide", rooms=["guide", "metrics"])
    viewed = create_key(keys, "viewed", rooms=["also_viewed"])
    client = create_app(viewed_artifact.path, door=Door(keys)).test_client()
    assert client.get(PATH, headers=bearer(viewed)).status_code == 200
    refused = client.get(PATH, headers=bearer(guide))
    assert refused.status_code == 403
    assert refused.get_json()["detail"] == "This key is for: guide, metrics."
    assert client.get("/v1/nothing", headers=bearer(guide)).status_code == 404
    assert client.put(PATH, headers=bearer(guide)).status_code == 405


def test_a_limit_is_told_and_kept(viewed_artifact: Artifact, keys: Path) -> None:
    key = create_key(keys, "slow", rate="1/min", burst=3)
    client = create_app(viewed_artifact.path, door=Door(keys)).test_client()
    for remaining in (2, 1, 0):
        response = client.get(PATH, headers=bearer(key))
        assert response.status_code == 200
        assert response.headers["RateLimit-Policy"] == '"per-key";q=3;w=180'
        full_after_s = 60 * (3 - remaining)
        assert response.headers["RateLimit"] == f'"per-key";r={remaining};t={full_after_s}'
    refused = client.get(PATH, headers=bearer(key))
    assert (refused.status_code, refused.content_type) == (429, "application/problem+json")
    assert refused.headers["Retry-After"] == "60"
    assert refused.headers["RateLimit"] == '"per-key";r=0;t=180'
    assert client.get("/healthz", headers=bearer(key)).status_code == 200


def test_the_document_says_so(client: FlaskClient, viewed_artifact: Artifact) -> None:
    document = client.get("/openapi.json").get_json()
    assert document["components"]["securitySchemes"]["ApiKey"]["scheme"] == "bearer"
    for path, methods in document["paths"].items():
        for operation in methods.values():
            is_open = path in ("/healthz", "/readyz")
            assert ("security" not in operation) == is_open
            assert ({"401", "403", "429"} <= set(operation["responses"])) == (not is_open)
    without = create_app(viewed_artifact.path).test_client().get("/openapi.json").get_json()
    assert "securitySchemes" not in without["components"]
    assert "401" not in json.dumps(without)


def test_keys_know_the_rooms() -> None:
    modules = {opener.__code__.co_names[0] for opener in ROOMS.values()}  # lambda: module.room(...)
    assert modules <= set(KEY_ROOMS)


def test_a_limit_holds_over_all_workers(locked_server: Any, key_file: Path) -> None:
    rate, burst = 10, 20
    key = create_key(key_file, "limited", rate=f"{rate}/s", burst=burst)
    _until_known(locked_server, key)
    time.sleep(burst / rate)
    ids = [uuid.uuid4().hex for _ in range(120)]

    def ask(request_id: str) -> tuple[int, Any]:
        headers = {**bearer(key), "X-Request-ID": request_id}
        response = requests.get(locked_server.url + PATH, headers=headers, timeout=10)
        return response.status_code, response.headers.get("Retry-After")

    started = time.monotonic()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, ids))
    seconds = time.monotonic() - started
    n_passed = sum(status == 200 for status, _ in answers)
    assert burst <= n_passed <= burst + rate * seconds + 1
    assert {retry for status, retry in answers if status == 429} == {"1"}
    assert {status for status, _ in answers} == {200, 429}, "it was not asked fast enough to tell"
    pids = {json.loads(locked_server.logged(request_id))["pid"] for request_id in ids}
    assert len(pids) == 2, "both workers counted"


def test_a_revoked_key_is_refused_within_a_second(locked_server: Any, key_file: Path) -> None:
    key = create_key(key_file, "short-lived")
    _until_known(locked_server, key)
    revoke_key(key_file, "short-lived")
    time.sleep(1)
    for _ in range(20):
        response = requests.get(locked_server.url + PATH, headers=bearer(key), timeout=5)
        assert response.status_code == 401


@pytest.mark.slow
def test_the_api_keeps_its_schema_behind_the_door(locked_server: Any, key_file: Path) -> None:
    key = create_key(key_file, "schemathesis")
    _until_known(locked_server, key)
    done = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "run"),
            *(f"{locked_server.url}/openapi.json", "-H", f"Authorization: Bearer {key}"),
            *("--max-examples", "20", "--generation-deterministic", "--no-color"),
            *("--phases", "examples,coverage,fuzzing", "--checks", "all"),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "No issues found" in done.stdout, done.stdout


@pytest.mark.parametrize(
    ("host", "is_so"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("10.0.0.1", False),
        ("api.example", False),
    ],
)
def test_what_only_this_machine_reaches(host: str, is_so: bool) -> None:
    assert is_loopback(host) == is_so


def serve_on_the_network(artifact: Artifact, **environment: str) -> tuple[str, str]:
    """What ``nadeuri serve`` says, which is asked once without a key instead of listening."""
    program = (
        "import sys, nadeuri.serve.server as server\n"
        "server.run = lambda app, **o: print(app.test_client().get('/v1/nothing').status_code)\n"
        "from nadeuri.cli import main\n"
        "main(sys.argv[1:])\n"
    )
    arguments = ["serve", str(artifact.path), "--workers", "1", "--host", "0.0.0.0"]
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout, done.stderr


def test_an_open_api_on_the_network_warns(viewed_artifact: Artifact) -> None:
    answered, logged = serve_on_the_network(viewed_artifact)
    assert answered == "404\n"
    assert "WARNING without --keys everybody who reaches 0.0.0.0:8000 may ask" in logged


def test_keys_from_the_environment(viewed_artifact: Artifact, tmp_path: Path) -> None:
    """As a container has them from a secret: the door is shut before anybody may ask."""
    create_key(tmp_path / "keys.json", "a")
    keys = (tmp_path / "keys.json").read_text(encoding="utf-8")
    answered, logged = serve_on_the_network(viewed_artifact, NADEURI_KEYS=keys)
    assert answered == "401\n"
    assert "WARNING" not in logged


def test_a_file_of_keys_that_is_not_there_is_one_line(
    viewed_artifact: Artifact, tmp_path: Path
) -> None:
    arguments = [str(viewed_artifact.path), "--keys", str(tmp_path / "none")]
    done = subprocess.run(
        [sys.executable, "-m", "nadeuri", "serve", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("error: ")
    assert len(done.stderr.splitlines()) == 1


def _until_known(server: Any, key: str) -> None:
    """Until both workers have seen the new key: 20 answers in a row that are no 401."""
    known = 0
    while known < 20:
        response = requests.get(server.url + "/v1/nothing", headers=bearer(key), timeout=5)
        known = 0 if response.status_code == 401 else known + 1
