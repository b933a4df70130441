"""Two lists side by side."""

from __future__ import annotations

import pytest

from nadeuri.web.comparison import Mix, pair_of, shared_items
from nadeuri.web.comparison_cards import versus_html
from nadeuri.web.shop_types import Product

LEFT = [
    Product(item="A", city="오사카", country="일본", category="호텔"),
    Product(item="B", city="다낭", country="베트남", category="호텔"),
    Product(item="C", city="오사카", country="일본"),
]
RIGHT = [LEFT[0], LEFT[2]]


def test_how_mixed_a_list_is() -> None:
    mix = Mix.of(LEFT)
    assert mix.cities == (("오사카", 2), ("다낭", 1))
    assert mix.countries == (("일본", 2), ("베트남", 1))
    assert mix.categories == (("호텔", 2),), "what has no category is not counted"
    assert shared_items(LEFT, RIGHT) == {"A", "C"}


@pytest.mark.parametrize(
    ("served", "pair"),
    [
        (["meta_bert4rec", "bert4rec"], ("bert4rec", "meta_bert4rec")),
        (["ncf", "meta_bert4rec", "bert4rec"], ("bert4rec", "meta_bert4rec")),
        (["ncf", "meta_bert4rec"], ("ncf", "meta_bert4rec")),
        (["ncf", "ncf"], None),
        (["meta_bert4rec"], None),
        ([], None),
    ],
)
def test_which_models_are_compared(served: list[str], pair: tuple[str, str] | None) -> None:
    assert pair_of(served) == pair


def test_the_table_escapes_what_it_is_told() -> None:
    bad = [Product(item=f"{n}", city=f"<b>{n}</b>") for n in range(6)]
    html = versus_html(["<i>", "B"], [Mix.of(bad), Mix.of(RIGHT)], 0)
    assert "<b>0<" not in html
    assert "&lt;i&gt;" in html
    assert "<b>6곳</b>" in html
    assert "외 2" in html, "only the commonest are named"
    assert "두 목록이 모두 달라요" in html
    assert "<b>2개</b>" in versus_html(["A", "B"], [Mix.of(LEFT), Mix.of(RIGHT)], 2)
