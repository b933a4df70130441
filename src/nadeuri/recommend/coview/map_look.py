"""What the page and the picture of a product map have in common: colours, sizes and words."""

from __future__ import annotations

import math

from nadeuri import columns
from nadeuri.recommend.coview.map import K, MapField, Panel, ProductMap
from nadeuri.recommend.coview.separation import Separation

PALETTE = (
    *("#2f6fde", "#e07b39", "#12926e", "#c43d5f", "#a14fc4", "#b8860b", "#1892a8", "#8a5a44"),
    *("#e377c2", "#7a8450", "#5ecbe0", "#98c93c", "#f2b134", "#1f3a7a", "#7f1d1d", "#f08a8a"),
    *("#9d8df1", "#0b5d3b", "#5b2a86", "#6fcf97"),
)
"""Colours of the commonest values."""
OTHER_COLOUR, OTHER = "#c3c9d1", "기타"
COLD = "클릭 없는 상품 (상품 정보로 만든 벡터)"
_FIELD_TITLES = {
    columns.CITY: "도시",
    columns.COUNTRY: "나라",
    columns.CATEGORY: "상품 종류",
    columns.PRICE_BAND: "가격대",
}


def field_title(name: str) -> str:
    """A field as travellers call it; an unknown one by its own name."""
    return _FIELD_TITLES.get(name, name)


def own_colours(field: MapField) -> int:
    """How many of the field's values, from the first, have a colour of their own."""
    return min(len(field.values), len(PALETTE))


def marker_size(product_map: ProductMap) -> float:
    """Diameter of a product in pixels: smaller where there are many."""
    return min(8.0, max(3.5, 180 / math.sqrt(max(1, len(product_map.codes)))))


def measured(field: str, found: Separation) -> str:
    """How well a map separates the values of ``field``, in a line."""
    silhouette = "–" if found.silhouette is None else f"{found.silhouette:.2f}"
    return (
        f"{field_title(field)} 이웃 순도@{K} {found.purity:.2f} (우연이면 {found.by_chance:.2f})"
        f" · 실루엣 {silhouette}"
    )


def left_out(product_map: ProductMap, panel: Panel) -> str:
    """How many products are on a map, and how many have no vector, in a line."""
    without = product_map.n_products - panel.n_vectors
    shown = f"상품 {len(panel.rows):,}개"
    return f"{shown} · 벡터가 없는 {without:,}개는 제외" if without else shown
