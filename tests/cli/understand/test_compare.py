"""compare: trains, reports, publishes, and does nothing twice."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from nadeuri.artifact import open_artifact

Invoke = Callable[..., Result]


@pytest.mark.slow
def test_compare_publishes_the_best(
    invoke: Invoke, config: Path, world: Path, home: Path, tmp_path: Path
) -> None:
    gone = tmp_path / "gone.toml"
    gone.write_text(
        'name = "gone"\nencoder = { kind = "hugging-face", path = "/nowhere" }\n', encoding="utf-8"
    )
    command = ("compare", config, gone, "--data", world, "--seeds", 1, "--no-track")
    command = (*command, "--set", "train.epochs=2", "--out", tmp_path / "out")
    first = invoke(*command)
    assert first.exit_code == 0, first.output
    assert "gone is left out: encoder.path: '/nowhere' cannot be loaded" in first.stderr
    assert "[1/1] tiny, seed 1" in first.stderr
    published = home / "artifacts" / "questions"
    assert f": {published}\n" in first.stdout
    assert f"report: {tmp_path / 'out' / 'report.html'}" in first.stdout
    assert (tmp_path / "out" / "report.md").is_file()
    assert open_artifact(published).kind == "questions"

    runs = {path: path.stat().st_mtime_ns for path in (tmp_path / "out" / "runs").rglob("*.json")}
    again = invoke(*command, "--publish", tmp_path / "mine")
    assert again.exit_code == 0, again.output
    assert {path: path.stat().st_mtime_ns for path in runs} == runs
    assert open_artifact(tmp_path / "mine").version == open_artifact(published).version
    assert invoke("predict", "다낭 여행").exit_code == 0  # the published one is the default

    more = invoke(*command, "--augment", 1)
    assert more.exit_code == 0, more.output
    assert "[1/1] tiny, seed 1" in more.stderr  # other questions, so another run
    assert open_artifact(published).version != open_artifact(tmp_path / "mine").version


def test_where_no_encoder_loads_nothing_is_trained(
    invoke: Invoke, world: Path, tmp_path: Path
) -> None:
    gone = tmp_path / "gone.toml"
    gone.write_text(
        'name = "gone"\nencoder = { kind = "hugging-face", path = "/nowhere" }\n', encoding="utf-8"
    )
    result = invoke("compare", gone, "--data", world, "--no-track", "--out", tmp_path / "out")
    assert result.exit_code == 2
    assert "error: no encoder can be loaded here: gone: encoder.path" in result.stderr
