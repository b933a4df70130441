"""A tiny travel data set, tiny questions, and models exported from them, for tests that serve."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from nadeuri import columns
from nadeuri.artifact import Artifact
from nadeuri.data.questions import Question, Span
from nadeuri.data.sequences import Dataset, fingerprint, open_dataset

if TYPE_CHECKING:
    from nadeuri.understand.config import ExperimentConfig as QuestionConfig
    from nadeuri.understand.model import QuestionModel

pytest_plugins = (
    "batch_server",
    "chat_server",
    "guide_world",
    "lab_world",
    "packages_world",
    "jobs_world",  # after what it is made from
    "pages_world",
    "postgres",
    "question_server",
)

PLACES = (("일본", "오사카"), ("일본", "도쿄"), ("베트남", "다낭"), ("대한민국", "제주"))
CATEGORIES = ("패키지", "자유여행", "호텔")
N_ITEMS, N_USERS, MAX_LEN = 60, 40, 12
N_QUESTIONS = 200


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
    out = tmp_path_factory.mktemp("exported") / "for-you"
    return _untrained(travel_dataset, out, columns.META_BERT4REC)


@pytest.fixture(scope="session")
def plain_artifact(travel_dataset: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Artifact:
    """An untrained BERT4Rec, to be served beside it."""
    out = tmp_path_factory.mktemp("exported") / "for-you-bert4rec"
    return _untrained(travel_dataset, out, columns.BERT4REC)


def _untrained(dataset: Dataset, out: Path, kind: str) -> Artifact:
    import torch

    from nadeuri.data.splits import leave_one_out
    from nadeuri.recommend.bert4rec import Bert4RecNetwork
    from nadeuri.recommend.config import Bert4RecConfig
    from nadeuri.recommend.export import export_recommender
    from nadeuri.recommend.features import field_bags
    from nadeuri.recommend.sequential import SequentialRecommender

    torch.manual_seed(0)
    metadata = {"fields": "all", "fusion": "gated"} if kind == columns.META_BERT4REC else {}
    config = Bert4RecConfig.model_validate(
        {"kind": kind, "max_len": MAX_LEN, "dim": 16, **metadata}
    )
    names = [field.name for field in dataset.fields] if metadata else []
    network = Bert4RecNetwork(dataset.n_items, config, field_bags(dataset, names))
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.2)
    return export_recommender(
        SequentialRecommender(network, config),
        dataset,
        leave_one_out(dataset.sequences),
        out,
        config={"name": "여행"},
        metrics={"ndcg_at_10": 0.25},
    )


@pytest.fixture(scope="session")
def viewed_artifact(travel_dataset: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Artifact:
    """Vectors of a Meta-Prod2Vec, trained for two epochs, and their map."""
    from nadeuri.recommend.config import parse_config
    from nadeuri.recommend.coview.export import export_vectors
    from nadeuri.recommend.coview.map import build_map
    from nadeuri.recommend.coview.map_file import publish_with_map
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
    export_vectors(
        model, travel_dataset, split, out, config=config.model_dump(mode="json"), metrics={}
    )
    return publish_with_map(out, build_map([out]), out)


@pytest.fixture(scope="session")
def travel_questions() -> list[Question]:
    """Questions of five slots, alike enough for a tiny model to learn."""
    values = {
        columns.DATE_LABEL: ("다음 달 둘째 주", "추석 연휴", "내일", "8월 초"),
        columns.COUNTRY_LABEL: ("일본", "베트남", "태국"),
        columns.DURATION_LABEL: ("2박 3일", "3박 5일", "당일치기"),
        columns.PARTY_LABEL: ("4인 가족", "혼자", "성인 2명"),
        columns.BUDGET_LABEL: ("100만원대", "50만원 이하"),
    }
    endings = ((columns.PRODUCT_INTENT, "상품 추천해 주세요"), (columns.WEATHER_INTENT, "날씨는?"))
    random = np.random.default_rng(0)
    questions = []
    for number in range(N_QUESTIONS):
        intent, ending = endings[random.integers(2)]
        text, spans = "", []
        for label, surfaces in values.items():
            if random.random() < 0.7:
                surface = surfaces[random.integers(len(surfaces))]
                spans.append(Span(len(text), len(text) + len(surface), label))
                text += f"{surface} "
        questions.append(Question(f"q{number}", text + ending, tuple(spans), intent))
    return questions


@pytest.fixture(scope="session")
def question_config() -> QuestionConfig:
    """A character model with little of everything."""
    from nadeuri.understand.config import ExperimentConfig

    return ExperimentConfig.model_validate(
        {
            "name": "characters-tiny",
            "encoder": {"kind": "characters", "dim": 16, "hidden": 16, "dropout": 0.0},
            "heads": {"dim_tags": 4, "dim_lstm": 16, "dropout": 0.0},
            "train": {"epochs": 6, "batch_size": 8, "lr": 0.02},
        }
    )


@pytest.fixture(scope="session")
def question_model(
    travel_questions: list[Question], question_config: QuestionConfig
) -> QuestionModel:
    """It, trained on three questions of four, with the names that come with the package."""
    from nadeuri.understand.names.builtin import builtin_gazetteer
    from nadeuri.understand.train import train

    return train(
        question_config,
        travel_questions[50:],
        travel_questions[:50],
        seed=0,
        gazetteer=builtin_gazetteer(),
    ).model


@pytest.fixture(scope="session")
def question_artifact(
    question_model: QuestionModel,
    question_config: QuestionConfig,
    travel_questions: list[Question],
    tmp_path_factory: pytest.TempPathFactory,
) -> Artifact:
    """It, exported."""
    from nadeuri.understand.export import export_questions

    return export_questions(
        question_model,
        question_config,
        travel_questions[:50],
        tmp_path_factory.mktemp("understood") / "questions",
    )
