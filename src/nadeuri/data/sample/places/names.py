"""Invented names of eating places: three parts, none of which is a brand."""

from __future__ import annotations

from numpy.random import Generator

from nadeuri.data.sample.places.categories import Category
from nadeuri.data.sample.places.geography import Spot, Town
from nadeuri.data.sample.questions.grammar import pick

_FIRST = (
    "돌담", "바당", "오름", "올레", "귤밭", "노을", "파도", "곶자왈", "물질", "테왁", "숨비",
    "동백", "유채", "한라", "초록", "봄날", "달빛", "별빛", "바람", "구름", "수국", "억새",
    "정낭", "물허벅", "하늘", "푸른", "하얀", "검은돌", "작은", "느린", "고운", "옛날", "새벽",
    "아침", "윤슬", "포구", "등대", "갯마을", "해녀", "섬", "탐라", "백록", "삼다", "감귤",
    "청귤", "메밀꽃", "보리", "소라",
)  # fmt: skip
_SECOND = (
    "마당", "정원", "언덕", "골목", "창고", "마루", "부엌", "마을", "이야기", "풍경", "그늘",
    "뜰", "쉼터", "길", "하루", "안뜰", "바다", "숲", "모퉁이", "상회", "공방", "할망", "삼촌",
    "어멍", "자리", "우물", "나루", "서재", "온실", "터", "집", "밭담", "소풍", "산책", "오후",
    "계절",
)  # fmt: skip
_TRIES = 40


def draw_name(rng: Generator, category: Category, town: Town, spot: Spot, taken: set[str]) -> str:
    """A name that no other place has; it is added to ``taken``."""
    area = (spot.village or town.name).removesuffix("리").removesuffix("동").rstrip("123")
    for _ in range(_TRIES):
        first, second, kind = pick(rng, _FIRST), pick(rng, _SECOND), pick(rng, category.kinds)
        name = pick(
            rng,
            (f"{first}{second} {kind}", f"{first}{kind}", f"{area} {first}{kind}",
             f"{kind} {first}{second}", f"{first}{second}", f"{area}{second} {kind}"),
        )  # fmt: skip
        if name not in taken:
            break
    while name in taken:
        name = f"{name} {area}점" if not name.endswith("점") else f"{name[:-1]}{len(taken)}호점"
    taken.add(name)
    return name
