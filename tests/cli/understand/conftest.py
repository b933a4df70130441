"""A few labelled questions, and a small model trained on them by the command."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from nadeuri.cli import main
from nadeuri.data.questions import write_questions
from nadeuri.data.sample.questions import build_questions
from nadeuri.understand.names import builtin

CONFIG = """
name = "{name}"
encoder = {{ kind = "characters", dim = 16, hidden = 16, dropout = 0 }}
heads = {{ dim_tags = 0, dim_lstm = 0 }}
train = {{ epochs = {epochs}, batch_size = 8, lr = 0.03, warmup_steps = 0, precision = "fp32" }}
"""

Invoke = Callable[..., Result]


@pytest.fixture(scope="session", autouse=True)
def _names_are_built_once() -> Iterator[None]:
    """A command builds them once; so do all commands together here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(builtin, "builtin_gazetteer", cache(builtin.builtin_gazetteer))
        yield


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The work folder of these tests."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="session")
def invoke(home: Path) -> Invoke:
    """``invoke("check", "--data", path)``: a verb, in a work folder of its own."""

    def run(*arguments: object, input: str | bytes | None = None, **env: str) -> Result:
        settings = {"NADEURI_HOME": str(home), "MLFLOW_TRACKING_URI": "", **env}
        return CliRunner().invoke(
            main, ["understand", *map(str, arguments)], input=input, env=settings
        )

    return run


@pytest.fixture(scope="session")
def world(home: Path) -> Path:
    """A folder with a table of 120 questions in three parts."""
    write_questions(home / "world" / "questions.parquet", build_questions(120, 0))
    return home / "world"


@pytest.fixture(scope="session")
def config(home: Path) -> Path:
    """A configuration that trains in a second."""
    file = home / "tiny.toml"
    file.write_text(CONFIG.format(name="tiny", epochs=6), encoding="utf-8")
    return file


@pytest.fixture(scope="session")
def trained(invoke: Invoke, config: Path, world: Path) -> Result:
    """The result of ``train``."""
    return invoke("train", config, "--data", world, "--no-track", "--augment", 1)


@pytest.fixture(scope="session")
def model(home: Path, trained: Result) -> Path:
    """What ``train`` exported."""
    assert trained.exit_code == 0, trained.output
    return home / "runs" / "world-tiny-seed1" / "artifact"
