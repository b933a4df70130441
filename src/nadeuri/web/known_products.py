"""Products that a visit has met, so that their names are asked for once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import streamlit as st

from nadeuri.web.door import ApiError
from nadeuri.web.shop_api import ShopApi
from nadeuri.web.shop_types import Product

_KNOWN = "known-products"


def learn(products: Iterable[Product]) -> None:
    """These are known from now on."""
    known: dict[str, Product] = st.session_state.setdefault(_KNOWN, {})
    known.update((each.item, each) for each in products)


def known_products(api: ShopApi, codes: Sequence[str]) -> list[Product]:
    """Products by their codes; one that the server does not tell of has nothing but that.

    Raises:
        ApiError: no answer.
    """
    known: dict[str, Product] = st.session_state.setdefault(_KNOWN, {})
    place = st.empty()  # there whether or not it is needed, so that what follows keeps its place
    if missing := [code for code in codes if code not in known]:
        with place, st.spinner("본 상품을 불러오고 있어요"):
            known.update((code, _product(api, code)) for code in missing)
    return [known[code] for code in codes]


def _product(api: ShopApi, code: str) -> Product:
    try:
        return api.product(code)
    except ApiError as error:
        if not error.is_not_offered:
            raise
        return Product(item=code)
