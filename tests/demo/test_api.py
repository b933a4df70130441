"""The demo's API process: failures are told in one line, and nothing is left running."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from nadeuri.artifact import Artifact
from nadeuri.demo.api import HOST, ApiError, also_viewed, free_port, recommend, running_api


def test_a_server_that_does_not_start_is_reported_with_its_reason(tmp_path: Path) -> None:
    log = tmp_path / "api.log"
    with (
        pytest.raises(ApiError, match=r"not ready: error: .*no-artefact") as caught,
        running_api([tmp_path / "no-artefact"], 0, log),
    ):
        pytest.fail("the block must not run")
    assert "\n" not in str(caught.value)
    assert str(log) in str(caught.value)


def test_no_answer_is_reported_with_the_address() -> None:
    url = f"http://{HOST}:{free_port()}"
    with pytest.raises(ApiError, match=f"{url}/v1/recommendations: no recommendations"):
        recommend(url, "u1", 3)
    with pytest.raises(ApiError, match=rf"{url}/v1/products/%EB%8B%A4%2F1/\S+: no products"):
        also_viewed(url, "다/1", 3)


def test_both_rooms_answer(
    travel_artifact: Artifact, viewed_artifact: Artifact, tmp_path: Path
) -> None:
    artifacts = [travel_artifact.path, viewed_artifact.path]
    with running_api(artifacts, 0, tmp_path / "api.log") as url:
        assert len(recommend(url, "손님000", 3)["items"]) == 3
        beside = also_viewed(url, "P001", 3)["items"]
        assert len(beside) == 3
        assert "P001" not in [item["item"] for item in beside]


def test_a_busy_port_is_not_taken() -> None:
    with socket.create_server((HOST, 0)) as busy:
        taken = busy.getsockname()[1]
        assert free_port(taken) != taken
    assert free_port(taken) == taken
