"""Which models ``nadeuri serve`` opens where none is named."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask

from nadeuri.cli.serve import command


@pytest.mark.parametrize(
    ("present", "opened"),
    [
        (["questions", "also-viewed", "for-you"], ["for-you", "also-viewed", "questions"]),
        (["for-you", "questions"], ["for-you", "questions"]),
        (["for-you"], ["for-you"]),
        (["questions"], ["questions"]),
        ([], ["for-you"]),
    ],
)
def test_the_models_that_are_there(
    present: list[str], opened: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in present:
        (tmp_path / "artifacts" / name).mkdir(parents=True)
    asked: list[Path] = []

    def create(*folders: Path) -> Flask:
        asked.extend(folders)
        return Flask("nothing")

    monkeypatch.setenv("NADEURI_HOME", str(tmp_path))
    monkeypatch.setattr("nadeuri.serve.app.create_app", create)
    monkeypatch.setattr("nadeuri.serve.server.run", lambda app, **options: None)
    done = CliRunner().invoke(command, ["--workers", "1"])
    assert done.exit_code == 0, done.output
    assert asked == [tmp_path / "artifacts" / name for name in opened]
