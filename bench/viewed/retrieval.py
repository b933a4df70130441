"""Finding neighbours in large catalogues: exactly for all products, and with an index for one."""

from __future__ import annotations

import tempfile
from pathlib import Path
from time import perf_counter

import numpy as np

from nadeuri import columns
from nadeuri.data.sequences import open_dataset
from nadeuri.data.splits import leave_one_out
from nadeuri.recommend.config import parse_config
from nadeuri.recommend.coview import ivf
from nadeuri.recommend.coview.neighbours import CosineNeighbours, all_neighbours
from nadeuri.recommend.coview.prod2vec import Prod2Vec
from nadeuri.recommend.experiment import train
from speed.part import Part
from speed.setting import Setting
from speed.workers import Worker
from viewed.clustered import clustered
from viewed.cost import CLICKS_10M, PRODUCTS_100K, SEED
from viewed.models import BATCH_SIZE, OUR_LR
from viewed.sets import DIM, NEGATIVES

K = 20
CLICKS_20M, PRODUCTS_1M = 20_000_000, 1_000_000
EPOCHS = 3
QUERIES = 2_000
EFFORTS = {"faiss": (4, 16, 64, 128), "hnswlib": (32, 64, 128, 256), "usearch": (32, 64, 128, 256)}
"""Cells looked into; candidates kept in a graph."""


def measure_top20(setting: Setting) -> Part:
    """Seconds for the 20 nearest of each of 100k products, exactly, with all threads there are."""
    model = trained(setting, PRODUCTS_100K, CLICKS_10M)
    started = perf_counter()
    rows = sum(len(items) for items, _, _ in all_neighbours(model, K))
    seconds = perf_counter() - started
    part = Part("top20")
    figures = {"top20_100k.seconds": seconds, "top20_100k.products": rows}
    part.add({"part": "top20", "seconds": seconds}, figures)
    return part


def measure_index(setting: Setting) -> Part:
    """Nadeuri's index on a million products, and what other libraries do on the same vectors."""
    model = trained(setting, PRODUCTS_1M, CLICKS_20M)
    known = np.flatnonzero(model.known)
    places = np.sort(np.random.default_rng(SEED).choice(len(known), QUERIES, replace=False))
    asked = model.vectors[known[places]]
    vectors = model.vectors[known]
    truth = np.stack([np.argpartition(-(vectors @ vector), K)[:K] for vector in asked])
    part = Part("index")
    _add_ours(part, model, asked, known[truth])
    with tempfile.TemporaryDirectory(prefix="nadeuri-ann-") as folder:
        vectors_file, truth_file = Path(folder) / "vectors.npy", Path(folder) / "truth.npy"
        np.save(vectors_file, vectors)
        np.save(truth_file, truth)
        for library, efforts in EFFORTS.items():
            task = {
                "library": library,
                "vectors": str(vectors_file),
                "truth": str(truth_file),
                "queries": places.tolist(),
                "efforts": efforts,
            }
            with Worker("ann_peer.py", task, setting.peer("ann")) as worker:
                found = list(worker.finish())
            for each in found:
                name = f"index.{library}.{each['effort']}"
                figures = {f"{name}.{key}": each[key] for key in ("recall", "query_us")}
                figures[f"index.{library}.build_s"] = each["build_s"]
                part.add({"part": "index", "library": library, **each}, figures)
    return part


def _add_ours(part: Part, model: CosineNeighbours, asked: np.ndarray, truth: np.ndarray) -> None:
    """As it is served: one product after another, one thread."""
    started = perf_counter()
    cells = ivf.divide(model.keys)
    divided = perf_counter()
    index = ivf.IvfIndex(model.keys, cells)
    loaded = perf_counter()
    found = [index.nearest(vector[None], K)[0][0] for vector in asked]
    answered = perf_counter()
    model.score_after(truth[:20, 0])
    exact = perf_counter()
    hits = sum(len(set(a) & set(b)) for a, b in zip(found, truth, strict=True))
    figures = {
        "index.products": int(model.known.sum()),
        "index.build_s": divided - started,
        "index.load_s": loaded - divided,
        "index.query_us": (answered - loaded) / len(asked) * 1e6,
        "index.exact_query_us": (exact - answered) / 20 * 1e6,
        "index.recall_at_20": hits / truth.size,
    }
    part.add({"part": "index", "library": "nadeuri"}, figures)


def trained(setting: Setting, n_items: int, n_clicks: int) -> CosineNeighbours:
    """Vectors of a synthetic world."""
    dataset = open_dataset(clustered(setting.home, n_items=n_items, n_clicks=n_clicks))
    config = parse_config(
        {
            "name": "large",
            "model": {"kind": columns.PROD2VEC, "dim": DIM, "negatives": NEGATIVES},
            "train": {
                "epochs": EPOCHS,
                "eval_every": EPOCHS,
                "valid_users": 1,
                "batch_size": BATCH_SIZE,
                "lr": OUR_LR,
                "warmup_steps": 0,
                "precision": "fp32",
            },
        },
        "large",
    )
    split = leave_one_out(dataset.sequences)
    model = train(config, dataset, split, seed=SEED).recommender
    assert isinstance(model, Prod2Vec)
    return model.neighbours()
