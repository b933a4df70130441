"""Products as HTML: escaped, with pictures that can be read out."""

from __future__ import annotations

from base64 import b64decode

from nadeuri.web.product_cards import facts_html, image_html, place_of
from nadeuri.web.product_facts import head_html
from nadeuri.web.shop_types import Product

BAD = Product(
    item='"><script>',
    name='<img src=x onerror="alert(1)"> & 여행',
    country="<i>일본</i>",
    city="<i>오사카</i>",
    category="<u>",
    fields={"<s>": ("<q>", "둘"), "price": ("399900.0",), "nights": ("2",), "on_sale": ("N",)},
    clicks=1234,
)


def test_pictures_are_images_with_words() -> None:
    html = image_html(BAD)
    assert html.count("<") == 1
    assert 'alt="&lt;img src=x onerror=&quot;alert(1)&quot;&gt; &amp; 여행 그림"' in html
    svg = b64decode(html.split("base64,")[1].split('"')[0]).decode()
    assert svg.startswith("<svg xmlns=")
    assert image_html(BAD) == html


def test_facts_are_escaped() -> None:
    html = facts_html(BAD, note="<script>", tag="<b>")
    for tag in ("<script", "<i>", "<u>", "<b>"):
        assert tag not in html
    assert "nd-counts" in facts_html(Product(item="A"))


def test_what_is_known_of_a_product() -> None:
    html = head_html(BAD)
    assert "<dt>가격</dt><dd>399,900원</dd>" in html
    assert "<dt>숙박</dt><dd>2박 3일</dd>" in html
    assert "<dt>판매</dt><dd>판매하지 않음</dd>" in html
    assert "<dt>&lt;s&gt;</dt><dd>&lt;q&gt;, 둘</dd>" in html
    assert "조회 1,234회" in html
    assert "<script" not in html
    odd = Product(item="A", fields={"price": ("문의",), "nights": ("0.0",), "on_sale": ("Y",)})
    assert "<dd>문의</dd>" in head_html(odd)
    assert "숙박 없음" in head_html(odd)
    assert "판매 중" in head_html(odd)
    assert "조회" not in head_html(odd)


def test_a_city_that_is_a_country_is_said_once() -> None:
    assert place_of(Product(item="A", city="싱가포르", country="싱가포르")) == "싱가포르"
    assert place_of(Product(item="A")) == ""
