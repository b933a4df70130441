"""Products that a visit has met, so that their names are asked for once."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from nadeuri.web.door import ApiError
from nadeuri.web.shop_api import ShopApi
from nadeuri.web.shop_types import Product

_KNOWN = "known-products"


def learn(products: Iterable[Product]) -> None:
    """These are known from now on."""
    known: dict[str, Product] = st.session_state.setdefault(_KNOWN, {})
    known.update((each.item, each) for each in products)


def known_product(api: ShopApi, code: str) -> Product:
    """A product by its code; one that the server does not know has nothing but that.

    Raises:
        ApiError: no answer.
    """
    known: dict[str, Product] = st.session_state.setdefault(_KNOWN, {})
    if code not in known:
        try:
            known[code] = api.product(code)
        except ApiError as error:
            if error.status != 404:
                raise
            known[code] = Product(item=code)
    return known[code]
