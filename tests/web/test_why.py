"""Reasons in Korean."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nadeuri.web.shop_types import Shared
from nadeuri.web.why import ALIKE, MANY_VIEW, why_text


def shared(field: str, value: str, count: int) -> Shared:
    return Shared(field=field, value=value, count=count)


OSAKA, JAPAN = shared("city", "오사카", 3), shared("country", "일본", 3)
PACKAGE, FAMILY = shared("category", "패키지", 1), shared("theme", "가족", 2)
CHEAP, OWN = shared("price_band", "10~30만원", 2), shared("mood", "온천", 1)


@pytest.mark.parametrize(
    ("why", "text"),
    [
        ([OSAKA], "최근 본 오사카 상품 3개와 같은 도시예요"),
        ([OSAKA, JAPAN], "최근 본 오사카 상품 3개와 같은 도시예요"),
        ([JAPAN], "최근 본 일본 상품 3개와 같은 나라예요"),
        ([PACKAGE], "최근 본 패키지 상품과 같은 종류예요"),
        ([OSAKA, PACKAGE], "최근 본 오사카 상품 3개와 도시가, 패키지 상품과 종류가 같아요"),
        (
            [JAPAN, OSAKA, FAMILY],
            "최근 본 오사카 상품 3개와 도시가, 상품 2개와 테마 ‘가족’이 같아요",
        ),
        ([CHEAP], "최근 본 상품 2개와 가격대 ‘10~30만원’이 같아요"),
        ([OWN], "최근 본 상품과 ‘온천’이 같아요"),
        ([shared("theme", "효도", 1)], "최근 본 상품과 테마 ‘효도’가 같아요"),
        ([], ALIKE),
    ],
)
def test_sentences(why: list[Shared], text: str) -> None:
    assert why_text(why) == text


def test_what_is_popular_is_said_to_be() -> None:
    assert why_text([OSAKA], is_popular=True) == MANY_VIEW


@given(
    st.lists(
        st.builds(
            shared,
            st.sampled_from(["city", "country", "category", "theme", "price", "x"]),
            st.text(max_size=9),
            st.integers(1, 99),
        ),
        max_size=3,
    )
)
def test_any_reasons_make_one_sentence(why: list[Shared]) -> None:
    assert why_text(why).endswith(("예요", "같아요", "이에요"))
