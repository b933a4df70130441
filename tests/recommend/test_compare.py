from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from nadeuri import columns
from nadeuri.data.sequences import Dataset, SequenceStore
from nadeuri.data.splits import Split, leave_one_out
from nadeuri.errors import ArtifactError, DataError
from nadeuri.recommend import popularity
from nadeuri.recommend.compare import Comparison, compare, judge
from nadeuri.recommend.compare_config import CompareConfig
from nadeuri.recommend.evaluate import Ranking, accuracy, rank_cases
from nadeuri.recommend.runs import ANSWERS, RUN, RunResult
from nadeuri.tracking import NullTracker

CONFIG = CompareConfig.model_validate(
    {
        "name": "travel",
        "seeds": [1, 2],
        "sample_users": 3,
        "experiments": {
            "bert4rec": {
                "model": {"kind": "bert4rec", "max_len": 8, "dim": 8, "blocks": 1},
                "train": {"epochs": 2, "eval_every": 1},
            },
            "meta_bert4rec": {
                "model": {
                    "kind": "meta_bert4rec",
                    "max_len": 8,
                    "dim": 8,
                    "blocks": 1,
                    "fields": "all",
                },
                "train": {"epochs": 1, "eval_every": 1},
            },
        },
    }
)


@pytest.fixture(scope="module")
def split(travel_dataset: Dataset) -> Split:
    return leave_one_out(travel_dataset.sequences)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(scope="module")
def comparison(travel_dataset: Dataset, split: Split, folder: Path) -> Comparison:
    return compare(CONFIG, travel_dataset, split, folder, NullTracker())


def test_every_model_and_the_floors_are_judged(comparison: Comparison) -> None:
    assert {model.name: model.seeds for model in comparison.models} == {
        "popularity": (1,),
        "markov": (1,),
        "bert4rec": (1, 2),
        "meta_bert4rec": (1, 2),
    }
    bert = comparison.model("bert4rec")
    assert len(bert.best_epochs) == 2
    assert bert.test[True]["ndcg_at_10"].sd is not None
    assert bert.train_seconds > 0
    assert [len(run.curve) for run in comparison.runs["bert4rec"]] == [2, 2]


def test_figures_are_those_of_the_evaluation(
    comparison: Comparison, travel_dataset: Dataset, split: Split
) -> None:
    model = popularity.fit(travel_dataset, split)
    for filter_seen in (False, True):
        ranking = rank_cases(model, travel_dataset.sequences, split.test, filter_seen=filter_seen)
        expected = accuracy(ranking.ranks, (10, 20))
        ours = comparison.model("popularity").test[filter_seen]
        assert {name: figure.mean for name, figure in ours.items()} == pytest.approx(expected)


def test_lists_are_described_beside_what_people_do(comparison: Comparison) -> None:
    names = [
        columns.COVERAGE,
        columns.POPULARITY_PERCENTILE,
        columns.GINI,
        *(
            figure(field)
            for field in (columns.CITY, columns.COUNTRY, columns.CATEGORY, columns.THEME)
            for figure in (columns.coherence, columns.entropy)
        ),
    ]
    assert list(comparison.models[0].lists) == names  # a price can be in no modal value
    assert list(comparison.history) == names
    assert list(comparison.targets) == names[:3]
    popular = comparison.model("popularity").lists
    assert popular[columns.POPULARITY_PERCENTILE].mean > 0.8
    assert popular[columns.GINI].mean > comparison.targets[columns.GINI]


def test_tests_cover_the_choice_and_the_metadata(comparison: Comparison) -> None:
    chosen = comparison.choice.name
    others = {model.name for model in comparison.models} - {chosen}
    assert {(test.a, test.b) for test in comparison.against_choice} == {
        (name, chosen) for name in others
    }
    assert [(t.a, t.b) for t in comparison.metadata_effect] == [("meta_bert4rec", "bert4rec")]


def test_finished_runs_are_not_repeated(
    comparison: Comparison, travel_dataset: Dataset, split: Split, folder: Path
) -> None:
    def written() -> dict[Path, int]:
        return {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}

    before = written()
    again = compare(CONFIG, travel_dataset, split, folder, NullTracker())
    assert written() == before
    assert again.models == comparison.models
    assert again.choice.run.folder == comparison.choice.run.folder


def test_an_interrupted_comparison_goes_on(
    comparison: Comparison, travel_dataset: Dataset, split: Split, folder: Path
) -> None:
    victim = comparison.runs["bert4rec"][1].folder
    finished = comparison.runs["bert4rec"][0].folder / RUN
    kept = finished.stat().st_mtime_ns
    (victim / RUN).unlink()
    (victim / ANSWERS).write_bytes(b"half")
    again = compare(CONFIG, travel_dataset, split, folder, NullTracker())
    assert (victim / RUN).is_file()
    assert finished.stat().st_mtime_ns == kept
    assert again.model("bert4rec").test == comparison.model("bert4rec").test


def test_another_setting_is_another_run(
    comparison: Comparison, travel_dataset: Dataset, split: Split, folder: Path
) -> None:
    changed = CONFIG.select(["bert4rec"]).with_seeds(1)
    entry = changed.experiments["bert4rec"]
    train = entry.train.model_copy(update={"epochs": 1})
    changed = changed.model_copy(
        update={"experiments": {"bert4rec": entry.model_copy(update={"train": train})}}
    )
    other = compare(changed, travel_dataset, split, folder, NullTracker())
    assert other.runs["bert4rec"][0].folder not in {
        run.folder for run in comparison.runs["bert4rec"]
    }
    assert other.runs["popularity"][0].folder == comparison.runs["popularity"][0].folder


def test_a_damaged_run_is_named(
    comparison: Comparison, travel_dataset: Dataset, split: Split, folder: Path
) -> None:
    answers = comparison.runs["popularity"][0].folder / ANSWERS
    content = answers.read_bytes()
    answers.write_bytes(content[: len(content) // 2])
    try:
        with pytest.raises(ArtifactError, match=f"{answers.parent.name}.*delete {RUN}"):
            compare(CONFIG, travel_dataset, split, folder, NullTracker())
    finally:
        answers.write_bytes(content)


def test_run_file_keeps_what_was_run(comparison: Comparison) -> None:
    run = comparison.runs["bert4rec"][0]
    described = json.loads((run.folder / RUN).read_text(encoding="utf-8"))
    assert described["config"]["train"]["epochs"] == 2
    assert described["figures"]["test_ndcg_at_10"] == pytest.approx(
        accuracy(run.test[True].ranks, (10,))["ndcg_at_10"]
    )


def test_nothing_to_ask_is_said_before_training(travel_dataset: Dataset, tmp_path: Path) -> None:
    short = SequenceStore(
        np.array([0, 2, 4]), np.array([1, 2, 3, 4], np.int32), np.arange(4), np.zeros(4, np.int32)
    )
    dataset = replace(travel_dataset, sequences=short)
    with pytest.raises(DataError, match="0 validation and 0 test cases"):
        compare(CONFIG, dataset, leave_one_out(short), tmp_path, NullTracker())
    assert not list(tmp_path.iterdir())


def fake_run(name: str, kind: str, valid: np.ndarray, test: np.ndarray, lists: np.ndarray):  # type: ignore[no-untyped-def]
    def both(ranks: np.ndarray) -> Mapping[bool, Ranking]:
        return dict.fromkeys((False, True), Ranking(ranks, lists))

    config = CONFIG.with_floors().experiment(kind)
    return RunResult(name, kind, 1, (), None, 1.0, both(valid), both(test), config, Path(name))


def test_the_choice_is_made_on_validation(travel_dataset: Dataset, split: Split) -> None:
    n = len(split.test)
    lists = np.ones((n, 20), np.int32)
    first, nowhere = np.ones(n, np.int32), np.full(n, 999, np.int32)
    nearly = first.copy()
    nearly[0] = 2  # not measurably worse than always first
    runs = {
        name: (fake_run(name, name, valid, test, lists),)
        for name, valid, test in (
            ("popularity", nowhere, first),
            ("markov", nearly, first),
            ("bert4rec", nowhere, first),
            ("meta_bert4rec", first, nowhere),
        )
    }
    comparison = judge(CONFIG.with_floors(), travel_dataset, split, runs)
    assert comparison.choice.name == "meta_bert4rec"
    assert [test.a for test in comparison.choice.simpler] == ["markov"]
    assert all(test.difference == 1 for test in comparison.against_choice)


def test_a_control_is_compared_with_and_never_chosen(
    comparison: Comparison, travel_dataset: Dataset, split: Split
) -> None:
    """The meta model wins; given the same ranks, its control changes nothing about that."""
    run = comparison.runs["meta_bert4rec"][0]
    first = np.ones(len(split.valid), dtype=np.int64)
    best = replace(run, valid={f: replace(r, ranks=first) for f, r in run.valid.items()})
    shuffled = run.config.model.model_copy(update={"shuffle_metadata": True})
    control = replace(
        best, name="control", config=run.config.model_copy(update={"model": shuffled})
    )
    assert control.is_control
    assert not run.is_control
    judged = judge(
        CONFIG, travel_dataset, split, {**comparison.runs, "control": (control, control)}
    )
    assert judged.choice.name == comparison.choice.name
    assert ("control", "bert4rec") in {(t.a, t.b) for t in judged.metadata_effect}
