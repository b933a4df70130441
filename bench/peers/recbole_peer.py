"""RecBole's BERT4Rec and SASRec as a worker; runs in the virtual environment of that peer.

    python recbole_peer.py task.json

RecBole trains on every prefix of every user, so its epoch holds far more sequences than one that
reads each user once; the number is part of each answer.
"""

from __future__ import annotations

import logging
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import torch
from protocol import Meter, answer, read_task, wait_for_turn
from recbole.config import Config
from recbole.data import create_dataset, data_preparation
from recbole.trainer import Trainer
from recbole.utils import get_model, init_seed

MODELS = {"bert4rec": "BERT4Rec", "sasrec": "SASRec"}
NAME = "clicks"


def write_atomic_file(task: dict[str, Any], folder: Path) -> None:
    """The clicks as RecBole reads them; a click's place in the sequence is its time."""
    with np.load(task["sequences"], allow_pickle=False) as file:
        offsets, items = file["offsets"], file["items"]
    (folder / NAME).mkdir()
    with (folder / NAME / f"{NAME}.inter").open("w", encoding="ascii") as out:
        out.write("user_id:token\titem_id:token\ttimestamp:float\n")
        for user in range(len(offsets) - 1):
            for place, item in enumerate(items[offsets[user] : offsets[user + 1]]):
                out.write(f"{user}\t{item}\t{place}\n")


def configuration(task: dict[str, Any], folder: Path) -> Config:
    """RecBole's own defaults, except for what both sides have to share."""
    settings = {
        "data_path": str(folder),
        "checkpoint_dir": str(folder / "saved"),
        "load_col": {"inter": ["user_id", "item_id", "timestamp"]},
        "MAX_ITEM_LIST_LENGTH": task["max_len"],
        "hidden_size": task["dim"],
        "inner_size": 4 * task["dim"],
        "n_layers": task["blocks"],
        "n_heads": task["heads"],
        "hidden_dropout_prob": task["dropout"],
        "attn_dropout_prob": task["dropout"],
        "mask_ratio": task["mask_share"],
        "learning_rate": task["lr"],
        "train_batch_size": task["batch_size"],
        "train_neg_sample_args": None,
        "loss_type": "CE",
        "eval_args": {
            "split": {"LS": "valid_and_test"},
            "order": "TO",
            "mode": "full",
            "group_by": "user",
        },
        "use_gpu": False,
        "seed": task["seed"],
        "state": "ERROR",
        "show_progress": False,
    }
    return Config(model=MODELS[task["model"]], dataset=NAME, config_dict=settings)


def main() -> None:
    warnings.filterwarnings("ignore")
    logging.disable(logging.WARNING)
    torch.set_num_threads(1)
    task = read_task()
    del sys.argv[1:]  # RecBole would read it as options of its own
    with tempfile.TemporaryDirectory(prefix="nadeuri-recbole-") as name:
        folder = Path(name)
        write_atomic_file(task, folder)
        config = configuration(task, folder)
        init_seed(config["seed"], config["reproducibility"])
        train_data, _, _ = data_preparation(config, create_dataset(config))
        model = get_model(config["model"])(config, train_data.dataset)
        trainer = Trainer(config, model)
        epoch = 0
        while wait_for_turn():
            meter = Meter()
            trainer._train_epoch(train_data, epoch)
            epoch += 1
            answer({"epoch": epoch, **meter.read(), "sequences": len(train_data.dataset)})


if __name__ == "__main__":
    main()
