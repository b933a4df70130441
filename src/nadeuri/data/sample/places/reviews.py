"""Reviews of a place: what its traits let people say, in varied Korean with slips of the keys."""

from __future__ import annotations

import csv
import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files

import numpy as np

from nadeuri import columns
from nadeuri.data.sample.places.drawn import Drawn, generator
from nadeuri.data.sample.places.traits import (
    COMPANION_KEYWORDS,
    KEYWORDS,
    TASTE_KEYWORDS,
    companion_shares,
    quality,
)
from nadeuri.data.sample.questions.noise import Tagged, roughen
from nadeuri.korean import josa

SOURCES = ("나들지도", "섬마을지도", "맛길지도")
"""Invented map services."""

FIRST_DAY, DAYS = date(2024, 11, 1), 730
"""Reviews are written within two years from this day."""

_STREAM = 1
_ROUGH_SHARE = 0.3
_RATED_SHARE = 0.75
_OPENING_SHARE, _COMPANION_SHARE, _CLOSING_SHARE = 0.35, 0.35, 0.4
_KEYWORD_SHARE = 0.7  # of what a review praises, this share is ticked as well
_POSITIVE, _NEGATIVE = "+", "-"
_MONTH = "○"  # stands for the month of the visit in the table of sentences
_SEASIDE = re.compile("바다|오션|노을|창가")
_CHOICE = re.compile(r"\[([^\]]*)\]")
_PARTICLES = {"이": ("이", "가"), "을": ("을", "를"), "은": ("은", "는")}


@dataclass(frozen=True)
class Review:
    """One review; ``rating`` is 1 to 5 or None."""

    source: str
    text: str
    date: date
    rating: float | None
    keywords: tuple[str, ...]


def draw_reviews(place: Drawn, n: int, seed: int, sights: Sequence[str]) -> list[Review]:
    """``n`` reviews of ``place``.

    Args:
        sights: names of attractions nearby, which some reviews mention.
    """
    if n == 0:
        return []
    rng = generator(seed, _STREAM, place.number)
    speaker = _Speaker(place, sights)
    names = list(KEYWORDS)
    level = np.array([place.traits[name] for name in names])
    # what stands out is spoken of: strong and weak traits more than middling ones, taste most
    salience = 0.1 + np.abs(level - 0.5) ** 1.5 * np.where(level < 0.5, 0.35, 1.0)
    salience[names.index("taste")] += 0.5
    odds = salience / salience.sum()
    topics = rng.choice(len(names), (n, 3), p=odds)
    n_topics = rng.choice(3, n, p=[0.25, 0.45, 0.3]) + 1
    liked = rng.random((n, 3)) < _liking(level)[topics]
    uniform = rng.random((n, 12))
    company = companion_shares(place.traits, place.category)
    whom = rng.choice(len(company), n, p=list(company.values()))
    days = rng.integers(0, DAYS, n)
    stars = rng.normal(1.6 + 4.2 * quality(place.traits), 0.7, n)
    sources = rng.choice(len(SOURCES), n, p=[0.5, 0.3, 0.2])
    companions = list(company)
    reviews = []
    for i in range(n):
        u = uniform[i].tolist()
        said = dict(zip(topics[i, : n_topics[i]].tolist(), liked[i].tolist(), strict=False))
        companion = companions[whom[i]]
        day = FIRST_DAY + timedelta(days=int(days[i]))
        text = " ".join(_sentences(speaker, names, said, companion, day.month, u))
        if u[8] < _ROUGH_SHARE:
            text = roughen(Tagged(text), rng).text
        good = sum(said.values()) / len(said)
        rating = min(5.0, max(1.0, float(round(stars[i] + 2 * good - 1.3))))
        reviews.append(
            Review(
                source=SOURCES[sources[i]],
                text=text,
                date=day,
                rating=rating if u[9] < _RATED_SHARE else None,
                keywords=_keywords(names, said, companion, place, u[10]),
            )
        )
    return reviews


def _liking(level: np.ndarray) -> np.ndarray:
    """How likely someone who speaks of a trait praises it."""
    return np.asarray(1 / (1 + np.exp(-7 * (level - 0.42))))


def _sentences(
    speaker: _Speaker,
    names: list[str],
    said: dict[int, bool],
    companion: str,
    month: int,
    u: list[float],
) -> list[str]:
    parts = []
    if u[0] < _OPENING_SHARE:
        opening = speaker.say("opening", "any", u[0] / _OPENING_SHARE, u[11])
        parts.append(opening.replace(_MONTH, str(month)))
    elif u[0] < _OPENING_SHARE + _COMPANION_SHARE:
        share = (u[0] - _OPENING_SHARE) / _COMPANION_SHARE
        parts.append(speaker.say("opening", companion, share, u[11]))
        odd = {"elders", "kids", "spacious"} if companion == "혼자" else {"solo"}
        said = {topic: good for topic, good in said.items() if names[topic] not in odd} or said
    for at, (topic, good) in enumerate(said.items(), 1):
        parts.append(speaker.say(names[topic], _POSITIVE if good else _NEGATIVE, u[at], u[at + 3]))
    if u[7] < _CLOSING_SHARE:
        mostly = sum(said.values()) * 2 > len(said)
        sign = _POSITIVE if mostly else _NEGATIVE
        parts.append(speaker.say("closing", sign, u[7] / _CLOSING_SHARE, u[11]))
    return parts


def _keywords(
    names: list[str], said: dict[int, bool], companion: str, place: Drawn, u: float
) -> tuple[str, ...]:
    if u >= _KEYWORD_SHARE:
        return ()
    praised = [names[topic] for topic, good in said.items() if good]
    words = KEYWORDS | {
        "taste": TASTE_KEYWORDS.get(place.category.name, KEYWORDS["taste"]),
    }
    ticked = [words[name] for name in praised]
    suits, keyword = COMPANION_KEYWORDS.get(companion, (None, ""))
    if suits is not None and place.traits[suits] > 0.5:
        ticked.append(keyword)
    return tuple(dict.fromkeys(ticked))


class _Speaker:
    """The sentences that can be said of one place, its words already in them."""

    def __init__(self, place: Drawn, sights: Sequence[str]) -> None:
        self._inland = place.spot.inland
        self._dishes = [_forms(item.name) for item in place.menu if item.is_main]
        self._words = {
            "동네": place.spot.village or place.town.name,
            "분": str(max(10, 5 * round(place.waiting_minutes / 5))),
        }
        self._sights = sights
        self._own: dict[tuple[str, str], list[str]] = {}

    def say(self, topic: str, sign: str, which: float, word: float) -> str:
        """A sentence on ``topic``; ``which`` and ``word`` from 0 to 1 choose it and its words."""
        own = self._own.get((topic, sign))
        if own is None:
            own = [sentence for sentence in _sentence_table()[topic, sign] if self._fits(sentence)]
            self._own[topic, sign] = own
        sentence = own[int(which * len(own)) % len(own)]
        if "{" not in sentence:
            return sentence
        words = self._words | self._dishes[int(word * len(self._dishes))]
        if self._sights:
            words["관광지"] = self._sights[int(word * len(self._sights))]
        return sentence.format_map(words)

    def _fits(self, sentence: str) -> bool:
        if self._inland and _SEASIDE.search(sentence):
            return False
        return bool(self._sights) or "{관광지}" not in sentence


def _forms(dish: str) -> dict[str, str]:
    """The dish alone and with each particle, under the names that sentences use."""
    return {"메뉴": dish} | {f"메뉴{key}": josa(dish, *pair) for key, pair in _PARTICLES.items()}


@cache
def _sentence_table() -> dict[tuple[str, str], list[str]]:
    """Sentences by topic and sign, alternatives written out."""
    table: dict[tuple[str, str], list[str]] = {}
    resource = files("nadeuri.data.sample.places").joinpath("sentences.tsv")
    with resource.open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            table.setdefault((row["topic"], row["sign"]), []).extend(_expand(row["sentence"]))
    assert set(KEYWORDS) <= {topic for topic, _ in table}
    assert all(("opening", name) in table for name in columns.COMPANIONS)
    return table


def _expand(sentence: str) -> list[str]:
    """``a [b|c]`` as ``a b`` and ``a c``."""
    parts = _CHOICE.split(sentence)  # plain text and alternatives in turn
    options = [part.split("|") if at % 2 else [part] for at, part in enumerate(parts)]
    return ["".join(chosen) for chosen in itertools.product(*options)]
