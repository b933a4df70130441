"""The demo's API process: failures are told in one line, and nothing is left running."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from nadeuri.demo.api import HOST, ApiError, free_port, recommend, running_api


def test_a_server_that_does_not_start_is_reported_with_its_reason(tmp_path: Path) -> None:
    log = tmp_path / "api.log"
    with (
        pytest.raises(ApiError, match=r"not ready: error: .*no-artefact") as caught,
        running_api(tmp_path / "no-artefact", 0, log),
    ):
        pytest.fail("the block must not run")
    assert "\n" not in str(caught.value)
    assert str(log) in str(caught.value)


def test_no_answer_is_reported_with_the_address() -> None:
    url = f"http://{HOST}:{free_port()}"
    with pytest.raises(ApiError, match=f"{url}/v1/recommendations: no recommendations"):
        recommend(url, "u1", 3)


def test_a_busy_port_is_not_taken() -> None:
    with socket.create_server((HOST, 0)) as busy:
        taken = busy.getsockname()[1]
        assert free_port(taken) != taken
    assert free_port(taken) == taken
