"""``nadeuri artifact``: a model's way through the store, and the exit codes that Jenkins reads."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from nadeuri.artifact import Artifact, open_artifact, write_artifact
from nadeuri.cli import main
from nadeuri.cli.artifact import VERBS

pytest_plugins = ("aws_server",)


def export(folder: Path, f1: float, data: str = "a") -> Artifact:
    return write_artifact(
        folder,
        "questions",
        lambda to: (to / "metrics.json").write_text(json.dumps({"f1": f1})) and None,
        metadata={},
        data_fingerprint=data,
    )


def nadeuri(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["artifact", *map(str, arguments)])


@pytest.fixture
def store(bucket: str) -> tuple[str, str]:
    return "--store", f"s3://{bucket}/artifacts"


def test_from_training_to_serving(
    store: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NADEURI_HOME", str(tmp_path / "home"))
    first, worse = export(tmp_path / "a", 0.9), export(tmp_path / "b", 0.8, data="b")
    judged = ("--name", "questions", *store, "--metric", "f1:0.01")

    assert nadeuri("gate", first.path, *judged).exit_code == 0, "there is no champion yet"
    published = nadeuri("publish", first.path, "--name", "questions", *store)
    assert published.stdout == f"questions@{first.version}\n"
    assert nadeuri("list", "questions", *store, "--alias", "champion").stdout == ""
    done = nadeuri("promote", f"questions@{first.version}", *store)
    assert done.stdout == f"questions@champion: nothing -> {first.version}\n"

    refused = nadeuri("gate", worse.path, *judged)
    assert refused.exit_code == 1
    assert "f1 0.9000 0.8000 0.01 refused" in " ".join(refused.stdout.split())
    assert "different data" in refused.stderr
    assert nadeuri("gate", first.path, *judged).exit_code == 0

    nadeuri("publish", worse.path, "--name", "questions", *store)
    listed = nadeuri("list", *store).stdout.splitlines()
    assert len(listed) == 4
    assert sum("champion" in line for line in listed) == 1
    named = nadeuri("list", "questions", "unknown", *store, "--alias", "champion")
    assert named.stdout == f"questions@{first.version}\n"

    assert nadeuri("fetch", "questions", *store).exit_code == 0
    assert open_artifact(tmp_path / "home/artifacts/questions").version == first.version
    fetched = nadeuri("fetch", f"questions@{worse.version}", *store, "--out", tmp_path / "out")
    assert fetched.stdout == f"questions@{worse.version}: {tmp_path / 'out/questions'}\n"


def test_what_is_wrong_is_one_line_and_exit_code_2(store: tuple[str, str], tmp_path: Path) -> None:
    model = export(tmp_path / "a", 0.9)
    for arguments in (
        ("fetch", "questions", *store),
        ("promote", "questions", *store),
        ("promote", "questions@20260102T030405Z-0a1b2c3d", *store),
        ("gate", model.path, "--name", "questions", *store, "--metric", "f1:x"),
        ("gate", model.path, "--name", "questions", *store, "--metric", "ndcg"),
        ("publish", model.path, "--name", "No", *store),
        ("publish", tmp_path, "--name", "questions", *store),
        ("list", "--store", "models"),
    ):
        result = nadeuri(*arguments)
        assert result.exit_code == 2, (arguments, result.output)
        assert result.stderr.startswith("error: ")
        assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_a_help_with_an_example(verb: str) -> None:
    output = " ".join(nadeuri(verb, "--help").output.split())
    assert f"Example: nadeuri artifact {verb}" in output
