"""The names that questions may mention: those of the graph, and the wordings that ask for them."""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from typing import Any, Literal

from nadeuri.guide.plan import Area, Dimension, Segment

Kind = Literal[
    "area",
    "category",
    "menu",
    "attraction",
    "purpose",
    "companion",
    "keyword",
    "segment",
    "place",
]
NamedKind = Literal["category", "menu", "attraction", "purpose", "companion", "keyword", "place"]

MIN_SIMILARITY = 0.79
"""Of sounds, for a misspelt name: 에월흑대지 is near enough, 부산 is no 용산."""

_SUFFIXES = ("읍", "면", "동", "리", "시")
_NUMBERS = dict(zip("123일이삼", "일이삼123", strict=True))
_ISLAND = "제주"
_BEACHES = ("해수욕장", "해변")
_SHORTEST_STEM = 2
_SHORTEST_SIGHT = 3
_SHORTEST_MISSPELT = 2
_AS_IT_SOUNDS = str.maketrans("ᅢᅤᅨᅫᅬᄁᄄᄈᄊᄍ", "ᅦᅦᅦᅰᅰᄀᄃᄇᄉᄌ")  # NFD letters


@dataclass(frozen=True)
class Name:
    """A name of the graph."""

    kind: Kind
    value: str | Area | Segment


@dataclass(frozen=True)
class Vocabulary:
    """What the graph holds. Make one with :meth:`of`.

    Attributes:
        areas: every city, town and village, each with the coarser areas it is in.
        segments: values by dimension.
    """

    areas: tuple[Area, ...]
    categories: tuple[str, ...]
    menus: tuple[str, ...]
    attractions: tuple[str, ...]
    purposes: tuple[str, ...]
    companions: tuple[str, ...]
    keywords: tuple[str, ...]
    segments: Mapping[Dimension, tuple[str, ...]]
    places: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        areas: Iterable[tuple[str, str, str | None]],
        *,
        categories: Iterable[str],
        menus: Iterable[str],
        attractions: Iterable[str],
        purposes: Iterable[str],
        companions: Iterable[str],
        keywords: Iterable[str],
        segments: Mapping[Dimension, Iterable[str]],
        places: Iterable[str] = (),
    ) -> Vocabulary:
        """From lists as queries give them; repeats do no harm.

        Args:
            areas: (city, town, village) of every place.
            menus: names of dishes.
            places: names of places.
        """
        return cls(
            areas=tuple(dict.fromkeys(_with_coarser(areas))),
            categories=_once(categories),
            menus=_once(menus),
            attractions=_once(attractions),
            purposes=_once(purposes),
            companions=_once(companions),
            keywords=_once(keywords),
            segments={dimension: _once(values) for dimension, values in segments.items()},
            places=_once(places),
        )

    @cached_property
    def surfaces(self) -> Mapping[str, tuple[Name, ...]]:
        """Keys of spellings, and the names that each may stand for; other words stand for none."""
        found: dict[str, dict[Name, None]] = {
            key_of(word): {} for word in wordings()["spotting"]["other_words"]
        }
        never = set(map(key_of, wordings()["spotting"]["never"]))
        for surface, name in (*self._areas(), *self._names(), *self._dishes(), *self._segments()):
            if (key := key_of(surface)) and key not in never:
                found.setdefault(key, {})[name] = None
        return {key: tuple(names) for key, names in found.items()}

    @cached_property
    def longest_by_start(self) -> Mapping[str, tuple[int, ...]]:
        """Lengths of the spellings that begin with a character, the longest first."""
        lengths: dict[str, set[int]] = {}
        for key in self.surfaces:
            lengths.setdefault(key[0], set()).add(len(key))
        return {first: tuple(sorted(each, reverse=True)) for first, each in lengths.items()}

    def find(self, text: str, kind: Kind) -> tuple[Name, ...]:
        """Names of a kind that ``text`` as a whole is, or is misspelt for; several if ambiguous."""
        key = key_of(text)
        exact = [name for name in self.surfaces.get(key, ()) if name.kind == kind]
        if exact:
            return tuple(exact)
        if kind == "menu" and key and any(key in key_of(menu) for menu in self.menus):
            return (Name("menu", _nfc(text)),)
        nearest = self.nearest(key, (kind,))
        names = self.surfaces[nearest] if nearest else ()
        return tuple(name for name in names if name.kind == kind)

    def nearest(self, key: str, kinds: Sequence[Kind]) -> str | None:
        """The spelling of these kinds that sounds most like ``key``; None where none is near."""
        from rapidfuzz.distance import OSA
        from rapidfuzz.process import extractOne

        if len(key) < _SHORTEST_MISSPELT:
            return None
        best: tuple[str, float] | None = None
        for kind in kinds:
            hit = extractOne(
                sound_of(key),
                self._sounds.get(kind, {}),
                scorer=OSA.normalized_similarity,
                score_cutoff=MIN_SIMILARITY,
            )
            if hit is not None and (best is None or hit[1] > best[1]):
                best = hit[2], hit[1]
        return best[0] if best else None

    @cached_property
    def _sounds(self) -> Mapping[Kind, Mapping[str, str]]:
        """By kind: spellings and how they sound."""
        sounds: dict[Kind, dict[str, str]] = {}
        for key, names in self.surfaces.items():
            if len(key) >= _SHORTEST_MISSPELT:
                for name in names:
                    sounds.setdefault(name.kind, {})[key] = sound_of(key)
        return sounds

    def _areas(self) -> Iterator[tuple[str, Name]]:
        full_only = set(wordings()["spotting"]["full_only"])
        full = {(area.village or area.town or area.city or "") for area in self.areas}
        stems: dict[str, list[Area]] = {}
        for area in self.areas:  # coarser ones come first: 애월 is the town, not 애월리
            own = area.village or area.town or area.city or ""
            yield own, Name("area", area)
            if area.village:
                yield f"{area.town}{area.village}", Name("area", area)
            stem = own.removesuffix(own[-1:]) if own.endswith(_SUFFIXES) else own
            if area.town and not area.village and (number := own[-2:-1]) in _NUMBERS:
                stem = own[:-2]  # 이도2동 is 이도
                yield f"{stem}{_NUMBERS[number]}{own[-1]}", Name("area", area)
            if len(stem) >= _SHORTEST_STEM and stem not in full_only and stem not in full:
                same = stems.setdefault(stem, [])
                if not same or (same[0].village is None) == (area.village is None):
                    same.append(area)
        for stem, areas in stems.items():
            for area in areas:
                yield stem, Name("area", area)
                if area.village:
                    yield f"{(area.town or '')[:-1]}{stem}", Name("area", area)
        for region, towns in wordings()["regions"].items():
            for area in self.areas:
                if area.village is None and (area.town or area.city) in towns:
                    yield region, Name("area", area)

    def _names(self) -> Iterator[tuple[str, Name]]:
        kinds: tuple[tuple[NamedKind, tuple[str, ...], str], ...] = (
            ("category", self.categories, "categories"),
            ("menu", self.menus, ""),
            ("attraction", self.attractions, "attractions"),
            ("purpose", self.purposes, "purposes"),
            ("companion", self.companions, "companions"),
            ("keyword", self.keywords, "keywords"),
            ("place", self.places, ""),
        )
        for kind, names, table in kinds:
            for name in names:
                for surface in (name, *wordings().get(table, {}).get(name, ())):
                    yield surface, Name(kind, name)
        for name in self.attractions:
            stem = name.removeprefix(_ISLAND).removesuffix(_ISLAND).strip()
            if len(stem) >= _SHORTEST_SIGHT:
                yield stem, Name("attraction", name)
            for suffix in _BEACHES:
                if name.endswith(suffix):
                    stem = name.removesuffix(suffix)
                    for other in (*_BEACHES, "바다", "비치"):
                        yield stem + other, Name("attraction", name)

    def _dishes(self) -> Iterator[tuple[str, Name]]:
        """Words for dishes that some menu contains, each with its other spellings."""
        menus = "\n".join(map(key_of, self.menus))
        for dish, others in wordings()["dishes"].items():
            spellings = (dish, *others)
            served = [spelling for spelling in spellings if key_of(spelling) in menus]
            for surface in spellings:
                for spelling in served:
                    yield surface, Name("menu", spelling)
        for menu in self.menus:
            words = menu.split()
            if len(words) > 1 and len(words[-1]) >= _SHORTEST_STEM:
                yield words[-1], Name("menu", words[-1])

    def _segments(self) -> Iterator[tuple[str, Name]]:
        """Only of the dimensions that are named by words; numbers and times are read apart."""
        for dimension, table in wordings()["segments"].items():
            for value in self.segments.get(dimension, ()):
                segment = Segment(dimension=dimension, value=value)
                for surface in (value, *table.get(value, ())):
                    yield surface, Name("segment", segment)


@cache
def wordings() -> dict[str, Any]:
    """The tables of ``vocabulary.toml``."""
    text = files("nadeuri.guide").joinpath("vocabulary.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def key_of(surface: str) -> str:
    """Normal form of a spelling: NFKC, no case, no spaces, no middle dots."""
    return "".join(unicodedata.normalize("NFKC", surface).casefold().replace("·", "").split())


def sound_of(key: str) -> str:
    """Letters of ``key``, those alike that Koreans confuse (ㅐ and ㅔ, ㄸ and ㄷ)."""
    return unicodedata.normalize("NFD", key).translate(_AS_IT_SOUNDS)


def _with_coarser(areas: Iterable[tuple[str, str, str | None]]) -> list[Area]:
    full = {tuple(_nfc(part) if part else None for part in area) for area in areas}
    ordered = sorted(full, key=lambda area: tuple(part or "" for part in area))
    cities = [Area(city=city) for city, _, _ in ordered]
    towns = [Area(city=city, town=town) for city, town, _ in ordered]
    villages = [
        Area(city=city, town=town, village=village) for city, town, village in ordered if village
    ]
    return [*cities, *towns, *villages]


def _once(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(_nfc, names)))


def _nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)
