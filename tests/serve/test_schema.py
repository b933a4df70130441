"""schemathesis attacks the running API with what its own OpenAPI document allows and forbids."""

from __future__ import annotations

import subprocess
import sys

import pytest


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
    assert "No issues found" in done.stdout, done.stdout
