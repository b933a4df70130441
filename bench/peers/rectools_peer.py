"""RecTools' BERT4Rec and SASRec as a worker; runs in the virtual environment of that peer.

    python rectools_peer.py task.json

Two ways to train: in turns (each epoch waits for a line on standard input), or to a quality
(``target`` in the task: validates every few epochs, keeps a checkpoint and stops when validation
nDCG@10 is reached or ``cap_cpu_s`` is spent).
"""

from __future__ import annotations

import fcntl
import json
import logging
import warnings
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytorch_lightning as pl
import torch
from protocol import Meter, answer, read_task, wait_for_turn
from rectools import Columns
from rectools.dataset import Dataset
from rectools.models import BERT4RecModel, SASRecModel
from rectools.models.nn.item_net import IdEmbeddingsItemNet

K = 10
CHECKPOINT, POINTS = "checkpoint.pt", "points.json"

Sequences = dict[str, npt.NDArray[Any]]


class EpochByEpoch(pl.Callback):  # type: ignore[misc]
    """Measures every epoch; Lightning's validation is off, so nothing else is in it."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.epoch = 0

    def on_train_epoch_start(self, trainer: pl.Trainer, module: pl.LightningModule) -> None:
        pl.seed_everything(self.seed * 1_000_003 + self.epoch)
        self.epoch += 1
        self.meter = Meter()


class InTurns(EpochByEpoch):
    """Waits for its turn before every epoch."""

    def on_train_epoch_start(self, trainer: pl.Trainer, module: pl.LightningModule) -> None:
        if not wait_for_turn():
            raise SystemExit
        super().on_train_epoch_start(trainer, module)

    def on_train_epoch_end(self, trainer: pl.Trainer, module: pl.LightningModule) -> None:
        answer({"epoch": self.epoch, **self.meter.read()})


class ToQuality(EpochByEpoch):
    """Validates, keeps a checkpoint after every epoch, and stops at the target or at the cap."""

    def __init__(self, task: dict[str, Any], sequences: Sequences) -> None:
        super().__init__(task["seed"])
        self.task = task
        self.sequences = sequences
        self.folder = Path(task["folder"])
        self.points: list[dict[str, float]] = []

    def on_train_start(self, trainer: pl.Trainer, module: pl.LightningModule) -> None:
        path = self.folder / CHECKPOINT
        if not path.exists():
            return
        state = torch.load(path, weights_only=True)
        module.torch_model.load_state_dict(state["model"])
        trainer.optimizers[0].load_state_dict(state["optimizer"])
        module.is_fitted = True  # RecTools initialises the weights anew where this is False
        self.epoch, self.points = state["epoch"], state["points"]

    def on_train_epoch_end(self, trainer: pl.Trainer, module: pl.LightningModule) -> None:
        spent = self.meter.read()
        before = self.points[-1] if self.points else {"cpu_s": 0.0, "wall_s": 0.0}
        point: dict[str, float] = {"epoch": self.epoch}
        point |= {name: before[name] + seconds for name, seconds in spent.items()}
        if self.epoch % self.task["valid_every"] == 0:
            point["ndcg_at_10"] = valid_ndcg(module, self.sequences, self.task["max_len"])
        self.points.append(point)
        answer(point)
        self._save(trainer, module)
        is_good = point.get("ndcg_at_10", 0.0) >= self.task["target"]
        if is_good or point["cpu_s"] >= self.task["cap_cpu_s"]:
            trainer.should_stop = True

    def _save(self, trainer: pl.Trainer, module: pl.LightningModule) -> None:
        partial = self.folder / f"{CHECKPOINT}.partial"
        torch.save(
            {
                "model": module.torch_model.state_dict(),
                "optimizer": trainer.optimizers[0].state_dict(),
                "epoch": self.epoch,
                "points": self.points,
            },
            partial,
        )
        partial.replace(self.folder / CHECKPOINT)
        partial = self.folder / f"{POINTS}.partial"
        partial.write_text(json.dumps(self.points), encoding="utf-8")
        partial.replace(self.folder / POINTS)


def valid_ndcg(module: pl.LightningModule, sequences: Sequences, max_len: int) -> float:
    """nDCG@10 of the sampled validation cases: full ranking, seen items filtered.

    The same as ``recommend(filter_viewed=True)`` (checked on ML-100k: equal to the last digit), but
    without leaving the training. A target that no training sequence holds counts as missed.
    """
    preparator = module.data_preparator
    known = {item: index for index, item in enumerate(preparator.item_id_map.external_ids)}
    mask = preparator.extra_token_ids["MASK"]
    offsets, items, ends = (sequences[name] for name in ("offsets", "items", "train_ends"))
    gains = []
    module.eval()
    with torch.no_grad():
        table = module.torch_model.item_model.get_all_embeddings()
        for user, target in zip(sequences["users"], sequences["targets"], strict=True):
            seen = [known[i] for i in items[offsets[user] : ends[user]] if i in known]
            x = torch.zeros(1, max_len, dtype=torch.int64)
            recent = [*seen, mask][-max_len:]
            x[0, max_len - len(recent) :] = torch.tensor(recent)
            hidden = module.torch_model.encode_sessions({"x": x}, table)[0, -1]
            scores = table @ hidden
            scores[: preparator.n_item_extra_tokens] = -torch.inf
            scores[seen] = -torch.inf
            wanted = scores[known[target]] if target in known else torch.tensor(-torch.inf)
            rank = 1 + int((scores > wanted).sum())
            is_hit = bool(torch.isfinite(wanted)) and rank <= K
            gains.append(1 / np.log2(1 + rank) if is_hit else 0.0)
    module.train()
    return float(np.mean(gains))


def dataset_of(sequences: Sequences) -> Dataset:
    """The training part as RecTools takes it; a click's place in the sequence is its time."""
    starts, lengths = sequences["offsets"][:-1], sequences["train_ends"] - sequences["offsets"][:-1]
    users = np.repeat(np.arange(len(lengths)), lengths)
    places = np.arange(len(users)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    return Dataset.construct(
        pd.DataFrame(
            {
                Columns.User: users,
                Columns.Item: sequences["items"][starts[users] + places].astype(np.int64),
                Columns.Weight: 1.0,
                Columns.Datetime: pd.Timestamp("2020-01-01") + pd.to_timedelta(places, unit="s"),
            }
        )
    )


def lock(folder: Path) -> IO[str]:
    """Keep other processes from training in ``folder``, until this one ends.

    Raises:
        SystemExit: another process trains there.
    """
    file = (folder / "lock").open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise SystemExit(f"{folder}: another process trains there; wait until it ends") from error
    return file


def main() -> None:
    warnings.filterwarnings("ignore")
    logging.getLogger("pytorch_lightning").setLevel(logging.ERROR)
    logging.getLogger("lightning_fabric").setLevel(logging.ERROR)
    torch.set_num_threads(1)
    task = read_task()
    sequences = dict(np.load(task["sequences"], allow_pickle=False))
    pl.seed_everything(task["seed"])
    locked = lock(Path(task["folder"])) if "target" in task else None

    def trainer() -> pl.Trainer:
        callback = ToQuality(task, sequences) if "target" in task else InTurns(task["seed"])
        return pl.Trainer(
            max_epochs=100_000,
            accelerator="cpu",
            devices=1,
            logger=False,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
            callbacks=[callback],
        )

    settings = {
        "n_blocks": task["blocks"],
        "n_heads": task["heads"],
        "n_factors": task["dim"],
        "dropout_rate": task["dropout"],
        "session_max_len": task["max_len"],
        "loss": "softmax",
        "lr": task["lr"],
        "batch_size": task["batch_size"],
        "item_net_block_types": (IdEmbeddingsItemNet,),
        "get_trainer_func": trainer,
    }
    if task["model"] == "bert4rec":
        model = BERT4RecModel(mask_prob=task["mask_share"], **settings)
    else:
        model = SASRecModel(**settings)
    model.fit(dataset_of(sequences))
    if locked:
        locked.close()


if __name__ == "__main__":
    main()
