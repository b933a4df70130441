"""A session: trained, judged, exported, tracked, registered, and resumed."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from nadeuri.artifact import open_artifact
from nadeuri.data.questions import Question
from nadeuri.data.sample.questions import build_questions
from nadeuri.errors import ConfigError, DataError
from nadeuri.tracking import MlflowTracker, NullTracker
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

# MLflow's own imports (pydantic, sqlalchemy, pkg_resources...) are not ours to fix.
pytestmark = pytest.mark.filterwarnings("ignore")

CONFIG = ExperimentConfig(
    name="tiny",
    encoder=CharactersConfig(dim=16, hidden=16, dropout=0.0),
    heads=HeadsConfig(dim_tags=0, dim_lstm=0, dropout=0.0),
    train=TrainConfig(epochs=6, batch_size=8, lr=0.03, warmup_steps=0, precision="fp32"),
)
GAZETTEER = Gazetteer([Entry("다낭", "지역", "DAD", "VN")])


@pytest.fixture(scope="module")
def parts() -> Parts:
    return divide(build_questions(120, 0))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("store")


@pytest.fixture(scope="module")
def finished(parts: Parts, store: Path) -> FinishedSession:
    return train_and_export(
        CONFIG,
        parts,
        seed=1,
        folder=store / "run",
        tracker=MlflowTracker(f"sqlite:///{store}/mlflow.db"),
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


def test_the_run_is_tracked_and_registered(finished: FinishedSession, store: Path) -> None:
    import mlflow

    client = mlflow.MlflowClient(tracking_uri=f"sqlite:///{store}/mlflow.db")
    experiment = client.get_experiment_by_name("world")
    assert experiment is not None
    (run,) = client.search_runs([experiment.experiment_id])
    assert run.data.params["encoder.kind"] == "characters"
    assert run.data.params["seed"] == "1"
    assert finished.evaluation is not None
    assert run.data.metrics["test_f1"] == finished.evaluation.micro.f1
    curve = client.get_metric_history(run.info.run_id, "valid_quality")
    assert [point.step for point in curve] == [p.epoch for p in finished.progress.curve]
    assert finished.version == "1"
    fetched = MlflowTracker(f"sqlite:///{store}/mlflow.db").resolve(
        "questions", "champion", store / "fetched"
    )
    assert finished.artifact is not None
    assert fetched.version == open_artifact(finished.artifact).version


def test_a_stopped_run_ends_as_one_that_was_not(
    finished: FinishedSession, parts: Parts, tmp_path: Path
) -> None:
    class Stopped(NullTracker):
        def run(self, *arguments, **options):
            return _Stopping(super().run(*arguments, **options))

    with pytest.raises(KeyboardInterrupt):
        train_and_export(CONFIG, parts, seed=1, folder=tmp_path, tracker=Stopped())
    assert not (tmp_path / "artifact").exists()
    again = train_and_export(CONFIG, parts, seed=1, folder=tmp_path, tracker=NullTracker())
    assert again.evaluation == finished.evaluation
    assert [p.loss for p in again.progress.curve] == [p.loss for p in finished.progress.curve]


class _Stopping:
    """A tracked run after whose third epoch somebody presses Ctrl-C."""

    def __init__(self, inner) -> None:
        self.inner = inner

    def __enter__(self):
        run = self.inner.__enter__()

        def log(metrics, epoch=0):
            if epoch == 3:
                raise KeyboardInterrupt

        run.log_metrics = log
        return run

    def __exit__(self, *error):
        return self.inner.__exit__(*error)


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
