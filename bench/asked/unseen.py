"""Place names that training never saw: augmentation off and on, and the gazetteer's marks."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from asked.quality import described, shelf_of
from asked.sets import FAST, SEEDS, Asked
from nadeuri.data.questions import Question, Span
from nadeuri.data.sample.questions import has_unseen_place
from nadeuri.data.sample.questions.places import all_reserved
from nadeuri.understand.config import ExperimentConfig
from nadeuri.understand.evaluate import CUT_SHORT, evaluate
from nadeuri.understand.gazetteer import Gazetteer, key_of
from nadeuri.understand.marks import NameMarker
from nadeuri.understand.model import QuestionModel
from nadeuri.understand.names.builtin import builtin_gazetteer
from nadeuri.understand.parse import Parse
from nadeuri.understand.parts import augmented
from nadeuri.understand.train import train
from speed.part import Part, over_seeds
from speed.setting import Setting

FACTOR = 1
"""New questions for every labelled one."""

WITHOUT, WITH, MARKED, KNOWN = "without", "with", "marked", "known"
"""Labels alone; with augmentation; with marks too, of a gazetteer without the unseen names; the
same network with a gazetteer that has them."""

_TRAININGS = {WITHOUT: (WITHOUT,), WITH: (WITH,), MARKED: (MARKED, KNOWN)}
_RESAMPLES = 2000


def measure(setting: Setting, asked: Asked) -> Part:
    """Train the fast tier in every way with every seed, and judge the questions with such names."""
    shelf = shelf_of(setting)
    part = Part("unseen")
    runs: dict[str, list[dict[str, Any]]] = {way: [] for way in (WITHOUT, WITH, MARKED, KNOWN)}
    for training, ways in _TRAININGS.items():
        config = _config(asked, is_marked=training == MARKED)
        for seed in SEEDS:
            kept = shelf.keep(
                f"unseen-{training}-{seed}",
                {"config": config.model_dump(mode="json"), "factor": FACTOR, "seed": seed},
                partial(_test, asked, config, training, seed),
            )
            for way in ways:
                runs[way].append(kept[way])
    _add(part, runs)
    return part


def _config(asked: Asked, *, is_marked: bool) -> ExperimentConfig:
    config = asked.config(FAST)
    heads = config.heads if is_marked else config.heads.model_copy(update={"dim_names": 0})
    return config.model_copy(update={"heads": heads})


def _test(asked: Asked, config: ExperimentConfig, training: str, seed: int) -> dict[str, Any]:
    """One training; its figures by way."""
    parts = asked.parts(seed)
    names = builtin_gazetteer()
    if training != WITHOUT:
        parts = augmented(parts, names, factor=FACTOR, seed=seed)
    trained = train(
        config,
        parts["train"],
        parts["valid"],
        seed=seed,
        gazetteer=_without_reserved(names) if training == MARKED else None,
    )
    unseen = [question for question in parts["test"] if has_unseen_place(question)]
    found = {training: _judged(trained.model, unseen)}
    if training == MARKED:
        trained.model.encoder.marker = NameMarker(names)
        found[KNOWN] = _judged(trained.model, unseen)
    return found


def _without_reserved(names: Gazetteer) -> Gazetteer:
    reserved = set(map(key_of, all_reserved()))
    return Gazetteer([entry for entry in names.entries if reserved.isdisjoint(entry.keys)])


def _judged(model: QuestionModel, questions: Sequence[Question]) -> dict[str, Any]:
    parses = model.parse([question.text for question in questions])
    counts = [_counts(question, parse) for question, parse in zip(questions, parses, strict=True)]
    return {"counts": counts, **described(evaluate(questions, parses))}


def _counts(question: Question, parse: Parse) -> tuple[int, int]:
    """Entities that were predicted, and those of them that are right."""
    true: set[Span] = set(question.spans)
    return len(parse.spans), sum(span in true for span in parse.spans)


def _add(part: Part, runs: dict[str, list[dict[str, Any]]]) -> None:
    figures: dict[str, float] = {}
    for way, kept in runs.items():
        figures |= over_seeds(f"unseen.precision_{way}", [run["micro_precision"] for run in kept])
        figures |= over_seeds(f"unseen.f1_{way}", [run["f1"] for run in kept])
        cut = [float(run["errors"][CUT_SHORT]) for run in kept]
        figures |= over_seeds(f"unseen.cut_short_{way}", cut)
    for way, name in ((WITH, "precision_gain"), (KNOWN, "precision_gain_known")):
        gain, low, high = _gain(*([run["counts"] for run in runs[each]] for each in (WITHOUT, way)))
        figures |= {
            f"unseen.{name}": gain,
            f"unseen.{name}.low": low,
            f"unseen.{name}.high": high,
        }
    kept_runs = {
        way: [{k: v for k, v in run.items() if k != "counts"} for run in runs[way]] for way in runs
    }
    part.add({"model": FAST, "factor": FACTOR, "runs": kept_runs}, figures)


def _gain(
    without: list[list[tuple[int, int]]], with_: list[list[tuple[int, int]]]
) -> tuple[float, float, float]:
    """Mean precision gained over the seeds, with a paired 95% bootstrap interval over questions."""
    before, after = np.array(without), np.array(with_)  # [seeds, questions, 2]

    def gained(chosen: NDArray[Any]) -> float:
        sums = [counts[:, chosen].sum(1) for counts in (before, after)]
        precisions = [(of_seed[:, 1] / of_seed[:, 0]).mean() for of_seed in sums]
        return float(precisions[1] - precisions[0])

    rng = np.random.default_rng(0)
    n = before.shape[1]
    drawn = [gained(rng.integers(0, n, size=(n,))) for _ in range(_RESAMPLES)]
    low, high = np.percentile(drawn, (2.5, 97.5))
    return gained(np.arange(n)), float(low), float(high)
