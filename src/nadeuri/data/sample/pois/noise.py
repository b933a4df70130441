"""How people enter places into a database: slips of the pen, spacing, notes, formats of phones."""

from __future__ import annotations

from numpy.random import Generator

from nadeuri.data.sample.questions.grammar import pick
from nadeuri.data.sample.questions.noise import Tagged, add_space, drop_all_spaces, typo

_NOTES = ("(입장료 포함)", "[선택관광]", "(외관)", "(자유시간)", "(차창관광)", "관광")
_TYPO_SHARE, _SPACING_SHARE, _CITY_SHARE, _NOTE_SHARE = 0.05, 0.12, 0.06, 0.04
_LATIN_TYPO_SHARE, _SHORT_SHARE, _UPPER_SHARE = 0.04, 0.04, 0.02
_SHORT_FORMS = {
    "Saint": "St.",
    "Mount": "Mt.",
    "Street": "St",
    "Road": "Rd",
    "Avenue": "Ave",
    "Department Store": "Dept. Store",
    " and ": " & ",
}


def korean_entry(rng: Generator, name: str, city: str) -> str:
    """A Korean name as the agency's staff typed it: perhaps mistyped, respaced or with a note."""
    tagged = Tagged(name)
    if rng.random() < _TYPO_SHARE:
        tagged = typo(tagged, rng)
    if rng.random() < _SPACING_SHARE:
        respace = drop_all_spaces if " " in name else add_space
        tagged = respace(tagged, rng)
    text = tagged.text
    if rng.random() < _CITY_SHARE and city not in text:
        text = f"{city} {text}"
    if rng.random() < _NOTE_SHARE:
        text = f"{text} {pick(rng, _NOTES)}"
    return text


def foreign_entry(rng: Generator, name: str) -> str:
    """A name in another script, perhaps mistyped, shortened or in capitals."""
    if rng.random() < _SHORT_SHARE:
        for long, short in _SHORT_FORMS.items():
            name = name.replace(long, short)
    if rng.random() < _LATIN_TYPO_SHARE:
        name = _slip(rng, name)
    if rng.random() < _UPPER_SHARE:
        name = name.upper()
    return name


def phone_entry(rng: Generator, dial: str, digits: str) -> str:
    """One of the ways to write a telephone number."""
    area, first, last = digits[:1], digits[1:5], digits[5:]
    return pick(
        rng,
        (
            f"+{dial} {area}-{first}-{last}",
            f"+{dial}{digits}",
            f"0{area}-{first}-{last}",
            f"(0{area}) {first} {last}",
            f"{dial}-{area}-{first}-{last}",
        ),
    )


def _slip(rng: Generator, name: str) -> str:
    """Two letters swapped, one missing or one doubled; the first letter stays."""
    if len(name) < 5:
        return name
    at = int(rng.integers(1, len(name) - 1))
    return pick(
        rng,
        (
            name[:at] + name[at + 1] + name[at] + name[at + 2 :],
            name[:at] + name[at + 1 :],
            name[:at] + name[at] + name[at:],
        ),
    )
