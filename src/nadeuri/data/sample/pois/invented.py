"""Invented places: hotels, eating places, shops, spas, alleys, and branches of chains.

A name is made of the same parts in Korean, English and the language of the country, so that the
two databases can write it each in its own way. Two alleys of one kind lie near each other, eating
places lie inside hotels and malls, and chains have branches: pairs that a mapping must not confuse.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from numpy.random import Generator

from nadeuri.data.sample.pois import categories as kinds
from nadeuri.data.sample.pois.geography import City, read_rows
from nadeuri.data.sample.questions.grammar import pick

_STREET = "street"
_KIND_ODDS = {
    kinds.RESTAURANT: 0.30,
    kinds.HOTEL: 0.21,
    kinds.CAFE: 0.13,
    kinds.SHOP: 0.13,
    kinds.SPA: 0.06,
    kinds.ALLEY: 0.06,
    kinds.MARKET: 0.04,
    kinds.PARK: 0.04,
    kinds.TEMPLE: 0.03,
}
_CHAIN_SHARE = 0.3
_TWO_WORDS_SHARE = 0.6
_RUN_TOGETHER = ("ja", "zh")  # words are not set apart
_KIND_FIRST = ("vi", "th", "fr", "it", "es", "id")  # "Nhà hàng Hoa Sen"
_ONE_WORD = ("ko",)  # "한빛로"


@dataclass(frozen=True)
class Words:
    """The same word or name in three languages."""

    name: str
    name_en: str
    name_local: str


@dataclass(frozen=True)
class Label:
    """What an invented place is called.

    Attributes:
        words: its name without a branch.
        kind: a category.
        chain: Korean name of its chain, or "".
    """

    words: Words
    kind: str
    chain: str = ""


def draw_label(rng: Generator, city: City, kind: str | None = None) -> Label:
    """Name and kind of an invented place; of ``kind``, if given."""
    if kind is None:
        kind = str(rng.choice(list(_KIND_ODDS), p=list(_KIND_ODDS.values())))
    chains = _chains().get(kind)
    if chains and rng.random() < _CHAIN_SHARE:
        chain = pick(rng, chains)
        local = chain.name_local if city.language == "ja" else chain.name_en
        words = Words(chain.name, chain.name_en, chain.name if city.language == "ko" else local)
        return Label(words, kind, chain.name)
    head = _head(rng, city.language)
    return Label(_joined(city.language, head, pick(rng, _words(city.language, kind))), kind)


def branch(label: Words, district: Words, language: str) -> Words:
    """A chain's branch: 난바점, Namba, 難波店."""
    local = f"{label.name_local} {district.name_local}"
    if language in _RUN_TOGETHER:
        local = f"{label.name_local}{district.name_local}店"
    elif language == "ko":
        local = f"{label.name_local} {district.name_local.replace(' ', '')}점"
    return Words(
        f"{label.name} {district.name.replace(' ', '')}점",
        f"{label.name_en} {district.name_en}",
        local,
    )


def inside(label: Words, container: Words, language: str) -> Words:
    """A place that carries the name of the hotel or mall that it lies in."""
    gap = "" if language in _RUN_TOGETHER else " "
    return Words(
        f"{container.name} {label.name}",
        f"{label.name_en} at {container.name_en}",
        f"{container.name_local}{gap}{label.name_local}",
    )


def street(rng: Generator, city: City) -> Words:
    """Name of a street."""
    head = pick(rng, _words(city.language, "word"))
    kind = pick(rng, _words(city.language, _STREET))
    if city.language in _ONE_WORD:
        return Words(head.name + kind.name, head.name_en + kind.name_en, head.name + kind.name)
    return _joined(city.language, head, kind)


def _head(rng: Generator, language: str) -> Words:
    words = _words(language, "word")
    first = pick(rng, words)
    if rng.random() >= _TWO_WORDS_SHARE:
        return first
    second = pick(rng, words)
    gap = "" if language in _RUN_TOGETHER else " "
    return Words(
        f"{first.name} {second.name}",
        f"{first.name_en} {second.name_en}",
        f"{first.name_local}{gap}{second.name_local}",
    )


def _joined(language: str, head: Words, kind: Words) -> Words:
    if language in _KIND_FIRST:
        local = f"{kind.name_local} {head.name_local}"
    else:
        gap = "" if language in _RUN_TOGETHER else " "
        local = f"{head.name_local}{gap}{kind.name_local}"
    return Words(f"{head.name} {kind.name}", f"{head.name_en} {kind.name_en}", local)


def _words(language: str, kind: str) -> Sequence[Words]:
    return _lexicon()[language, kind]


@cache
def _lexicon() -> dict[tuple[str, str], list[Words]]:
    lexicon: dict[tuple[str, str], list[Words]] = {}
    for row in read_rows("words.tsv"):
        words = Words(row["name"], row["name_en"], row["name_local"])
        lexicon.setdefault((row["language"], row["kind"]), []).append(words)
    return lexicon


@cache
def _chains() -> dict[str, list[Words]]:
    chains: dict[str, list[Words]] = {}
    for row in read_rows("chains.tsv"):
        chains.setdefault(row["kind"], []).append(
            Words(row["name"], row["name_en"], row["name_ja"])
        )
    return chains
