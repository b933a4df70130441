"""A model that reads long histories, untrained: its answers are of no use, its costs are real.

Attention over a batch of long histories needs some hundred MiB, which ONNX Runtime keeps for the
next one: a worker grows when it is asked, not when it starts.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from nadeuri import columns
from nadeuri.artifact import Artifact
from nadeuri.data.sequences import Dataset, fingerprint, open_dataset

N_ITEMS, N_USERS, LENGTH, N_CITIES = 1000, 200, 20, 100
MAX_LEN, DIM = 400, 16


def export(folder: Path) -> Artifact:
    """Export a Meta-BERT4Rec with random weights over made-up products.

    Args:
        folder: for the data set and the artefact.
    """
    import torch

    from nadeuri.data.splits import leave_one_out
    from nadeuri.recommend.bert4rec import Bert4RecNetwork
    from nadeuri.recommend.config import Bert4RecConfig
    from nadeuri.recommend.export import export_recommender
    from nadeuri.recommend.features import field_bags
    from nadeuri.recommend.sequential import SequentialRecommender

    dataset = made_up(folder / "data")
    torch.manual_seed(0)
    config = Bert4RecConfig(
        kind="meta_bert4rec", fields="all", fusion="gated", max_len=MAX_LEN, dim=DIM
    )
    network = Bert4RecNetwork(dataset.n_items, config, field_bags(dataset, [columns.CITY]))
    return export_recommender(
        SequentialRecommender(network, config),
        dataset,
        leave_one_out(dataset.sequences),
        folder / "for-you",
        config={"name": "untrained"},
        metrics={},
    )


def made_up(folder: Path) -> Dataset:
    """A prepared data set of random clicks."""
    folder.mkdir(parents=True)
    n_clicks = N_USERS * LENGTH
    clicked = np.random.default_rng(0).integers(1, N_ITEMS + 1, n_clicks)
    np.save(folder / "offsets.npy", np.arange(0, n_clicks + 1, LENGTH, dtype=np.int64))
    np.save(folder / "items.npy", clicked.astype(np.int32))
    np.save(folder / "times.npy", np.arange(n_clicks, dtype=np.int64))
    np.save(folder / "sessions.npy", np.zeros(n_clicks, dtype=np.int32))
    users = pa.table({columns.USER: [f"U{number}" for number in range(N_USERS)]})
    pq.write_table(users, folder / "users.parquet")
    catalogue = pa.table(
        {
            columns.ITEM: [f"P{number:07}" for number in range(N_ITEMS)],
            columns.NAME: [f"상품 {number}" for number in range(N_ITEMS)],
            columns.COUNTRY: ["대한민국"] * N_ITEMS,
            columns.CITY: [f"도시 {number % N_CITIES}" for number in range(N_ITEMS)],
            columns.CATEGORY: ["패키지"] * N_ITEMS,
        }
    )
    pq.write_table(catalogue, folder / "catalogue.parquet")
    manifest = {
        "name": "made-up",
        "n_users": N_USERS,
        "n_items": N_ITEMS,
        "n_clicks": n_clicks,
        "has_times": True,
        "fields": [{"name": columns.CITY, "kind": columns.CATEGORICAL}],
        "fingerprint": fingerprint(folder),
    }
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return open_dataset(folder)


def history(number: int) -> list[str]:
    """One as long as the model reads."""
    return [f"P{(number * MAX_LEN + step) % N_ITEMS:07}" for step in range(MAX_LEN)]
