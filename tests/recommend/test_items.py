"""Item tables: ids fused with metadata."""

from __future__ import annotations

from typing import get_args

import pytest
import torch

from nadeuri.data.sequences import Dataset
from nadeuri.recommend.features import field_bags
from nadeuri.recommend.items import Fusion, ItemTable

FIELDS = ("city", "theme", "price")


@pytest.fixture
def bags(travel_dataset: Dataset) -> tuple:  # type: ignore[type-arg]
    return field_bags(travel_dataset, FIELDS)


@pytest.mark.parametrize("fusion", get_args(Fusion))
def test_shapes_padding_and_mask_token(
    fusion: Fusion, bags: tuple, travel_dataset: Dataset
) -> None:  # type: ignore[type-arg]
    table = ItemTable(travel_dataset.n_items, 8, bags, fusion, 0.0)
    rows = table()
    assert rows.shape == (travel_dataset.n_items + 2, 8)
    assert not rows[0].any()
    torch.testing.assert_close(rows[-1], table.ids[-1])


def test_without_fields_it_is_a_plain_embedding(travel_dataset: Dataset) -> None:
    table = ItemTable(travel_dataset.n_items, 8, (), "sum", 0.0)
    torch.testing.assert_close(table(), table.ids)
    assert not table.ids[0].any()


@pytest.mark.parametrize("fusion", get_args(Fusion))
def test_every_field_reaches_the_item(fusion: Fusion, bags: tuple, travel_dataset: Dataset) -> None:  # type: ignore[type-arg]
    table = ItemTable(travel_dataset.n_items, 8, bags, fusion, 0.0)
    table().sum().backward()
    for field in table.field_embeddings():
        assert field.embedding.grad is not None
        assert field.embedding.grad.any(), field.name


def test_sum_is_the_weighted_sum_of_value_embeddings(bags: tuple, travel_dataset: Dataset) -> None:  # type: ignore[type-arg]
    table = ItemTable(travel_dataset.n_items, 8, bags, "sum", 0.0)
    rows = table()
    item = 2  # carries two themes
    expected = table.ids[item]
    for encoded, field in zip(bags, table.field_embeddings(), strict=True):
        for entry in range(encoded.offsets[item], encoded.offsets[item + 1]):
            weight = float(encoded.weights[entry])
            expected = expected + weight * field.embedding[encoded.indices[entry]]
    torch.testing.assert_close(rows[item], expected)


def test_bags_of_lists_the_values_of_the_items_asked_for(bags: tuple) -> None:  # type: ignore[type-arg]
    table = ItemTable(60, 4, bags, "sum", 0.0)
    themes = next(f for f in table.field_embeddings() if f.name == "theme")
    rows, indices, weights = themes.bags_of(torch.tensor([1, 2, 2]))
    assert rows.tolist() == [1, 1, 2, 2], "item 1 has no theme"
    assert len(set(indices.tolist())) == 2
    assert weights.tolist() == [0.5] * 4


def test_id_dropout_hides_ids_only_while_training(bags: tuple) -> None:  # type: ignore[type-arg]
    torch.manual_seed(0)
    table = ItemTable(60, 4, bags, "sum", 0.5)
    trained, evaluated = table(), table.eval()()
    hidden = ((trained - evaluated).abs().sum(1) > 1e-6).float().mean()
    assert 0.2 < float(hidden) < 0.8
