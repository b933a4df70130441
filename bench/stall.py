"""How often training stalls at too high a rate, without prevention and with it.

    python bench/stall.py                # 24 trainings without prevention, and 24 with it
    python bench/stall.py --seeds 2      # fewer

BERT4Rec on ML-100k at 10, 15 and 25 times the rate of the presets: short trainings that otherwise
learn well. A training counts as stalled when the weights it ends with are not clearly above the
popularity baseline (``nadeuri.recommend.stall.ABOVE``). One that has to recover from new weights
gets its number of epochs again; how many all of them took is in the details.

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
from nadeuri.recommend.charts import Curve, curve_chart, standalone
from nadeuri.recommend.config import ExperimentConfig, TrainConfig
from nadeuri.recommend.experiment import make_split, popularity_floor, train
from nadeuri.recommend.pages import replace_file
from nadeuri.recommend.stall import is_above
from nadeuri.settings import Settings
from record import ROOT, record
from speed.shelf import Shelf

DATA = ROOT.parent / "shared" / "data" / "clicks" / "ml-100k"
IMAGE = ROOT / "docs" / "images" / "stall.svg"
RATES = (0.02, 0.03, 0.05)
SEEDS = 8
TITLE = "Validation nDCG@10 at too high a rate"
WITHOUT, WITH = "without prevention", "with prevention"


@dataclass(frozen=True)
class Run:
    """One training.

    Attributes:
        points: (epoch, validation nDCG@10).
        events: what happened, by epoch.
    """

    lr: float
    seed: int
    prevention: bool
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


def experiment(lr: float, prevention: bool) -> ExperimentConfig:
    """A short training in which a stall can be told from slow progress."""
    model = {"kind": columns.BERT4REC, "max_len": 50, "mask_share": 0.3}
    options = TrainConfig(
        lr=lr,
        epochs=15,
        batch_size=32,
        precision="fp32",
        eval_every=3,
        patience=100,
        stall_epochs=6,
        recoveries=TrainConfig().recoveries if prevention else 0,
    )
    return ExperimentConfig.model_validate(
        {"name": "stall", "model": model, "train": options.model_dump()}
    )


def measure(dataset: Dataset, shelf: Shelf, lr: float, seed: int, prevention: bool) -> Run:
    """Train once, or read back what was measured."""
    config = experiment(lr, prevention)

    def run() -> dict[str, Any]:
        split = make_split(config.split, dataset)
        trained = train(config, dataset, split, seed=seed)
        return {
            "floor": popularity_floor(config, dataset, split),
            "epochs": len(trained.curve),
            "points": [(p.epoch, p.metric) for p in trained.curve if p.metric is not None],
            "events": {str(p.epoch): p.event for p in trained.curve if p.event},
        }

    key = {"config": config.model_dump(mode="json"), "seed": seed, "data": dataset.fingerprint}
    name = f"{lr:g}-seed{seed}-{'with' if prevention else 'without'}"
    kept = shelf.keep(name, key, run)
    return Run(lr, seed, prevention, kept["floor"], kept["epochs"], kept["points"], kept["events"])


def figures_of(runs: Sequence[Run]) -> dict[str, float]:
    """Share of stalled trainings, without and with prevention, and how many there were of each."""
    figures: dict[str, float] = {}
    for prevention, name in ((False, "without"), (True, "with")):
        chosen = [run for run in runs if run.prevention == prevention]
        figures[f"stall.rate_{name}"] = sum(run.is_stalled for run in chosen) / len(chosen)
        figures["stall.runs"] = len(chosen)
    return figures


def chart(runs: Sequence[Run]) -> str:
    """Every training as a curve over its epochs; the level is what popularity reaches."""
    curves = [
        Curve(WITH if run.prevention else WITHOUT, 5 if run.prevention else 7, run.points)
        for run in runs
    ]
    floor = Curve("popularity", 1, [(0, runs[0].floor)])
    return standalone(curve_chart(TITLE, curves, x_label="epoch", references=[floor]))


def show(run: Run) -> None:
    """A line for a person to follow."""
    outcome = "stalled" if run.is_stalled else f"{run.ndcg / run.floor:.1f} x popularity"
    prevention = WITH if run.prevention else WITHOUT
    print(f"lr {run.lr:g} seed {run.seed} {prevention}: {outcome}, {run.epochs} epochs")


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
            for prevention in (False, True):
                runs.append(measure(dataset, shelf, lr, seed, prevention))
                show(runs[-1])
    figures = figures_of(runs)
    for name, value in figures.items():
        print(f"  {name:20} {value:g}")
    details = [{**asdict(run), "ndcg": run.ndcg, "stalled": run.is_stalled} for run in runs]
    replace_file(IMAGE, chart(runs))
    print(record("training", figures, [{"part": "stall", "runs": details}]))


if __name__ == "__main__":
    main()
