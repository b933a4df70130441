"""A scorer from labelled pairs of two tables."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from nadeuri import columns
from nadeuri.data.labelled_pairs import SCHEMA
from nadeuri.data.poi import POIS
from nadeuri.errors import ConfigError, DataError
from nadeuri.match.mapping import score_pairs
from nadeuri.match.train import train

N = 60
WORDS = ("Blue", "Old", "River", "Garden", "Stone", "Lucky", "North", "Silver", "Green", "Royal")
KINDS = ("Cafe", "Hotel", "Museum", "Market", "Temple", "Bakery")


def tables() -> tuple[pa.Table, pa.Table]:
    """Sixty places in two cities, the n-th of one table being the n-th of the other."""
    random = np.random.default_rng(0)
    left, right = [], []
    for n in range(N):
        first, second = random.choice(WORDS, 2, replace=False)
        name = f"{first} {second} {KINDS[n % len(KINDS)]}"
        far = (n % 2) * 10.0
        latitude, longitude = (far + random.uniform(0, 0.02, 2)).tolist()
        place = {
            columns.CITY: "Busan" if n % 2 else "Seoul",
            columns.LATITUDE: latitude,
            columns.LONGITUDE: longitude,
        }
        left.append({**place, columns.PLACE_ID: f"a{n}", columns.NAME: name})
        moved = latitude + random.uniform(-3e-4, 3e-4)
        right.append(
            {
                **place,
                columns.PLACE_ID: f"g{n}",
                columns.NAME: name.replace("e", "", 1),
                columns.LATITUDE: moved,
            }
        )
    blank = dict.fromkeys(POIS.schema.names)
    one, other = (
        pa.Table.from_pylist([{**blank, **row} for row in rows], schema=POIS.schema)
        for rows in (left, right)
    )
    return one, other


def labels(*rows: tuple[str, str | None, str]) -> pa.Table:
    names = (columns.LEFT, columns.RIGHT, columns.RELATION)
    return pa.Table.from_pylist([dict(zip(names, row, strict=True)) for row in rows], schema=SCHEMA)


def test_what_it_learns_holds_for_places_without_labels() -> None:
    left, right = tables()
    rows = [(f"a{n}", f"g{n}", columns.SAME) for n in range(40)]
    trained = train(left, right, labels(*rows, ("a41", "g3", columns.DIFFERENT)))
    assert trained.n_same == 40
    assert trained.n_missed == 0
    assert trained.n_pairs > 200  # all candidates of labelled places, and one pair
    pairs = score_pairs(left, right, trained.scorer)
    best = {}
    for row in pairs.candidates(1).to_pylist():
        best[row[columns.LEFT]] = row[columns.RIGHT]
    right_ones = sum(best[f"a{n}"] == f"g{n}" for n in range(40, N))
    assert right_ones >= 16


def test_a_place_without_match_is_no_match_of_any_candidate() -> None:
    left, right = tables()
    rows: list[tuple[str, str | None, str]] = [
        (f"a{n}", f"g{n}", columns.SAME) for n in range(0, 20)
    ]
    fewer = train(left, right, labels(*rows))
    more = train(left, right, labels(*rows, ("a55", None, columns.DIFFERENT)))
    assert more.n_same == fewer.n_same
    assert more.n_pairs > fewer.n_pairs


def test_a_pair_that_is_no_candidate_is_counted() -> None:
    left, right = tables()
    rows = [(f"a{n}", f"g{n}", columns.SAME) for n in range(20)]
    trained = train(left, right, labels(*rows, ("a20", "g51", columns.SAME)))
    assert trained.n_missed == 1


def test_a_scorer_keeps_reading_names_with_its_encoder() -> None:
    """With the agency's names in Korean, it looks at more pairs than one without."""
    left, right = tables()
    kinds = {
        "Cafe": "카페",
        "Hotel": "호텔",
        "Museum": "박물관",
        "Market": "시장",
        "Temple": "사원",
    }
    firsts = dict(
        zip(WORDS, ("파란", "오래된", "강변", "정원", "돌", "행운", "북쪽", "은빛"), strict=False)
    )
    korean = [
        " ".join({**kinds, **firsts}.get(word, "초록") for word in name.split())
        for name in left[columns.NAME].to_pylist()
    ]
    left = left.set_column(left.column_names.index(columns.NAME), columns.NAME, [korean])
    rows = [(f"a{n}", f"g{n}", columns.SAME) for n in range(40)]
    trained = train(left, right, labels(*rows), encoder="use")
    assert trained.scorer.encoder == "use"
    without = train(left, right, labels(*rows)).scorer
    n_with, n_without = (
        len(score_pairs(left, right, scorer).left) for scorer in (trained.scorer, without)
    )
    assert n_with > n_without


def test_an_unknown_encoder_is_an_error() -> None:
    with pytest.raises(ConfigError, match="no encoder"):
        train(*tables(), labels(("a0", "g0", columns.SAME)), encoder="bert")


def test_labels_of_other_tables_are_an_error() -> None:
    left, right = tables()
    with pytest.raises(DataError, match="check their ids"):
        train(left, right, labels(("x", "y", columns.SAME)))
