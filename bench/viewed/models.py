"""The contestants: each trains on a data set and is asked like any other recommender."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from nadeuri import columns
from nadeuri.data.sequences import Dataset, IntArray, ItemArray
from nadeuri.data.splits import Split
from nadeuri.recommend.base import Recommender, Scores
from nadeuri.recommend.config import parse_config
from nadeuri.recommend.coview.neighbours import CosineNeighbours, Vectors, unit
from nadeuri.recommend.coview.tokens import training_sessions
from nadeuri.recommend.experiment import train
from nadeuri.recommend.features import FieldBags, field_bags
from speed.workers import Worker
from viewed.sets import DIM, FIELD_WEIGHT, NEGATIVES, Viewed

OUR_LR, GENSIM_LR = 0.15, 0.025
BATCH_SIZE = 16_384
COSINE, IN_OUT = "cosine", "in-out"
OUTPUT_SHARES = (0.0, 0.5, 0.7, 1.0)
NEW_PRODUCTS = (1, 0, -5)
"""Ways of asking ours: every share, and with metadata each with new products listed readily, as
expected, and after all others, as they are in gensim's way by output vectors."""


@dataclass(frozen=True)
class Contestant:
    """A trained model, in each way it can be asked, and what training it took.

    Attributes:
        ways: recommenders by the way of scoring; the better one is chosen on validation.
        vectors: product vectors, for purity; None where there are none.
    """

    ways: Mapping[str, Recommender]
    vectors: CosineNeighbours | None
    cpu_s: float


class Train(Protocol):
    """Trains with a setting of the grid."""

    def __call__(
        self, viewed: Viewed, dataset: Dataset, split: Split, setting: Mapping[str, Any], seed: int
    ) -> Contestant: ...


def ours(kind: str) -> Train:
    """Prod2Vec or Meta-Prod2Vec of this package."""

    def trained(
        viewed: Viewed, dataset: Dataset, split: Split, setting: Mapping[str, Any], seed: int
    ) -> Contestant:
        has_fields = kind == columns.META_PROD2VEC
        config = parse_config(
            {
                "name": kind,
                "model": {
                    "kind": kind,
                    "dim": DIM,
                    "negatives": NEGATIVES,
                    "window": setting["window"],
                    "ns_exponent": setting["ns_exponent"],
                    "subsample": setting.get("subsample", 0.0),
                    "field_weight": setting.get("field_weight", FIELD_WEIGHT),
                    "by_user": viewed.by_user,
                    "fields": viewed.fields if has_fields else (),
                },
                "train": {
                    "epochs": setting["epochs"],
                    "eval_every": setting["epochs"],
                    "valid_users": 1,
                    "batch_size": BATCH_SIZE,
                    "lr": OUR_LR,
                    "warmup_steps": 0,
                    "precision": "fp32",
                },
            },
            kind,
        )
        meter = _cpu()
        recommender: Any = train(config, dataset, split, seed=seed).recommender
        spent = meter()
        ways: dict[str, Recommender] = {
            f"output {share}, new products {new}": recommender.neighbours_by(share, new)
            for share, new in product(OUTPUT_SHARES, NEW_PRODUCTS if has_fields else (1,))
        }
        ways[COSINE] = ways.pop("output 0.0, new products 1")
        return Contestant(ways, recommender.neighbours_by(0.0), spent)

    return trained


def gensim(*, with_tokens: bool, python: Path) -> Train:
    """gensim's Word2Vec on products, or on products with their metadata interleaved."""

    def trained(
        viewed: Viewed, dataset: Dataset, split: Split, setting: Mapping[str, Any], seed: int
    ) -> Contestant:
        fields = field_bags(dataset, viewed.fields) if with_tokens else ()
        with tempfile.TemporaryDirectory(prefix="nadeuri-gensim-") as folder:
            sentences, out = Path(folder) / "sentences.txt", Path(folder) / "vectors.npz"
            width = write_sentences(sentences, viewed, dataset, split, fields)
            task = {
                **gensim_task(setting, sentences, seed),
                "window": round(setting["window"] * width),  # as many clicks as ours
                "out": str(out),
            }
            with Worker("gensim_peer.py", task, python) as worker:
                (spent,) = worker.finish()
            stored = np.load(out)
            inputs = _by_item(stored["words"], stored["inputs"], dataset.n_items, fields)
            outputs = _by_item(stored["words"], stored["outputs"], dataset.n_items, ())
        vectors = CosineNeighbours(columns.PROD2VEC, unit(inputs))
        ways: dict[str, Recommender] = {COSINE: vectors, IN_OUT: InOut(inputs, outputs)}
        return Contestant(ways, vectors, spent["cpu_s"])

    return trained


def gensim_task(setting: Mapping[str, Any], sentences: Path, seed: int) -> dict[str, Any]:
    """What the peer is told; it trains without turns."""
    return {
        "sentences": str(sentences),
        "dim": DIM,
        "negatives": NEGATIVES,
        "subsample": 0.0,
        "lr": GENSIM_LR,
        "seed": seed,
        "turns": False,
        **setting,
    }


def write_sentences(
    path: Path, viewed: Viewed, dataset: Dataset, split: Split, fields: Sequence[FieldBags]
) -> float:
    """The training sessions as text, each product followed by its values; tokens of a click."""
    values = [[f"i{item}"] for item in range(dataset.n_items + 1)]
    for number, field in enumerate(fields):
        for item in range(1, dataset.n_items + 1):
            own = field.indices[field.offsets[item] : field.offsets[item + 1]]
            values[item] += [f"f{number}:{value}" for value in own]
    words = [" ".join(each) for each in values]
    sessions = training_sessions(dataset.sequences, split, by_user=viewed.by_user)
    with path.open("w", encoding="ascii") as file:
        for start, end in zip(sessions.offsets, sessions.offsets[1:], strict=False):
            file.write(" ".join(words[item] for item in sessions.items[start:end]) + "\n")
    return float(np.mean([len(values[item]) for item in sessions.items]))


class InOut:
    """What word2vec was trained for: the last product's input vector times output vectors."""

    kind = columns.PROD2VEC

    def __init__(self, inputs: Vectors, outputs: Vectors) -> None:
        self.inputs, self.outputs = inputs, outputs
        self.unknown = ~outputs.any(axis=1)
        self.n_items = len(inputs) - 1

    def score(self, users: IntArray, histories: Sequence[ItemArray]) -> Scores:
        last = np.array([h[-1] if len(h) else 0 for h in histories], dtype=np.int64)
        scores: Scores = self.inputs[last] @ self.outputs.T
        scores[:, self.unknown] = -np.inf
        return scores


def _by_item(
    words: Sequence[str], table: Vectors, n_items: int, fields: Sequence[FieldBags]
) -> Vectors:
    """Rows by item index; an item without a row gets the mean of its values' rows, as ours do."""
    place = {str(word): row for row, word in enumerate(words)}
    vectors = np.zeros((n_items + 1, table.shape[1]), np.float32)
    for item in range(1, n_items + 1):
        if (row := place.get(f"i{item}")) is not None:
            vectors[item] = table[row]
            continue
        for number, field in enumerate(fields):
            for entry in range(field.offsets[item], field.offsets[item + 1]):
                known = place.get(f"f{number}:{field.indices[entry]}")
                if known is not None:
                    length = max(float(np.linalg.norm(table[known])), 1e-12)
                    vectors[item] += field.weights[entry] * table[known] / length
    return vectors


def _cpu() -> Callable[[], float]:
    from time import process_time

    started = process_time()
    return lambda: process_time() - started
