"""Words of a text that name food, places or areas which the facts do not have."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterator
from functools import cache
from importlib.resources import files
from typing import Any

from nadeuri.guide.selection.mentions import Names

_LEAST_FOREIGN = 2  # syllables: one alone is in too many words
_LATIN = re.compile(r"[^\W\d_가-힣ㄱ-ㅣ]+")
_METRIC = ("km", "m")
_PARTICLES = (
    "이에요|예요|이나|이랑|으로|에서|까지|부터|을|를|이|가|은|는|과|와|도|의|에|로|만|랑|나"
)
_BEFORE_PARTICLE = rf"(?=(?:{_PARTICLES})?(?:[^가-힣]|$))"


def strange_words(text: str, rest: str, names: Names, foreign: Collection[str]) -> Iterator[str]:
    """A complaint for every such word.

    Args:
        rest: ``text`` without the names that it may have.
        names: these, without spaces.
        foreign: names that are others'.
    """
    own = " ".join(names)
    for word in dict.fromkeys(_LATIN.findall(rest)):
        if word.casefold() not in _METRIC:
            yield f"{word!r} is no word of the facts"
    for kind, pattern in _patterns().items():
        for match in pattern.finditer(rest):
            if match[0] not in own and match[0] not in _texts()["food"]["other_words"]:
                yield f"{kind} {match[0]!r} is not in the facts"
    squeezed = "".join(text.split())
    for name in foreign:
        bare = "".join(name.split())
        if len(bare) >= _LEAST_FOREIGN and bare in squeezed and bare not in own:
            yield f"{name!r} is not of this place"


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    food, places = _texts()["food"], _texts()["places"]
    others = "|".join(sorted(food["other_words"], key=len, reverse=True))
    return {
        "food": re.compile(_any(food["words"])),
        "dish": re.compile(
            rf"(?<![가-힣])(?![가-힣]*(?:{others}){_BEFORE_PARTICLE})"
            rf"[가-힣]+{_any(food['endings'])}{_BEFORE_PARTICLE}"
        ),
        "place": re.compile(rf"(?<![가-힣])[가-힣]+{_any(places['endings'])}{_BEFORE_PARTICLE}"),
        "area": re.compile(_any(places["areas"])),
        "village": re.compile(
            rf"(?<![가-힣])[가-힣]{{2,3}}(?:읍|(?<!{_no_village()})리){_BEFORE_PARTICLE}"
        ),
    }


def _no_village() -> str:
    """Syllables before 리 in which other words than names of villages end."""
    return f"[{_texts()['places']['no_village']}]"


def _any(words: Collection[str]) -> str:
    return f"(?:{'|'.join(map(re.escape, sorted(words, key=len, reverse=True)))})"


@cache
def _texts() -> dict[str, Any]:
    """The tables of ``grounding.toml``."""
    text = files("nadeuri.guide.selection").joinpath("grounding.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
