"""schemathesis attacks the running API with what its own OpenAPI document allows and forbids."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import urllib.request

import pytest

from api_reference import FILE, comparable

HOW = "serve everything (make serve) and run: python docs/api_reference.py http://127.0.0.1:8000"


@pytest.mark.parametrize("rooms", ["server", "guide_server", "match_server", "labelling_server"])
def test_the_api_keeps_its_schema(rooms: str, request: pytest.FixtureRequest) -> None:
    server = request.getfixturevalue(rooms)
    done = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "run", f"{server.url}/openapi.json"),
            *("--max-examples", "20", "--generation-deterministic", "--no-color"),
            *("--phases", "examples,coverage,fuzzing", "--checks", "all"),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    # it may warn of test data: another test may have decided the review that it would have found
    assert re.search(r"(\d+) generated, \1 passed", done.stdout), done.stdout


def test_the_documentation_describes_this_api(request: pytest.FixtureRequest) -> None:
    documented = comparable(json.loads(FILE.read_text(encoding="utf-8")))
    served: dict[str, object] = {}
    for rooms in ("server", "guide_server", "match_server", "labelling_server"):
        url = request.getfixturevalue(rooms).url
        with urllib.request.urlopen(f"{url}/openapi.json") as answer:
            document = comparable(json.load(answer))
        served |= document["paths"]
        for name, schema in document["components"]["schemas"].items():
            assert documented["components"]["schemas"].get(name) == schema, f"{name}: {HOW}"
    assert documented["paths"] == served, HOW
