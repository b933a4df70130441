"""Traits of a place, and what follows from them for those who come and why.

A trait is a number from 0 to 1. It is never written to a table: tables show what follows from it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence, Set

import numpy as np
from numpy.random import Generator

from nadeuri import columns
from nadeuri.data.sample.places.categories import BARS, CAFES, SHARED_TABLES, Category

Traits = Mapping[str, float]

KEYWORDS = {
    "taste": "음식이 맛있어요",
    "fresh": "재료가 신선해요",
    "value": "가성비가 좋아요",
    "portion": "양이 많아요",
    "kind": "친절해요",
    "clean": "매장이 청결해요",
    "mood": "분위기가 좋아요",
    "view": "뷰가 좋아요",
    "quiet": "조용해요",
    "spacious": "매장이 넓어요",
    "parking": "주차하기 편해요",
    "kids": "아이와 가기 좋아요",
    "elders": "부모님과 가기 좋아요",
    "solo": "혼밥하기 좋아요",
    "pets": "반려동물과 가기 좋아요",
    "photo": "사진이 잘 나와요",
    "swift": "음식이 빨리 나와요",
    "local": "현지인 맛집이에요",
}
"""Each trait, and the keyword that reviewers tick for it."""

TASTE_KEYWORDS = {
    "카페": "커피가 맛있어요",
    "베이커리": "빵이 맛있어요",
    "디저트": "디저트가 맛있어요",
    "전통찻집": "차가 맛있어요",
}
"""What is ticked for taste where people do not come for a meal."""

COMPANION_KEYWORDS = {
    "혼자": ("solo", "혼밥하기 좋아요"),
    "부모님": ("elders", "부모님과 가기 좋아요"),
    "아이": ("kids", "아이와 가기 좋아요"),
    "반려동물": ("pets", "반려동물과 가기 좋아요"),
    "단체": ("spacious", "단체모임 하기 좋아요"),
}
"""Who ticks what, at places that have the trait."""

_MEANS = {"taste": 0.66, "kind": 0.62, "clean": 0.6, "pets": 0.2, "fresh": 0.55, "view": 0.4}
_CONCENTRATION = 5.0  # of the beta distribution of a trait: small numbers make places differ
_INLAND_VIEW = 0.25  # what the view loses where the sea is out of sight

_PURPOSES: Mapping[str, tuple[float, Traits]] = {
    "데이트": (1.0, {"mood": 3, "view": 1.5, "photo": 1, "quiet": 0.6, "elders": -0.8}),
    "가족 모임": (1.0, {"kids": 2, "elders": 2.5, "spacious": 1.2, "parking": 0.6}),
    "혼밥": (0.6, {"solo": 4, "swift": 0.8, "spacious": -0.8}),
    "회식": (0.6, {"spacious": 3.5, "portion": 1, "value": 0.5}),
    "기념일": (0.4, {"mood": 3, "view": 1.2, "clean": 0.8, "value": -1}),
    "여행": (1.6, {"view": 1.2, "photo": 1.5, "local": -1.5, "taste": 0.8}),
    "친목": (0.9, {"value": 1, "mood": 1, "spacious": 0.8, "portion": 0.5}),
    "작업": (0.5, {"quiet": 3, "solo": 2, "spacious": 0.5}),
    "산책": (0.6, {"view": 2.5, "pets": 2, "quiet": 0.8}),
}
_COMPANIONS: Mapping[str, tuple[float, Traits]] = {
    "혼자": (0.7, {"solo": 4, "quiet": 0.8, "spacious": -0.8}),
    "연인": (1.2, {"mood": 3, "view": 1.2, "photo": 1.2, "elders": -1}),
    "배우자": (0.9, {"mood": 1, "elders": 1, "taste": 1, "quiet": 0.6}),
    "부모님": (0.9, {"elders": 5, "parking": 0.8, "clean": 0.6}),
    "아이": (0.8, {"kids": 5, "spacious": 0.6, "parking": 0.6}),
    "친구": (1.3, {"photo": 1, "value": 1, "mood": 0.6}),
    "동료": (0.6, {"spacious": 1.5, "value": 1, "swift": 0.8, "local": 1}),
    "반려동물": (0.25, {"pets": 6}),
    "단체": (0.35, {"spacious": 4, "portion": 0.8}),
}
_AGES: Mapping[str, tuple[float, Traits]] = {
    "10대이하": (0.4, {"kids": 2, "value": 0.6}),
    "20대": (1.3, {"photo": 2, "mood": 1, "elders": -1.5}),
    "30대": (1.5, {"mood": 0.8, "kids": 1, "photo": 0.6}),
    "40대": (1.3, {"kids": 1.2, "taste": 0.6, "parking": 0.4}),
    "50대": (1.1, {"elders": 1.8, "local": 0.6}),
    "60대이상": (0.8, {"elders": 4, "quiet": 0.5, "photo": -1}),
}
_GENDERS: Mapping[str, tuple[float, Traits]] = {
    "여성": (1.0, {"photo": 1, "mood": 0.8, "clean": 0.4}),
    "남성": (1.0, {"portion": 0.8, "swift": 0.4}),
}
_RESIDENCES: Mapping[str, tuple[float, Traits]] = {
    "현지인": (1.0, {"local": 3, "value": 0.6}),
    "방문객": (1.4, {"view": 1, "photo": 1}),
}


def draw_traits(rng: Generator, category: Category, *, inland: bool) -> dict[str, float]:
    """Traits of one place of ``category``."""
    drawn = {}
    for name in KEYWORDS:
        mean = category.traits.get(name, _MEANS.get(name, 0.5))
        if name == "view" and inland:
            mean = max(0.05, mean - _INLAND_VIEW)
        drawn[name] = float(rng.beta(mean * _CONCENTRATION, (1 - mean) * _CONCENTRATION))
    return drawn


def purpose_shares(traits: Traits, category: Category) -> dict[str, float]:
    """What visits are for; the shares add up to 1."""
    return _shares(traits, _PURPOSES, columns.PURPOSES, without=_odd_purposes(category))


def companion_shares(traits: Traits, category: Category) -> dict[str, float]:
    """Who comes along; the shares add up to 1."""
    odd = {"아이"} if category.name in BARS else set()
    return _shares(traits, _COMPANIONS, columns.COMPANIONS, without=odd)


def people_shares(traits: Traits) -> dict[str, dict[str, float]]:
    """Shares of age bands, genders and residences, which add up to 1 in each dimension."""
    return {
        dimension: _shares(traits, weights, columns.SEGMENTS[dimension])
        for dimension, weights in (
            (columns.AGE, _AGES),
            (columns.GENDER, _GENDERS),
            (columns.RESIDENCE, _RESIDENCES),
        )
    }


def quality(traits: Traits) -> float:
    """How good a place is on the whole, from 0 to 1."""
    parts = {"taste": 0.45, "kind": 0.2, "clean": 0.1, "value": 0.1, "mood": 0.1, "swift": 0.05}
    return sum(share * traits[name] for name, share in parts.items())


def jitter(rng: Generator, shares: Sequence[float], strength: float) -> np.ndarray:
    """``shares`` as they might be counted in one month: around them, and adding up to 1."""
    wanted = np.asarray(shares)
    noisy = wanted * rng.gamma(strength, 1 / strength, len(wanted))
    return np.asarray(noisy / noisy.sum())


def _odd_purposes(category: Category) -> set[str]:
    odd = set[str]()
    if category.name not in CAFES:
        odd |= {"작업", "산책"}
    if category.name not in SHARED_TABLES:
        odd.add("회식")
    if category.name in BARS:
        odd.add("가족 모임")
    if category.name in CAFES:
        odd.add("혼밥")
    return odd


def _shares(
    traits: Traits,
    weights: Mapping[str, tuple[float, Traits]],
    names: Sequence[str],
    without: Set[str] = frozenset(),
) -> dict[str, float]:
    """Base rate times the exponential of what the traits speak for it, made to add up to 1."""
    odds = {
        name: weights[name][0]
        * math.exp(sum(pull * (traits[trait] - 0.5) for trait, pull in weights[name][1].items()))
        for name in names
        if name not in without
    }
    total = sum(odds.values())
    return {name: odd / total for name, odd in odds.items()}
