"""A comparison: what runs, what is left out, what is adopted, and that nothing runs twice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from nadeuri.artifact import open_artifact
from nadeuri.data.questions import Question, Span
from nadeuri.data.sample.questions import build_questions
from nadeuri.errors import ArtifactError, ConfigError, DataError
from nadeuri.tracking import NullTracker
from nadeuri.training.checkpoint import CHECKPOINT
from nadeuri.understand import bundle
from nadeuri.understand.compare import (
    Comparison,
    compare,
    judge,
    precision_interval,
    publish,
)
from nadeuri.understand.compare_config import load_shipped
from nadeuri.understand.config import ExperimentConfig, load_config
from nadeuri.understand.evaluate import evaluate
from nadeuri.understand.gazetteer import Entry, Gazetteer
from nadeuri.understand.parse import Parse
from nadeuri.understand.parts import Parts, divide
from nadeuri.understand.predict import QuestionParser
from nadeuri.understand.runs import ANSWERS, RUN, RunResult

CONFIGS = Path(__file__).parents[2] / "configs" / "understand"
GAZETTEER = Gazetteer([Entry("다낭", "지역", "DAD", "VN")])
TRAIN = {"epochs": 8, "batch_size": 8, "lr": 0.03, "warmup_steps": 0, "precision": "fp32"}
HEADS = {"dim_tags": 0, "dim_lstm": 0}


def experiment(name: str, encoder: dict[str, object], **train: object) -> ExperimentConfig:
    return ExperimentConfig.model_validate(
        {"name": name, "encoder": encoder, "heads": HEADS, "train": TRAIN | train}
    )


TINY = {"kind": "characters", "dim": 16, "hidden": 16, "dropout": 0}
BETTER = experiment("better", TINY)
WORSE = experiment("worse", TINY, epochs=1, lr=1e-4)
GONE = experiment("gone", {"kind": "hugging-face", "path": "/nowhere/encoder"})


@pytest.fixture(scope="module")
def parts() -> Parts:
    return divide(build_questions(120, 0))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("runs")


def run(
    configs: Sequence[ExperimentConfig],
    parts: Parts,
    folder: Path,
    said: list[str] | None = None,
    seeds: Sequence[int] = (1, 2),
) -> Comparison:
    return compare(
        configs,
        parts,
        seeds=seeds,
        data="world",
        folder=folder,
        tracker=NullTracker(),
        gazetteer=GAZETTEER,
        on_run=(said if said is not None else []).append,
    )


@pytest.fixture(scope="module")
def comparison(parts: Parts, folder: Path) -> Comparison:
    return run([WORSE, BETTER, GONE], parts, folder)


def test_every_loadable_model_is_trained_with_every_seed(comparison: Comparison) -> None:
    assert {model.name: model.seeds for model in comparison.models} == {
        "worse": (1, 2),
        "better": (1, 2),
    }
    assert "'/nowhere/encoder' cannot be loaded" in comparison.skipped["gone"]
    better = next(model for model in comparison.models if model.name == "better")
    assert better.test["f1"].sd is not None
    low, high = better.interval
    assert low <= better.test["precision"].mean <= high
    assert better.p50_ms <= better.p99_ms
    assert 0 < better.size_mib < 5
    assert better.train_seconds > 0


def test_figures_are_those_of_the_artefact(comparison: Comparison, parts: Parts) -> None:
    result = comparison.runs["better"][0]
    parser = QuestionParser(result.artifact)
    found = parser.parse([question.text for question in parts["test"]])
    assert list(result.answers) == found
    assert any(parse.spans for parse in found)
    assert result.test == evaluate(parts["test"], found)
    assert result.precision == parser.artifact.metadata["precision"]


def test_finished_runs_are_read_back(comparison: Comparison, parts: Parts, folder: Path) -> None:
    written = {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}
    again = run([WORSE, BETTER, GONE], parts, folder)
    assert again.models == comparison.models
    assert again.adopted.folder == comparison.adopted.folder
    assert again.adopted.answers == comparison.adopted.answers
    assert {p: p.stat().st_mtime_ns for p in folder.rglob("*") if p.is_file()} == written


def test_other_data_names_and_settings_are_other_runs(
    comparison: Comparison, parts: Parts, folder: Path
) -> None:
    before = {path.name for path in folder.iterdir()}
    fewer = {**parts, "train": parts["train"][:40]}
    for configs, data in (([WORSE], fewer), ([experiment("worse", TINY, epochs=2)], parts)):
        run(configs, data, folder, seeds=[1])
    after = {path.name for path in folder.iterdir()} - before
    assert len(after) == 2
    assert all(name.startswith("worse-seed1-") for name in after)


def test_an_interrupted_comparison_goes_on(parts: Parts, tmp_path: Path) -> None:
    def interrupted(text: str) -> None:
        if text.startswith("[2/2]"):
            raise KeyboardInterrupt

    options: dict[str, Any] = {
        "data": "world",
        "folder": tmp_path,
        "tracker": NullTracker(),
        "seeds": (1, 2),
    }
    with pytest.raises(KeyboardInterrupt):
        compare([WORSE], parts, on_run=interrupted, **options)
    (finished,) = tmp_path.iterdir()
    (finished / RUN).unlink()  # as if killed before the last file: the checkpoint goes on
    trained = (finished / CHECKPOINT).stat().st_mtime_ns
    assert len(compare([WORSE], parts, **options).runs["worse"]) == 2
    assert (finished / CHECKPOINT).stat().st_mtime_ns == trained


def test_a_finished_run_needs_no_encoder(
    small_encoder: Callable[[str], Any], parts: Parts, tmp_path: Path
) -> None:
    model, tokenizer = small_encoder("distilbert")
    model.save_pretrained(tmp_path / "encoder")
    tokenizer.save_pretrained(tmp_path / "encoder")
    encoder = {"kind": "hugging-face", "path": str(tmp_path / "encoder"), "segments": "words"}
    config = experiment("pretrained", encoder, epochs=1)
    said: list[str] = []
    first = run([config], parts, tmp_path / "runs", said, seeds=[1])
    assert said == ["[1/1] pretrained, seed 1"]
    (tmp_path / "encoder").rename(tmp_path / "elsewhere")
    again = run([config], parts, tmp_path / "runs", seeds=[1])
    assert again.models == first.models
    with pytest.raises(ConfigError, match="no encoder can be loaded here: pretrained: "):
        run([config], parts, tmp_path / "runs", seeds=[3])


def test_a_damaged_run_says_what_to_delete(parts: Parts, tmp_path: Path) -> None:
    first = run([WORSE], parts, tmp_path, seeds=[1])
    (first.adopted.folder / ANSWERS).write_text("{", encoding="utf-8")
    with pytest.raises(ArtifactError, match=r"delete run\.json to run it again"):
        run([WORSE], parts, tmp_path, seeds=[1])


def test_the_adopted_model_is_published(comparison: Comparison, tmp_path: Path) -> None:
    target = tmp_path / "questions"
    published = publish(comparison.runs["worse"][0], target)
    assert published.version == open_artifact(comparison.runs["worse"][0].artifact).version
    again = publish(comparison.adopted, target)
    assert open_artifact(target, bundle.KIND).version == again.version
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("x", encoding="utf-8")
    with pytest.raises(ArtifactError, match="not an artefact"):
        publish(comparison.adopted, tmp_path / "mine")


def test_an_empty_part_and_equal_names_are_refused(parts: Parts, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="world: the part valid is empty"):
        run([BETTER], {**parts, "valid": []}, tmp_path)
    with pytest.raises(ConfigError, match="two experiments are named 'better'"):
        run([BETTER, BETTER], parts, tmp_path)


# --- the choice, on answers made up ---------------------------------------------------------------

RIGHT, WRONG = Span(0, 2, "지역"), Span(2, 4, "지역")
ASKED = [Question(f"q{n}", "다낭 날씨 어때", (RIGHT,)) for n in range(10)]
MADE = {"train": ASKED, "valid": ASKED, "test": ASKED}


def answers(n_right: int, n_wrong: int, n_silent: int) -> tuple[Parse, ...]:
    found = [(RIGHT,)] * n_right + [(WRONG,)] * n_wrong + [()] * n_silent
    return tuple(Parse(spans, (0.5,) * len(spans)) for spans in found)


def result(name: str, seed: int, valid: tuple[Parse, ...], test: tuple[Parse, ...]) -> RunResult:
    return RunResult(
        config=experiment(name, TINY),
        seed=seed,
        valid=evaluate(ASKED, valid),
        test=evaluate(ASKED, test),
        answers=test,
        curve=(),
        best_epoch=1,
        train_seconds=1.0,
        precision="int8",
        p50_ms=1.0,
        p99_ms=2.0,
        size_mib=3.0,
        folder=Path(name),
    )


GOOD, FAIR, POOR = answers(9, 1, 0), answers(7, 3, 0), answers(5, 5, 0)


def adopted(runs: dict[str, list[RunResult]]) -> tuple[str, int]:
    chosen = judge(
        {name: tuple(results) for name, results in runs.items()}, MADE, data="made", skipped={}
    ).adopted
    return chosen.config.name, chosen.seed


def test_model_and_seed_are_chosen_on_validation_by_mean_precision() -> None:
    assert adopted(
        {
            "uneven": [result("uneven", 1, GOOD, GOOD), result("uneven", 2, POOR, GOOD)],
            "steady": [result("steady", 1, FAIR, GOOD), result("steady", 2, GOOD, POOR)],
        }
    ) == ("steady", 2)  # the mean counts, not the best; test answers do not count at all


def test_equal_precision_is_decided_by_f1() -> None:
    timid, bold = answers(2, 0, 8), answers(8, 0, 2)
    assert adopted(
        {"timid": [result("timid", 1, timid, GOOD)], "bold": [result("bold", 1, bold, GOOD)]}
    ) == ("bold", 1)


def test_the_interval_covers_what_chance_does() -> None:
    assert precision_interval(ASKED, [answers(10, 0, 0)]) == (1.0, 1.0)
    low, high = precision_interval(ASKED, [answers(5, 5, 0)])
    assert low == pytest.approx(0.2, abs=0.11)  # binomial: .19 to .81
    assert high == pytest.approx(0.8, abs=0.11)
    more = precision_interval(ASKED * 20, [answers(5, 5, 0) * 20])
    assert more[1] - more[0] < (high - low) / 3
    assert precision_interval(ASKED, [answers(0, 0, 10)]) == (1.0, 1.0)  # nothing found


# --- what is shipped ------------------------------------------------------------------------------


@pytest.mark.parametrize("path", sorted(CONFIGS.glob("*.toml")), ids=lambda path: path.stem)
def test_every_shipped_config_loads(path: Path) -> None:
    assert load_config(path).name == path.stem


def test_the_default_comparison_is_of_the_shipped_configs() -> None:
    shipped = {config.name: config.encoder for config in load_shipped()}
    assert shipped.keys() == {path.stem for path in CONFIGS.glob("*.toml")}
    assert {encoder.path for encoder in shipped.values() if encoder.kind == "hugging-face"} == {
        "monologg/distilkobert",
        "beomi/KcELECTRA-base",
        "klue/roberta-base",
    }


def test_overrides_reach_every_shipped_experiment() -> None:
    assert {config.train.epochs for config in load_shipped(["train.epochs=2"])} == {2}
    with pytest.raises(ConfigError, match=r"characters\.toml: train\.epochs"):
        load_shipped(["train.epochs=0"])


@pytest.mark.parametrize(
    ("name", "architecture"),
    [("distilkobert", "distilbert"), ("kcelectra", "electra"), ("klue_roberta", "roberta")],
)
def test_shipped_pretrained_configs_train_on_a_small_encoder(
    name: str,
    architecture: str,
    small_encoder: Callable[[str], Any],
    parts: Parts,
    tmp_path: Path,
) -> None:
    model, tokenizer = small_encoder(architecture)
    model.save_pretrained(tmp_path / "encoder")
    tokenizer.save_pretrained(tmp_path / "encoder")
    config = load_config(
        CONFIGS / f"{name}.toml",
        [f'encoder.path="{tmp_path / "encoder"}"', "train.epochs=1", "train.precision=fp32"],
    )
    few = {part: questions[:8] for part, questions in parts.items()}
    found = run([config], few, tmp_path / "runs", seeds=[1])
    assert found.adopted.config == config


def test_summaries_follow_the_questions() -> None:
    unlabelled = [replace(question, spans=()) for question in ASKED]
    silent = answers(0, 0, 10)
    made = result("a", 1, silent, silent)
    made = replace(made, test=evaluate(unlabelled, silent), valid=evaluate(unlabelled, silent))
    found = judge(
        {"a": (made,)}, dict.fromkeys(("train", "valid", "test"), unlabelled), data="d", skipped={}
    )
    assert found.chosen.by_label == {}
    assert "intent_accuracy" not in found.chosen.test
