"""Train several models on the same clicks, judge them alike and say which one to ship.

The choice is made on validation cases only. Test figures are reported for it, never chosen by.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nadeuri import columns
from nadeuri.data.sequences import Dataset
from nadeuri.data.splits import Split
from nadeuri.errors import DataError
from nadeuri.recommend.compare_config import CompareConfig
from nadeuri.recommend.evaluate import PER_CASE, FloatArray, Ranking, ndcg_per_case
from nadeuri.recommend.features import FieldBags, field_bags
from nadeuri.recommend.lists import describe_lists, history_lists, popularity_percentiles
from nadeuri.recommend.popularity import training_clicks
from nadeuri.recommend.runs import RunResult, run_experiment
from nadeuri.recommend.significance import Estimate, PairedTest, estimates, paired_test, spread
from nadeuri.tracking import Tracker

LIST_PLACES = 10
"""How much of a list is looked at for coherence and popularity bias: what a person sees."""


@dataclass(frozen=True)
class ListFigure:
    """A figure of recommendation lists: mean and standard deviation over seeds."""

    mean: float
    sd: float | None


@dataclass(frozen=True)
class ModelSummary:
    """One model over all its seeds.

    Attributes:
        valid: the deciding metric on the validation cases.
        test: by ``filter_seen``, every metric on the test cases.
        lists: coverage, popularity bias and coherence of the test lists.
        train_seconds: mean over seeds.
        best_epochs: one per seed; None where nothing is iterated.
    """

    name: str
    kind: str
    seeds: tuple[int, ...]
    valid: Estimate
    test: Mapping[bool, Mapping[str, Estimate]]
    lists: Mapping[str, ListFigure]
    train_seconds: float
    best_epochs: tuple[int | None, ...]


@dataclass(frozen=True)
class Choice:
    """Which model to ship.

    Attributes:
        name: the model with the highest validation metric.
        run: its best seed on validation, the one to export.
        simpler: simpler models whose validation metric is not significantly lower, simplest first.
    """

    name: str
    run: RunResult
    simpler: tuple[PairedTest, ...]


@dataclass(frozen=True)
class Comparison:
    """Everything the report shows.

    Attributes:
        metric: name of the deciding metric.
        runs: by model name, one per seed.
        history: list figures of what the users last clicked, as if it were a list.
        targets: list figures of what the users clicked next (coherence is not defined).
        against_choice: paired tests on the test cases, every other model against the chosen one.
        metadata_effect: the same, every model with metadata against its twin without.
    """

    config: CompareConfig
    metric: str
    runs: Mapping[str, tuple[RunResult, ...]]
    models: tuple[ModelSummary, ...]
    history: Mapping[str, float]
    targets: Mapping[str, float]
    against_choice: tuple[PairedTest, ...]
    metadata_effect: tuple[PairedTest, ...]
    choice: Choice

    def model(self, name: str) -> ModelSummary:
        """The summary of one model."""
        return next(model for model in self.models if model.name == name)

    @property
    def filter_seen(self) -> bool:
        """Under which protocol models are chosen and shown."""
        return self.config.evaluation.filter_seen


def compare(
    config: CompareConfig,
    dataset: Dataset,
    split: Split,
    folder: Path,
    tracker: Tracker,
    on_run: Callable[[str], None] | None = None,
) -> Comparison:
    """Run every model, and the floors, with every seed; then judge them.

    Args:
        folder: keeps the runs; finished ones are read back, an interrupted one continues.
        on_run: told what is about to run.

    Raises:
        DataError: the split leaves nothing to ask.
        NadeuriError: what training or evaluating a model raises.
    """
    if not (len(split.valid) and len(split.test)):
        raise DataError(
            f"{dataset.name}: the {split.name} split leaves {len(split.valid)} validation and "
            f"{len(split.test)} test cases; users need at least three clicks"
        )
    config = config.with_floors()
    planned = [(name, seed) for name in config.experiments for seed in config.seeds_of(name)]
    runs: dict[str, tuple[RunResult, ...]] = dict.fromkeys(config.experiments, ())
    for position, (name, seed) in enumerate(planned, start=1):
        if on_run:
            on_run(f"[{position}/{len(planned)}] {name}, seed {seed}")
        result = run_experiment(
            config.experiment(name), dataset, split, seed=seed, folder=folder, tracker=tracker
        )
        runs[name] += (result,)
    return judge(config, dataset, split, runs)


def judge(
    config: CompareConfig,
    dataset: Dataset,
    split: Split,
    runs: Mapping[str, tuple[RunResult, ...]],
) -> Comparison:
    """Summaries, tests and choice from finished runs."""
    k = config.evaluation.ks[0]
    fields = _listed_fields(dataset)
    clicks = training_clicks(dataset.sequences, split, dataset.n_items)
    percentiles = popularity_percentiles(clicks)
    models = tuple(
        _summarise(name, results, config, percentiles, fields) for name, results in runs.items()
    )
    eligible = [model for model in models if not runs[model.name][0].is_control]
    choice = _choose(eligible, runs, config.evaluation.filter_seen, k)
    others = [(model.name, choice.name) for model in models if model.name != choice.name]
    metadata_pairs = [
        (meta.name, plain.name)
        for meta in models
        for plain in models
        if columns.ID_TWINS.get(meta.kind) == plain.kind
    ]
    return Comparison(
        config=config,
        metric=columns.at(columns.NDCG, k),
        runs=runs,
        models=models,
        history=describe_lists(
            history_lists(dataset.sequences, split.test, LIST_PLACES),
            percentiles,
            fields,
            LIST_PLACES,
        ),
        targets=describe_lists(split.test.targets[:, None], percentiles, (), 1),
        against_choice=_test_pairs(others, runs, config.evaluation.filter_seen, k),
        metadata_effect=_test_pairs(metadata_pairs, runs, config.evaluation.filter_seen, k),
        choice=choice,
    )


def _listed_fields(dataset: Dataset) -> tuple[FieldBags, ...]:
    """Every field in which a list can be coherent; the mission's fields come first."""
    names = [field.name for field in dataset.fields if field.kind != columns.NUMERIC]
    first = [name for name in columns.COHERENCE_FIELDS if name in names]
    ordered = [*first, *(name for name in names if name not in first)]
    return field_bags(dataset, ordered, max_values=sys.maxsize)


def _summarise(
    name: str,
    results: Sequence[RunResult],
    config: CompareConfig,
    percentiles: FloatArray,
    fields: Sequence[FieldBags],
) -> ModelSummary:
    filter_seen, ks = config.evaluation.filter_seen, config.evaluation.ks
    figures = [
        describe_lists(result.test[filter_seen].lists, percentiles, fields, LIST_PLACES)
        for result in results
    ]
    return ModelSummary(
        name=name,
        kind=results[0].kind,
        seeds=tuple(result.seed for result in results),
        valid=estimates({name: _ndcg([r.valid[filter_seen] for r in results], ks[0])})[name],
        test={
            filtered: estimates(
                {
                    columns.at(metric, k): [per_case(r.test[filtered].ranks, k) for r in results]
                    for metric, per_case in PER_CASE.items()
                    for k in ks
                }
            )
            for filtered in (False, True)
        },
        lists={
            figure: ListFigure(
                mean=float(np.mean([seed[figure] for seed in figures])),
                sd=spread([seed[figure] for seed in figures]),
            )
            for figure in figures[0]
            if all(figure in seed for seed in figures)
        },
        train_seconds=float(np.mean([result.train_seconds for result in results])),
        best_epochs=tuple(result.best_epoch for result in results),
    )


def _choose(
    models: Sequence[ModelSummary],
    runs: Mapping[str, tuple[RunResult, ...]],
    filter_seen: bool,
    k: int,
) -> Choice:
    """The best on validation, and what is simpler and not measurably worse there."""
    best = max(models, key=lambda model: model.valid.mean)
    simpler = sorted(
        (model for model in models if _cost(model) < _cost(best)), key=lambda model: _cost(model)
    )
    against = [
        paired_test(
            model.name,
            _ndcg([run.valid[filter_seen] for run in runs[model.name]], k),
            best.name,
            _ndcg([run.valid[filter_seen] for run in runs[best.name]], k),
        )
        for model in simpler
    ]
    best_run = max(
        runs[best.name], key=lambda run: ndcg_per_case(run.valid[filter_seen].ranks, k).mean()
    )
    return Choice(best.name, best_run, tuple(test for test in against if not test.is_significant))


def _cost(model: ModelSummary) -> tuple[int, float]:
    """Simpler kinds first (the order of ``columns.MODELS``), then by training time."""
    return columns.MODELS.index(model.kind), model.train_seconds


def _test_pairs(
    pairs: Sequence[tuple[str, str]],
    runs: Mapping[str, tuple[RunResult, ...]],
    filter_seen: bool,
    k: int,
) -> tuple[PairedTest, ...]:
    per_seed = {
        name: _ndcg([run.test[filter_seen] for run in results], k) for name, results in runs.items()
    }
    return tuple(paired_test(a, per_seed[a], b, per_seed[b]) for a, b in pairs)


def _ndcg(rankings: Sequence[Ranking], k: int) -> list[FloatArray]:
    return [ndcg_per_case(ranking.ranks, k) for ranking in rankings]
