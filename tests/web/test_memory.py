"""What pages remember of the API, and for how long."""

from __future__ import annotations

import pytest
from shop_double import ShopDouble
from streamlit.testing.v1 import AppTest

from nadeuri.web import memory

SCRIPT = """
import streamlit as st
from nadeuri.web.door import ApiError
from nadeuri.web.memory import remembered
from nadeuri.web.shop_api import ShopApi

try:
    st.text(remembered("models", None, ShopApi({url!r}).recommenders, ""))
except ApiError as error:
    st.error(str(error))
"""


@pytest.fixture
def page(shop: ShopDouble) -> AppTest:
    """A page that shows which models the server has, drawn once."""
    return AppTest.from_string(SCRIPT.format(url=shop.url), default_timeout=30).run()


def test_a_young_answer_is_not_asked_for_again(page: AppTest, shop: ShopDouble) -> None:
    shop.models = ["newer"]
    assert "meta_bert4rec" in page.run().text[0].value
    assert shop.asked == ["/readyz"]


def test_an_old_one_is(page: AppTest, shop: ShopDouble, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "MAX_AGE_S", 0.0)
    shop.models = ["newer"]
    assert "newer" in page.run().text[0].value


def test_an_old_one_is_better_than_none(
    page: AppTest, shop: ShopDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "MAX_AGE_S", 0.0)
    shop.broken.add("/readyz")
    assert "meta_bert4rec" in page.run().text[0].value
    shop.broken.clear()
    shop.missing.add("/readyz")
    assert page.run().error, "what the server has no more is shown no more"
