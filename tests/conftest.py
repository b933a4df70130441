"""A tiny travel data set and a model exported from it, shared by the tests that serve."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from nadeuri import columns
from nadeuri.artifact import Artifact
from nadeuri.data.sequences import Dataset, fingerprint, open_dataset

PLACES = (("일본", "오사카"), ("일본", "도쿄"), ("베트남", "다낭"), ("대한민국", "제주"))
CATEGORIES = ("패키지", "자유여행", "호텔")
N_ITEMS, N_USERS, MAX_LEN = 60, 40, 12


@pytest.fixture(scope="session")
def travel_dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """60 products, 40 users with 3 to 25 clicks each; user ids are not in order."""
    folder = tmp_path_factory.mktemp("travel")
    random = np.random.default_rng(0)
    lengths = random.integers(3, 26, N_USERS)
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    n_clicks = int(offsets[-1])
    items = np.minimum(random.geometric(0.06, n_clicks), N_ITEMS - 1)  # the last item is cold
    np.save(folder / "offsets.npy", offsets)
    np.save(folder / "items.npy", items.astype(np.int32))
    np.save(folder / "times.npy", np.arange(n_clicks, dtype=np.int64))
    np.save(folder / "sessions.npy", np.zeros(n_clicks, dtype=np.int32))
    users = [f"손님{(7 * u) % N_USERS:03}" for u in range(N_USERS)]
    pq.write_table(pa.table({columns.USER: users}), folder / "users.parquet")
    places = [PLACES[i % len(PLACES)] for i in range(N_ITEMS)]
    pq.write_table(
        pa.table(
            {
                columns.ITEM: [f"P{i:03}" for i in range(1, N_ITEMS + 1)],
                columns.NAME: [f"{city} 여행 {i}" for i, (_, city) in enumerate(places)],
                columns.COUNTRY: [country for country, _ in places],
                columns.CITY: [city for _, city in places],
                columns.CATEGORY: [
                    None if i % 10 == 9 else CATEGORIES[i % 3] for i in range(N_ITEMS)
                ],
                columns.THEME: pa.array(
                    [["가족", "온천"] if i % 2 else [] for i in range(N_ITEMS)],
                    pa.list_(pa.string()),
                ),
                columns.PRICE: [100.0 + i for i in range(N_ITEMS)],
            }
        ),
        folder / "catalogue.parquet",
    )
    manifest = {
        "name": "travel",
        "n_users": N_USERS,
        "n_items": N_ITEMS,
        "n_clicks": n_clicks,
        "has_times": True,
        "fields": [
            {"name": columns.COUNTRY, "kind": columns.CATEGORICAL},
            {"name": columns.CITY, "kind": columns.CATEGORICAL},
            {"name": columns.CATEGORY, "kind": columns.CATEGORICAL},
            {"name": columns.THEME, "kind": columns.MULTI},
            {"name": columns.PRICE, "kind": columns.NUMERIC},
        ],
        "fingerprint": fingerprint(folder),
    }
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return open_dataset(folder)


@pytest.fixture(scope="session")
def travel_artifact(travel_dataset: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Artifact:
    """An untrained Meta-BERT4Rec (its random weights rank as distinctly as trained ones)."""
    import torch

    from nadeuri.data.splits import leave_one_out
    from nadeuri.recommend.bert4rec import Bert4RecNetwork
    from nadeuri.recommend.config import Bert4RecConfig
    from nadeuri.recommend.export import export_recommender
    from nadeuri.recommend.features import field_bags
    from nadeuri.recommend.sequential import SequentialRecommender

    torch.manual_seed(0)
    config = Bert4RecConfig(
        kind="meta_bert4rec", fields="all", fusion="gated", max_len=MAX_LEN, dim=16
    )
    bags = field_bags(travel_dataset, [field.name for field in travel_dataset.fields])
    network = Bert4RecNetwork(travel_dataset.n_items, config, bags)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.2)
    return export_recommender(
        SequentialRecommender(network, config),
        travel_dataset,
        leave_one_out(travel_dataset.sequences),
        tmp_path_factory.mktemp("exported") / "for-you",
        config={"name": "여행"},
        metrics={"ndcg_at_10": 0.25},
    )


@pytest.fixture(scope="session")
def viewed_artifact(travel_dataset: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Artifact:
    """Vectors of a Meta-Prod2Vec, trained for two epochs."""
    from nadeuri.recommend.config import parse_config
    from nadeuri.recommend.coview.export import export_vectors
    from nadeuri.recommend.coview.prod2vec import Prod2Vec
    from nadeuri.recommend.experiment import make_split, train

    tables = {
        "name": "viewed",
        "model": {"kind": columns.META_PROD2VEC, "dim": 8, "fields": [columns.CITY]},
        "train": {"epochs": 2, "eval_every": 1, "batch_size": 64, "lr": 0.3},
    }
    config = parse_config(tables, "test")
    split = make_split(config.split, travel_dataset)
    model = train(config, travel_dataset, split, seed=1).recommender
    assert isinstance(model, Prod2Vec)
    out = tmp_path_factory.mktemp("viewed") / "also-viewed"
    return export_vectors(
        model, travel_dataset, split, out, config=config.model_dump(mode="json"), metrics={}
    )
