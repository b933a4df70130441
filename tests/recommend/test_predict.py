"""The predictor on a real exported artefact, against the model in torch."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from nadeuri import columns
from nadeuri.artifact import Artifact, write_artifact
from nadeuri.data.sequences import Dataset
from nadeuri.errors import ArtifactError, QueryError
from nadeuri.recommend import bundle, predict
from nadeuri.recommend.base import exclude, top_k
from nadeuri.recommend.predict import Answer, Predictor, Query


@pytest.fixture(scope="module")
def predictor(travel_artifact: Artifact) -> Predictor:
    return Predictor(travel_artifact.path)


def codes(answer: Answer) -> list[str]:
    return [row.item for row in answer.items]


def test_answers_are_the_trained_models(
    predictor: Predictor, travel_artifact: Artifact, travel_dataset: Dataset
) -> None:
    from nadeuri.recommend.export import load_recommender

    users = range(travel_dataset.n_users)
    histories = [travel_dataset.sequences.history(user) for user in users]
    scores = load_recommender(travel_artifact).score(np.arange(len(users)), histories)
    exclude(scores, histories)
    expected, values = top_k(scores, 10)
    answers = predictor.recommend([Query(user=travel_dataset.user_ids[user]) for user in users])
    for user, answer in zip(users, answers, strict=True):
        assert answer.source == "personalised"
        assert codes(answer) == [travel_dataset.item_codes[i - 1] for i in expected[user]]
        found = [row.score for row in answer.items]
        np.testing.assert_allclose(found, values[user], rtol=1e-3, atol=1e-4)


def test_a_given_history_equals_the_same_stored_one(
    predictor: Predictor, travel_dataset: Dataset
) -> None:
    history = [travel_dataset.item_codes[i - 1] for i in travel_dataset.sequences.history(3)]
    by_user, by_history = predictor.recommend(
        [Query(user=travel_dataset.user_ids[3]), Query(history=history)]
    )
    assert by_user == by_history


def test_answers_do_not_depend_on_the_batch(predictor: Predictor, travel_dataset: Dataset) -> None:
    queries = [Query(user=user, k=3) for user in travel_dataset.user_ids] + [Query(user="?", k=7)]
    together = predictor.recommend(queries)
    alone = [predictor.recommend([query])[0] for query in queries]
    assert [codes(a) for a in together] == [codes(a) for a in alone]
    assert [len(a.items) for a in together] == [3] * travel_dataset.n_users + [7]


def test_large_batches_run_in_pieces(
    predictor: Predictor, travel_dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    queries = [Query(user=user) for user in travel_dataset.user_ids]
    whole = predictor.recommend(queries)
    monkeypatch.setattr(predict, "_SCORES_PER_RUN", 5 * (travel_dataset.n_items + 1))
    assert [codes(a) for a in predictor.recommend(queries)] == [codes(a) for a in whole]
    assert predictor.recommend([]) == []


def test_a_long_history_is_cut_to_the_most_recent(predictor: Predictor) -> None:
    recent = [f"P{i:03}" for i in range(1, 12)]
    older = [f"P{i:03}" for i in range(20, 50)]
    short, long = predictor.recommend(
        [
            Query(history=recent, k=60, exclude_seen=False),
            Query(history=older + recent, k=60, exclude_seen=False),
        ]
    )
    assert predictor.max_history == len(recent)
    assert codes(short) == codes(long)
    (seen,) = predictor.recommend([Query(history=older + recent, k=60)])
    assert not set(codes(seen)) & set(older + recent), "items beyond the cut are seen, too"
    assert len(seen.items) == 60 - 41


def test_rows_carry_what_is_shown(predictor: Predictor, travel_dataset: Dataset) -> None:
    (answer,) = predictor.recommend([Query(history=["P001"], k=60)])
    catalogue = {row[columns.ITEM]: row for row in travel_dataset.catalogue.to_pylist()}
    assert [row.rank for row in answer.items] == list(range(1, 60))
    assert [row.score for row in answer.items] == sorted(r.score for r in answer.items)[::-1]
    for row in answer.items:
        assert (row.name, row.country, row.city, row.category) == tuple(
            catalogue[row.item][name] for name in ("name", "country", "city", "category")
        )
    assert any(row.category is None for row in answer.items)


def test_filters_restrict_and_unknown_values_are_reported(predictor: Predictor) -> None:
    filters = {"city": ["다낭", "제주", "평양"], "category": ["호텔"]}
    (answer,) = predictor.recommend([Query(history=["P001"], k=60, filters=filters)])
    assert answer.items
    assert {row.city for row in answer.items} == {"다낭", "제주"}
    assert {row.category for row in answer.items} == {"호텔"}
    assert answer.unknown_filters == {"city": ("평양",)}


def test_multi_valued_columns_filter(predictor: Predictor, travel_dataset: Dataset) -> None:
    (answer,) = predictor.recommend([Query(k=60, filters={"theme": ["온천"]})])
    themes = {r[columns.ITEM]: r[columns.THEME] for r in travel_dataset.catalogue.to_pylist()}
    assert len(answer.items) == 30
    assert all("온천" in themes[code] for code in codes(answer))


def test_nothing_left_is_an_empty_list(predictor: Predictor) -> None:
    contradiction = {"country": ["일본"], "city": ["다낭"]}
    unknown = {"city": ["평양"]}
    first, second = predictor.recommend(
        [Query(history=["P001"], filters=contradiction), Query(filters=unknown)]
    )
    assert first.items == ()
    assert first.unknown_filters == {}
    assert second.items == ()
    assert second.unknown_filters == {"city": ("평양",)}


def test_an_unknown_field_names_the_known_ones(predictor: Predictor) -> None:
    with pytest.raises(QueryError, match=r"filters\.contry.*country, city, category, theme"):
        predictor.recommend([Query(filters={"contry": ["일본"]})])


def test_unknown_users_get_popular_items_within_the_filters(
    predictor: Predictor, travel_artifact: Artifact
) -> None:
    items = pq.read_table(travel_artifact.file(bundle.ITEMS_FILE)).to_pylist()
    (answer,) = predictor.recommend([Query(user="처음", k=5, filters={"country": ["일본"]})])
    assert answer.source == "popular"
    assert answer.unknown_user
    expected = sorted(
        (row for row in items if row["country"] == "일본"), key=lambda row: -row["clicks"]
    )
    assert codes(answer) == [row["item"] for row in expected[:5]]
    assert [row.score for row in answer.items] == [row["clicks"] for row in expected[:5]]


def test_unknown_items_are_reported_and_the_rest_is_used(predictor: Predictor) -> None:
    mixed, known, none = predictor.recommend(
        [
            Query(history=["없음", "P004", "Q1", "없음", "P009"]),
            Query(history=["P004", "P009"]),
            Query(history=["없음"]),
        ]
    )
    assert mixed.unknown_items == ("없음", "Q1")
    assert mixed.source == "personalised"
    assert mixed.items == known.items
    assert none.source == "popular"
    assert none.unknown_items == ("없음",)


def test_a_given_history_takes_the_place_of_the_stored_one(
    predictor: Predictor, travel_dataset: Dataset
) -> None:
    user = travel_dataset.user_ids[0]
    both, history, empty = predictor.recommend(
        [
            Query(user=user, history=["P004"]),
            Query(history=["P004"]),
            Query(user=user, history=[]),
        ]
    )
    assert both == history
    assert empty.source == "popular"
    assert not empty.unknown_user


def test_seen_items_may_come_back(predictor: Predictor) -> None:
    history = ["P001", "P002", "P003"]
    again, fresh = predictor.recommend(
        [Query(history=history, k=60, exclude_seen=False), Query(history=history, k=60)]
    )
    assert set(history) < set(codes(again))
    assert not set(history) & set(codes(fresh))
    assert len(again.items) == 60


@pytest.mark.parametrize("name", [bundle.MODEL_FILE, bundle.ITEMS_FILE, bundle.USERS_FILE])
def test_a_damaged_file_is_named(travel_artifact: Artifact, tmp_path: Path, name: str) -> None:
    shutil.copytree(travel_artifact.path, tmp_path / "copy")
    content = bytearray((tmp_path / "copy" / name).read_bytes())
    content[len(content) // 2] ^= 0xFF
    (tmp_path / "copy" / name).write_bytes(content)
    with pytest.raises(ArtifactError, match=name):
        Predictor(tmp_path / "copy")


def test_a_model_onnx_runtime_cannot_read(travel_artifact: Artifact, tmp_path: Path) -> None:
    def write(folder: Path) -> None:
        for name in travel_artifact.manifest.files:
            shutil.copy(travel_artifact.path / name, folder / name)
        (folder / bundle.MODEL_FILE).write_bytes(b"not a model")

    write_artifact(tmp_path / "bad", bundle.KIND, write, metadata=travel_artifact.metadata)
    with pytest.raises(ArtifactError, match=r"model\.onnx: ONNX Runtime cannot load it") as error:
        Predictor(tmp_path / "bad")
    assert "\n" not in str(error.value)


def test_predicting_imports_no_training_stack(travel_artifact: Artifact) -> None:
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from nadeuri.recommend.predict import Predictor, Query\n"
        "answer = Predictor(Path(sys.argv[1])).recommend([Query(history=['P001'])])[0]\n"
        "assert answer.source == 'personalised', answer\n"
        "heavy = {'torch', 'mlflow', 'transformers', 'onnx', 'duckdb'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(travel_artifact.path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
