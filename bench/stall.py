"""How often training stalls at too high a rate, without prevention and with it.

    python bench/stall.py                # 21 trainings of each kind
    python bench/stall.py --seeds 2      # fewer

BERT4Rec on ML-100k at 10, 15 and 25 times the rate of the presets: short trainings, which learn
well at that one. Four kinds: without prevention, with ReduceLROnPlateau alone, with stalls detected
and recovered from (the default), and without prevention for as many epochs as the longest of those
took. A training counts as stalled when the weights it ends
with are not clearly above the popularity baseline (``nadeuri.training.stall.ABOVE``). One that has
to begin anew gets its number of epochs again; how many all of them took is in the details.

Figures go to ``results/training.json``, the curves to ``docs/images/stall.svg``. Finished runs are
kept below ``NADEURI_HOME`` and not repeated.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from nadeuri import columns
from nadeuri.data.prepare import open_or_prepare
from nadeuri.data.sequences import Dataset
from nadeuri.recommend.config import ExperimentConfig
from nadeuri.recommend.experiment import make_split, popularity_floor, train
from nadeuri.report.charts import Curve, curve_chart, standalone
from nadeuri.report.pages import replace_file
from nadeuri.settings import Settings
from nadeuri.training.stall import is_above
from record import ROOT, record
from speed.shelf import Shelf

DATA = ROOT.parent / "shared" / "data" / "clicks" / "ml-100k"
IMAGE = ROOT / "docs" / "images" / "stall.svg"
RATES = (0.02, 0.03, 0.05)
SEEDS = 7
TITLE = "Validation nDCG@10 at too high a rate"
WITHOUT, PLATEAU, WITH, LONGER = "without", "plateau", "with", "longer"
EPOCHS, LONGER_EPOCHS = 15, 27
KINDS: dict[str, dict[str, Any]] = {
    WITHOUT: {"recoveries": 0},
    PLATEAU: {"recoveries": 0, "plateau_factor": 0.3, "plateau_patience": 1},
    WITH: {},
    LONGER: {"recoveries": 0, "epochs": LONGER_EPOCHS},
}
LABELS = {
    WITHOUT: "no prevention",
    PLATEAU: "reduce on plateau",
    WITH: "stall recovery",
    LONGER: "no prevention, longer",
}
COLOURS = {WITHOUT: 7, PLATEAU: 3, WITH: 5}
"""Of the kinds that the chart shows."""


@dataclass(frozen=True)
class Run:
    """One training.

    Attributes:
        kind: one of ``KINDS``.
        points: (epoch, validation nDCG@10).
        events: what happened, by epoch.
    """

    lr: float
    seed: int
    kind: str
    floor: float
    epochs: int
    points: list[tuple[int, float]]
    events: dict[str, str]

    @property
    def ndcg(self) -> float:
        """Of the weights that the training ends with: the best ones."""
        return max((metric for _, metric in self.points), default=0.0)

    @property
    def is_stalled(self) -> bool:
        return not is_above(self.ndcg, self.floor)


def experiment(lr: float, kind: str) -> dict[str, Any]:
    """A short training in which a stall can be told from slow progress."""
    model = {"kind": columns.BERT4REC, "max_len": 50, "mask_share": 0.3}
    options = {"lr": lr, "epochs": EPOCHS, "batch_size": 32, "precision": "fp32"}
    judged = {"eval_every": 3, "patience": 100, "stall_epochs": 6, "stall_steps": 0}
    return {"name": "stall", "model": model, "train": options | judged | KINDS[kind]}


def measure(dataset: Dataset, shelf: Shelf, lr: float, seed: int, kind: str) -> Run:
    """Train once, or read back what was measured."""
    tables = experiment(lr, kind)

    def run() -> dict[str, Any]:
        config = ExperimentConfig.model_validate(tables)
        split = make_split(config.split, dataset)
        trained = train(config, dataset, split, seed=seed)
        return {
            "floor": popularity_floor(config, dataset, split),
            "epochs": len(trained.curve),
            "points": [(p.epoch, p.metric) for p in trained.curve if p.metric is not None],
            "events": {str(p.epoch): p.event for p in trained.curve if p.event},
        }

    key = {"experiment": tables, "seed": seed, "data": dataset.fingerprint}
    kept = shelf.keep(f"{lr:g}-seed{seed}-{kind}", key, run)
    return Run(lr, seed, kind, kept["floor"], kept["epochs"], kept["points"], kept["events"])


def figures_of(runs: Sequence[Run]) -> dict[str, float]:
    """Share of stalled trainings of each kind, and how many there were of each."""
    stalled = {kind: [run.is_stalled for run in runs if run.kind == kind] for kind in KINDS}
    rates = {f"stall.rate_{kind}": sum(each) / len(each) for kind, each in stalled.items()}
    return rates | {"stall.runs": len(stalled[WITHOUT])}


def chart(runs: Sequence[Run]) -> str:
    """Every training as a curve over its epochs; the level is what popularity reaches."""
    curves = [
        Curve(LABELS[run.kind], COLOURS[run.kind], run.points)
        for run in runs
        if run.kind in COLOURS
    ]
    floor = Curve("popularity", 1, [(0, runs[0].floor)])
    return standalone(curve_chart(TITLE, curves, x_label="epoch", references=[floor]))


def show(run: Run) -> None:
    """A line for a person to follow."""
    outcome = "stalled" if run.is_stalled else f"{run.ndcg / run.floor:.1f} x popularity"
    print(f"lr {run.lr:g} seed {run.seed} {LABELS[run.kind]}: {outcome}, {run.epochs} epochs")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, default=DATA, help="the ml-100k data set")
    parser.add_argument("--seeds", type=int, default=SEEDS, help="trainings per rate")
    arguments = parser.parse_args()
    settings = Settings.from_env()
    dataset = open_or_prepare(arguments.data, settings.data_cache)
    shelf = Shelf(settings.home / "stall")
    runs = []
    for seed in range(1, arguments.seeds + 1):
        for lr in RATES:
            for kind in KINDS:
                runs.append(measure(dataset, shelf, lr, seed, kind))
                show(runs[-1])
    figures = figures_of(runs)
    for name, value in figures.items():
        print(f"  {name:20} {value:g}")
    details = [{**asdict(run), "ndcg": run.ndcg, "stalled": run.is_stalled} for run in runs]
    replace_file(IMAGE, chart(runs))
    print(record("training", figures, [{"part": "stall", "runs": details}]))


if __name__ == "__main__":
    main()
