"""Place names that training never saw: augmentation from the gazetteer off and on."""

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
from nadeuri.understand.evaluate import CUT_SHORT, evaluate
from nadeuri.understand.names.builtin import builtin_gazetteer
from nadeuri.understand.parse import Parse
from nadeuri.understand.parts import augmented
from nadeuri.understand.train import train
from speed.part import Part, over_seeds
from speed.setting import Setting

FACTOR = 2
"""New questions for every labelled one."""

WITHOUT, WITH = "without", "with"
_RESAMPLES = 2000


def measure(setting: Setting, asked: Asked, models: Sequence[str] = (FAST,)) -> Part:
    """Train with the labelled questions alone and with names of the gazetteer in their slots."""
    shelf = shelf_of(setting)
    part = Part("unseen")
    for model in models:
        runs = {
            way: [
                shelf.keep(
                    f"unseen-{model}-{way}-{seed}",
                    {
                        "config": asked.config(model).model_dump(mode="json"),
                        "factor": FACTOR if way == WITH else 0,
                        "seed": seed,
                    },
                    partial(_test, asked, model, seed, with_names=way == WITH),
                )
                for seed in SEEDS
            ]
            for way in (WITHOUT, WITH)
        }
        _add(part, model, runs)
    return part


def _test(asked: Asked, model: str, seed: int, *, with_names: bool) -> dict[str, Any]:
    parts = asked.parts(seed)
    questions = parts["train"]
    if with_names:
        made = augmented(parts, builtin_gazetteer(), factor=FACTOR, seed=seed)
        questions = made["train"]
    trained = train(asked.config(model), questions, parts["valid"], seed=seed)
    unseen = [question for question in parts["test"] if has_unseen_place(question)]
    parses = trained.model.parse([question.text for question in unseen])
    found = described(evaluate(unseen, parses))
    counts = [_counts(question, parse) for question, parse in zip(unseen, parses, strict=True)]
    return {"seed": seed, "n_train": len(questions), "counts": counts, **found}


def _counts(question: Question, parse: Parse) -> tuple[int, int]:
    """Entities that were predicted, and those of them that are right."""
    true: set[Span] = set(question.spans)
    return len(parse.spans), sum(span in true for span in parse.spans)


def _add(part: Part, model: str, runs: dict[str, list[dict[str, Any]]]) -> None:
    figures: dict[str, float] = {}
    prefix = "unseen" if model == FAST else f"unseen.{model}"
    for way in (WITHOUT, WITH):
        kept = runs[way]
        figures |= over_seeds(f"{prefix}.precision_{way}", [r["micro_precision"] for r in kept])
        figures |= over_seeds(f"{prefix}.f1_{way}", [run["f1"] for run in kept])
        cut = [float(run["errors"][CUT_SHORT]) for run in kept]
        figures |= over_seeds(f"{prefix}.cut_short_{way}", cut)
    gain, low, high = _gain(*([run["counts"] for run in runs[way]] for way in (WITHOUT, WITH)))
    figures |= {
        f"{prefix}.precision_gain": gain,
        f"{prefix}.precision_gain.low": low,
        f"{prefix}.precision_gain.high": high,
    }
    kept_runs = {
        way: [{k: v for k, v in run.items() if k != "counts"} for run in runs[way]] for way in runs
    }
    part.add({"model": model, "factor": FACTOR, "runs": kept_runs}, figures)


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
