"""A session: trained, judged, exported, tracked, registered, and resumed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from nadeuri.data.questions import Question
from nadeuri.data.sample.questions import build_questions
from nadeuri.errors import ConfigError, DataError
from nadeuri.tracking import NullRun, NullTracker
from nadeuri.understand import bundle
from nadeuri.understand.config import (
    CharactersConfig,
    ExperimentConfig,
    HeadsConfig,
    HuggingFaceConfig,
    TrainConfig,
)
from nadeuri.understand.gazetteer import Entry, Gazetteer
from nadeuri.understand.parts import Parts, divide, fingerprint
from nadeuri.understand.predict import QuestionParser
from nadeuri.understand.session import FinishedSession, figures, train_and_export

CONFIG = ExperimentConfig(
    name="tiny",
    encoder=CharactersConfig(dim=16, hidden=16, dropout=0.0),
    heads=HeadsConfig(dim_tags=0, dim_lstm=0, dropout=0.0),
    train=TrainConfig(epochs=6, batch_size=8, lr=0.02, warmup_steps=10, precision="fp32"),
)
GAZETTEER = Gazetteer([Entry("다낭", "지역", "DAD", "VN")])


@pytest.fixture(scope="module")
def parts() -> Parts:
    return divide(build_questions(120, 0))


class Recorder(NullRun):
    """A tracker, and its run, that keep what they are told; with MLflow: tests/test_tracking.py."""

    def __init__(self) -> None:
        self.opened: list[tuple[str, str, str]] = []
        self.parameters: Mapping[str, Any] = {}
        self.metrics: list[tuple[int, Mapping[str, float]]] = []
        self.artifact: Path | None = None

    @contextmanager
    def run(
        self,
        experiment: str,
        name: str,
        *,
        parameters: Mapping[str, Any],
        data_fingerprint: str,
        tags: Mapping[str, str] | None = None,
    ) -> Iterator[Recorder]:
        self.opened.append((experiment, name, data_fingerprint))
        self.parameters = parameters
        yield self

    def log_metrics(self, metrics: Mapping[str, float], epoch: int = 0) -> None:
        self.metrics.append((epoch, metrics))

    def log_artifact(self, folder: Path) -> None:
        self.artifact = folder

    def register(self, model: str, alias: str) -> str:
        return f"{model}/{alias}/1"


class Stopping(Recorder):
    """After the third epoch somebody presses Ctrl-C."""

    def log_metrics(self, metrics: Mapping[str, float], epoch: int = 0) -> None:
        if epoch == 3:
            raise KeyboardInterrupt


@pytest.fixture(scope="module")
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture(scope="module")
def finished(
    parts: Parts, recorder: Recorder, tmp_path_factory: pytest.TempPathFactory
) -> FinishedSession:
    return train_and_export(
        CONFIG,
        parts,
        seed=1,
        folder=tmp_path_factory.mktemp("run"),
        tracker=recorder,
        experiment="world",
        register=("questions", "champion"),
        gazetteer=GAZETTEER,
    )


def test_the_model_is_exported_with_its_figures(finished: FinishedSession, parts: Parts) -> None:
    assert finished.artifact is not None
    assert finished.evaluation is not None
    parser = QuestionParser(finished.artifact)
    assert parser.artifact.manifest.data_fingerprint == fingerprint(parts)
    assert parser.gazetteer is not None
    assert parser.gazetteer.entries == GAZETTEER.entries
    written = json.loads(parser.artifact.file(bundle.METRICS_FILE).read_text(encoding="utf-8"))
    assert written == figures(finished.evaluation)
    assert written["intent_accuracy"] > 1 / 9  # it has learned something
    assert parser.answer("다낭 패키지 추천", today=date(2026, 11, 28)).intent is not None


def test_the_run_is_tracked_and_registered(
    finished: FinishedSession, recorder: Recorder, parts: Parts
) -> None:
    assert recorder.opened == [("world", "tiny-seed1", fingerprint(parts))]
    assert recorder.parameters["encoder"]["kind"] == "characters"
    assert recorder.parameters["seed"] == 1
    *curve, (best_epoch, scores) = recorder.metrics
    assert [epoch for epoch, _ in curve] == [1, 2, 3, 4, 5, 6]
    assert [metrics["valid_quality"] for _, metrics in curve] == [
        point.metric for point in finished.progress.curve
    ]
    assert finished.evaluation is not None
    assert scores["test_f1"] == finished.evaluation.micro.f1
    assert best_epoch == finished.progress.best_epoch
    assert recorder.artifact == finished.artifact
    assert finished.version == "questions/champion/1"


def test_a_stopped_run_ends_as_one_that_was_not(
    finished: FinishedSession, parts: Parts, tmp_path: Path
) -> None:
    with pytest.raises(KeyboardInterrupt):
        train_and_export(
            CONFIG, parts, seed=1, folder=tmp_path, tracker=Stopping(), gazetteer=GAZETTEER
        )
    assert not (tmp_path / "artifact").exists()
    again = train_and_export(
        CONFIG, parts, seed=1, folder=tmp_path, tracker=NullTracker(), gazetteer=GAZETTEER
    )
    assert again.evaluation == finished.evaluation
    assert [p.loss for p in again.progress.curve] == [p.loss for p in finished.progress.curve]


def test_figures_that_are_not_defined_are_absent(parts: Parts, tmp_path: Path) -> None:
    without = {
        part: [Question(q.id, q.text, q.spans) for q in questions[:12]]
        for part, questions in parts.items()
    }
    quick = CONFIG.model_copy(update={"train": CONFIG.train.model_copy(update={"epochs": 1})})
    found = train_and_export(quick, without, seed=1, folder=tmp_path, tracker=NullTracker())
    assert found.evaluation is not None
    assert not any(name.startswith("intent") for name in figures(found.evaluation))
    assert found.version is None


def test_nothing_is_exported_that_was_not_judged(parts: Parts, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="test part is empty"):
        train_and_export(
            CONFIG, {**parts, "test": []}, seed=1, folder=tmp_path, tracker=NullTracker()
        )
    gone = HuggingFaceConfig(path=str(tmp_path / "none"))
    other = CONFIG.model_copy(update={"encoder": gone})
    with pytest.raises(ConfigError, match=r"encoder\.path"):
        train_and_export(other, parts, seed=1, folder=tmp_path, tracker=NullTracker())
