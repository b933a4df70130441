"""Catalogue columns as bags of values."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from nadeuri import columns
from nadeuri.data.sequences import Dataset, FieldKind, MetadataField
from nadeuri.errors import ConfigError
from nadeuri.recommend.features import NUMERIC_KNOTS, FieldBags, field_bags, shuffled


def bags_of(kind: FieldKind, cells: list[object], max_values: int = 10_000) -> FieldBags:
    class OneColumn(Dataset):
        catalogue = pa.table({"field": cells})  # type: ignore[assignment]

    dataset = OneColumn(
        Path("nowhere"),
        None,  # type: ignore[arg-type]
        (MetadataField("field", kind),),
        {"name": "one column"},
    )
    return field_bags(dataset, ["field"], max_values)[0]


def bag(bags: FieldBags, item: int) -> dict[str, float]:
    entries = slice(bags.offsets[item], bags.offsets[item + 1])
    values = [bags.values[index] for index in bags.indices[entries]]
    return dict(zip(values, bags.weights[entries].tolist(), strict=True))


def test_categorical() -> None:
    bags = bags_of(columns.CATEGORICAL, ["오사카", None, "다낭", "오사카"])
    assert bags.values == ("오사카", "다낭")
    assert [bag(bags, item) for item in range(5)] == [
        {},
        {"오사카": 1},
        {},
        {"다낭": 1},
        {"오사카": 1},
    ]


def test_multi_valued_shares_its_weight_and_ignores_repeats() -> None:
    bags = bags_of(columns.MULTI, [["가족", "온천"], [], ["가족", "가족"], None])
    assert bag(bags, 1) == {"가족": 0.5, "온천": 0.5}
    assert bag(bags, 2) == bag(bags, 4) == {}
    assert bag(bags, 3) == {"가족": 1}


def test_numeric_is_interpolated_between_quantile_knots() -> None:
    numbers = [float(i * i) for i in range(100)]
    bags = bags_of(columns.NUMERIC, [*numbers, None, float("nan")])
    assert len(bags.values) == NUMERIC_KNOTS
    knots = np.quantile(numbers, np.linspace(0, 1, NUMERIC_KNOTS))
    for item, number in enumerate(numbers, start=1):
        entries = slice(bags.offsets[item], bags.offsets[item + 1])
        restored = knots[bags.indices[entries]] @ bags.weights[entries]
        assert restored == pytest.approx(number, rel=1e-3, abs=1e-3)
    assert bag(bags, 101) == bag(bags, 102) == {}


def test_constant_and_empty_numeric_columns() -> None:
    assert bag(bags_of(columns.NUMERIC, [5.0, 5.0]), 2) == {"5": 1}
    assert bag(bags_of(columns.NUMERIC, [None, None]), 1) == {}


def test_a_field_with_100k_values_keeps_the_frequent_ones(
    caplog: pytest.LogCaptureFixture,
) -> None:
    cells: list[object] = ["흔한 값"] * 3 + [f"값 {i}" for i in range(100_000)]
    bags = bags_of(columns.CATEGORICAL, cells)
    assert len(bags.values) == 10_000
    assert bags.folded == 100_001 - 9_999
    assert bag(bags, 1) == {"흔한 값": 1}
    assert bag(bags, 100_003) == {"(other)": 1}
    assert "'field' has 100,001 values: the 9,999 most frequent are kept" in caplog.text
    assert "model.max_values" in caplog.text


def test_folded_values_of_one_item_count_once() -> None:
    bags = bags_of(columns.MULTI, [["a", "b"], ["a", "c", "d"]], max_values=2)
    assert bag(bags, 2) == pytest.approx({"a": 0.5, "(other)": 0.5})


def test_unknown_field_names_the_known_ones() -> None:
    dataset = Dataset(
        Path("x"),
        None,  # type: ignore[arg-type]
        (MetadataField("field", "categorical"),),
        {"name": "x"},
    )
    with pytest.raises(ConfigError, match=r"'colour' is not a metadata field .*field"):
        field_bags(dataset, ["colour"])


def test_shuffled_rows_are_the_same_rows_elsewhere(travel_dataset: Dataset) -> None:
    fields = field_bags(travel_dataset, [field.name for field in travel_dataset.fields])

    def rows(fields: tuple[FieldBags, ...]) -> list[str]:
        items = range(1, travel_dataset.n_items + 1)
        return [repr([sorted(bag(field, item).items()) for field in fields]) for item in items]

    moved = shuffled(fields, seed=1)
    assert [bag(field, 0) for field in moved] == [{}] * len(fields)
    assert sorted(rows(moved)) == sorted(rows(fields))
    stayed = sum(a == b for a, b in zip(rows(moved), rows(fields), strict=True))
    assert stayed < travel_dataset.n_items / 4
    assert rows(shuffled(fields, seed=1)) == rows(moved) != rows(shuffled(fields, seed=2))
    assert shuffled((), seed=1) == ()
