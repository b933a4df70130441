"""The synthetic catalogue."""

from __future__ import annotations

import unicodedata

import numpy as np
import pytest

from nadeuri.data.sample import season
from nadeuri.data.sample.catalogue import (
    MULTI_DELIMITER,
    N_CATEGORIES,
    PRICE_BANDS,
    TOP_BAND,
    Catalogue,
    build_catalogue,
)
from nadeuri.data.sample.names import BUDGET, CATEGORIES, PREMIUM
from nadeuri.data.sample.sizes import SIZES


@pytest.fixture(scope="module")
def demo() -> Catalogue:
    return build_catalogue(SIZES["demo"], np.random.default_rng(0))


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_every_city_sells_every_category(size) -> None:
    catalogue = build_catalogue(size, np.random.default_rng(1))
    assert len(catalogue) == size.items == catalogue.table.num_rows
    assert len(catalogue.places) == size.cities
    assert len(set(catalogue.codes)) == size.items
    assert len(catalogue.cells) == size.cities * N_CATEGORIES + 1
    assert (np.diff(catalogue.cells) >= 1).all()
    cell = catalogue.city.astype(int) * N_CATEGORIES + catalogue.category
    assert (np.diff(cell) >= 0).all()
    firsts = catalogue.cells[:-1]
    assert (catalogue.weight[firsts] > 0).all()
    assert (catalogue.starts[firsts] == season.START).all()


def test_some_items_are_cold_and_some_start_late(demo: Catalogue) -> None:
    assert (demo.weight == 0).sum() == round(0.05 * len(demo))
    late = demo.starts > season.START
    assert late.sum() == round(0.15 * len(demo))
    assert (demo.weight[late] > 0).all()
    assert demo.starts[late].min() >= season.START + 0.5 * season.DAYS * season.DAY_S
    assert demo.starts.max() < season.START + season.DAYS * season.DAY_S


def test_companions_are_other_products_of_the_city(demo: Catalogue) -> None:
    own = np.arange(len(demo))[:, None]
    assert (demo.companions != own).all()
    assert (demo.city[demo.companions] == demo.city[:, None]).all()
    assert (demo.weight[demo.companions] > 0).all()


def test_rows_agree_with_themselves(demo: Catalogue) -> None:
    countries = {place.code: place.country for place in demo.places}
    for row in demo.table.to_pylist():
        assert row["goods_cd"][1:4] == row["city_cd"]
        assert row["nation_nm"] == countries[row["city_cd"]]
        assert row["city_nm"] in row["goods_nm"]
        assert row["ctgr_nm"] in CATEGORIES
        assert unicodedata.is_normalized("NFC", row["goods_nm"])
        limit = next((lim for lim, band in PRICE_BANDS if row["sale_price"] < lim), None)
        assert row["price_grp"] == (dict(PRICE_BANDS)[limit] if limit else TOP_BAND)
        assert row["sale_price"] % 100 == 0
        if row["nights"] > 1:
            assert f"{row['nights'] + 1}일" in row["goods_nm"]


def test_themes_have_several_values_or_none(demo: Catalogue) -> None:
    themes = demo.table["thema"].to_pylist()
    counts = {len(text.split(MULTI_DELIMITER)) if text else 0 for text in themes}
    assert {0, 1, 2, 3} <= counts
    dear = [text or "" for text, grade in zip(themes, demo.grade, strict=True) if grade > 0.8]
    assert all(PREMIUM in text and BUDGET not in text for text in dear)


def test_names_are_nearly_unique(demo: Catalogue) -> None:
    names = demo.table["goods_nm"].to_pylist()
    assert len(set(names)) > 0.9 * len(names)
