"""Product pictures: well formed, small, harmless, always the same, and of the right scene."""

from __future__ import annotations

import re
import subprocess
import sys
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nadeuri.data.sample.destinations import Destination, load_destinations
from nadeuri.data.sample.names import CATEGORIES
from nadeuri.web.art import MOST_BYTES, product_art
from nadeuri.web.drawing.hints import region_of, scene_of
from nadeuri.web.drawing.scenes import REGION_MARKS

SVG = "{http://www.w3.org/2000/svg}"
SHAPES = {f"{SVG}{name}" for name in ("svg", "g", "path", "rect", "circle", "ellipse")}
NUMBERS = re.compile(r"nan|inf|\de[-+]?\d", re.IGNORECASE)
TEXT = st.text(st.characters(exclude_categories=()), max_size=80)
ANY = st.none() | TEXT


@settings(max_examples=60)
@given(item=TEXT, name=ANY, city=ANY, country=ANY, category=ANY)
def test_any_words_give_a_small_harmless_picture(
    item: str, name: str | None, city: str | None, country: str | None, category: str | None
) -> None:
    check(product_art(item, name, city, country, category))


@settings(max_examples=60)
@given(
    item=st.text(max_size=8),
    place=st.sampled_from(load_destinations()),
    number=st.integers(0, 5),
    category=st.sampled_from(CATEGORIES),
)
def test_every_product_of_the_sample_world_has_one(
    item: str, place: Destination, number: int, category: str
) -> None:
    sight = place.sights[number % len(place.sights)]
    name = f"[{place.city}] {sight} 여행"
    check(product_art(item, name, place.city, place.country, category))


def check(art: str) -> None:
    assert len(art.encode()) <= MOST_BYTES
    root = ElementTree.fromstring(art)
    assert root.get("viewBox") == "0 0 400 300"
    for element in root.iter():
        assert element.tag in SHAPES
        assert not (element.text or "").strip()
        for key, value in element.attrib.items():
            assert key not in ("id", "style", "href")
            assert not key.startswith("on")
            if key not in ("aria-label", "xmlns"):
                assert "url(" not in value
                assert not NUMBERS.search(re.sub("#[0-9a-f]+", "", value))


def test_the_same_words_give_the_same_picture_in_every_process() -> None:
    words = ("POSA1003", "[오사카] 오사카성 입장권", "오사카", "일본", "투어·입장권")
    code = f"from nadeuri.web.art import product_art; print(product_art(*{words!r}))"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert told.stdout.strip() == product_art(*words)


def test_products_of_one_place_differ() -> None:
    arts = {product_art(f"P{n}", "[다낭] 다낭 여행", "다낭", "베트남", "패키지") for n in range(20)}
    assert len(arts) > 15


def test_what_is_read_out_is_escaped_and_short() -> None:
    art = product_art("A", '<script>"&' + "가" * 200, "", "", "")
    label = ElementTree.fromstring(art).get("aria-label")
    assert label is not None
    assert label.startswith("script &")
    assert len(label) <= 63
    assert "<script" not in art


@pytest.mark.parametrize(
    ("words", "scene"),
    [
        ("도톤보리 야시장 투어", "stalls"),
        ("에펠탑 입장권", "lattice"),
        ("하롱베이 자연 여행", "pillars"),
        ("와이키키 해변", "beach"),
        ("게로 온천", "spring"),
        ("아무 말", None),
    ],
)
def test_the_name_says_the_scene(words: str, scene: str | None) -> None:
    assert scene_of(["sight"], words) == scene


def test_regions() -> None:
    assert region_of("오사카", "일본", 0) == "japan"
    assert region_of("삿포로", "일본", 0) == "snow"
    assert region_of("어딘가", "", 3) == region_of("어딘가", "", 3)
    regions = {region_of(each.city, each.country, 0) for each in load_destinations()}
    assert regions <= set(REGION_MARKS)


def test_a_city_is_no_sight_of_itself() -> None:
    """``베이징`` is no bay: its own name is left out of the words that are looked at."""
    assert scene_of(["sight"], "베이징") is None
