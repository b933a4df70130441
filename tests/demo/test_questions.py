"""The demo's question model: made once, and made again when its data are other ones."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from nadeuri import columns
from nadeuri.artifact import open_artifact
from nadeuri.data.questions import write_questions
from nadeuri.data.sample.questions import build_questions as sample_questions
from nadeuri.demo import questions
from nadeuri.demo.questions import ASKED, build_questions
from nadeuri.settings import Settings
from nadeuri.tracking import NullTracker
from nadeuri.understand import bundle
from nadeuri.understand.predict import QuestionParser

TINY = (
    "train.epochs=2",
    "encoder.dim=16",
    "encoder.hidden=16",
    "heads.dim_lstm=16",
)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A work folder of its own, without MLflow, and a model that is trained in seconds."""
    monkeypatch.setattr("nadeuri.tracking.open_tracker", lambda uri: NullTracker())
    monkeypatch.setattr(questions, "OVERRIDES", TINY)
    return Settings.from_env({}, home=tmp_path / "work")


def sample(folder: Path, n: int) -> Path:
    folder.mkdir(exist_ok=True)
    write_questions(folder / "questions.parquet", sample_questions(n, 0))
    return folder


@pytest.mark.slow
def test_a_model_is_made_once_for_the_same_questions(settings: Settings, tmp_path: Path) -> None:
    said: list[str] = []
    world = sample(tmp_path / "sample", 300)
    artifact = build_questions(settings, world, said.append)

    version = open_artifact(artifact, bundle.KIND).version
    answer = QuestionParser(artifact).answer(ASKED, today=date(2026, 11, 28))
    assert answer.text == ASKED
    assert answer.intent in columns.INTENTS
    assert build_questions(settings, world, said.append) == artifact
    assert open_artifact(artifact, bundle.KIND).version == version
    assert said[1:] == ["Questions: done before, and nothing has changed."]

    build_questions(settings, sample(world, 330), said.append)
    assert open_artifact(artifact, bundle.KIND).version != version
