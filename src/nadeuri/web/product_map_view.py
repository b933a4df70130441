"""The map of products on a page: tabs of models, colours, and a click that opens a product."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from nadeuri.columns import CITY, COUNTRY
from nadeuri.web.door import ApiError
from nadeuri.web.look import show_section
from nadeuri.web.memory import remembered
from nadeuri.web.model_names import model_name
from nadeuri.web.product_cards import CODE
from nadeuri.web.product_map import Legend, legend_of, map_figure
from nadeuri.web.shop_api import ShopApi
from nadeuri.web.shop_types import MapPanel, Product, ProductMap

_COLOURED_BY = {CITY: "도시", COUNTRY: "나라"}
_EMPTY = "이 서버에는 상품 지도가 없어요. 지도는 상품 벡터를 내보낼 때 만들어져요."


def show_map(api: ShopApi, product: Product, neighbours: Sequence[Product]) -> None:
    """The map with this product and its neighbours marked, or that there is none.

    Raises:
        ApiError: no answer.
    """
    show_section("상품 지도", "함께 보는 상품일수록 가까이 있어요")
    panels = [each for each in _panels(api) if each.points]
    if not panels:
        st.html(f'<p class="nd-empty-map">{_EMPTY}</p>')
        return
    names = [model_name(each.model) for each in panels]
    tabs = st.tabs(names, key="tabs-of-map", on_change="rerun")
    for tab, panel, name in zip(tabs, panels, names, strict=True):
        if tab.open:  # a chart in a hidden tab would not know its width
            with tab:
                _show_panel(panel, name, product, neighbours)


def _panels(api: ShopApi) -> Sequence[MapPanel]:
    """Of the server's map; none where it shows none."""

    def ask() -> ProductMap:
        try:
            return api.product_map()
        except ApiError as error:
            if error.is_not_offered:
                return ProductMap(panels=())
            raise

    return remembered("product-map", None, ask, "지도를 불러오고 있어요").panels


def _show_panel(
    panel: MapPanel, name: str, product: Product, neighbours: Sequence[Product]
) -> None:
    field = st.segmented_control(
        "색", list(_COLOURED_BY), key=f"colour-of-map-{panel.model}", default=CITY, required=True,
        format_func=lambda each: f"{_COLOURED_BY[each]}별 색", label_visibility="collapsed",
    )  # fmt: skip
    codes = {each.item for each in neighbours}
    # of this product: what was selected on the map of the one before is not selected here
    key = f"product-map-{panel.model}-{product.item}"
    with st.container(key="map-products"):
        st.plotly_chart(
            map_figure(panel, field, product.item, codes),
            key=key,
            on_select=lambda: _open_selected(key),
            selection_mode="points",
            config={"displayModeBar": False, "scrollZoom": False},
            alt=_alt(panel, name, product, neighbours),
        )
    if all(each.item != product.item for each in panel.points):
        st.caption("이 상품은 이 지도에 없어요. 지도에는 상품의 일부만 그리기도 해요.")
    st.html(_legend_html(legend_of(panel, field)))


def _open_selected(key: str) -> None:
    """The page is of the product from now on that was clicked on the map."""
    points = st.session_state[key]["selection"]["points"]
    if points:
        st.query_params[CODE] = points[0]["customdata"][0]


def _alt(panel: MapPanel, name: str, product: Product, neighbours: Sequence[Product]) -> str:
    near = ", ".join(each.title for each in neighbours)
    beside = f" 함께 본 상품: {near}" if near else ""
    return f"{name} 상품 지도: 상품 {len(panel.points):,}개 가운데 {product.title}.{beside}"


def _legend_html(legend: Sequence[Legend]) -> str:
    """What the marks are, and each colour by its name."""
    marks = (
        '<li><b class="nd-star">★</b>이 상품</li><li><b class="nd-ring"></b>함께 본 상품</li>'
        "<li><b>◇</b>새 상품</li>"
    )
    colours = "".join(
        f'<li><i style="background: {each.colour}"></i>{escape(each.name)} '
        f"<small>{each.count:,}</small></li>"
        for each in legend
    )
    return f'<ul class="nd-legend">{marks}</ul><ul class="nd-legend">{colours}</ul>'
