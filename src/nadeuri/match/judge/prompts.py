"""What the judge is told: rules, examples, and two places or one and its candidates as quoted data.

Names of places are untrusted text. They are sent as JSON strings, without control characters and
cut to a length; the rules say that they are data.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from nadeuri import columns
from nadeuri.llm import Message
from nadeuri.match.judge.answers import LABELS

Step = Literal["select", "relation", "yes_no"]
"""The 1:N selection, and the two ways to verify a pair."""
Place = Mapping[str, Any]
"""A row of a table of points of interest."""

_SHOWN = {
    columns.NAME: 120,
    columns.NAME_EN: 120,
    columns.NAME_LOCAL: 120,
    columns.CATEGORY: 60,
    columns.ADDRESS: 200,
    columns.CITY: 60,
    columns.COUNTRY: 60,
}
"""What is shown of a place, and how many characters of it at most."""
_NO_TEXT = ("Cc", "Cf", "Cs", "Zl", "Zp")
"""Categories of characters that are not shown: controls, bidi marks, halves of pairs, line ends."""


def selection(place: Place, candidates: Sequence[tuple[Place, float | None]]) -> list[Message]:
    """Ask which candidate is the same as ``place``.

    Args:
        candidates: with the metres to the place where they are known; the likeliest first, for
            models choose worse the further down the right one stands (ComEM, COLING 2025).
    """
    shown = [
        {"label": label, **_place(candidate, metres)}
        for label, (candidate, metres) in zip(LABELS, candidates, strict=False)
    ]
    return _messages("select", {"place": _place(place), "candidates": shown})


def verification(
    step: Literal["relation", "yes_no"], place: Place, candidate: Place, metres: float | None
) -> list[Message]:
    """Ask how two places relate, or whether they are "nearby or the same"."""
    return _messages(step, {"place": _place(place), "candidate": _place(candidate, metres)})


@cache
def prompt_version(step: Step) -> str:
    """Twelve digits that change with every change to the rules or the examples of a step."""
    content = json.dumps(_texts()[step], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()[:12]


def _messages(step: Step, asked: Mapping[str, Any]) -> list[Message]:
    text = _texts()[step]
    messages: list[Message] = [{"role": "system", "content": text["rules"].strip()}]
    for example in text["examples"]:
        messages.append({"role": "user", "content": example["asked"]})
        messages.append({"role": "assistant", "content": example["answer"]})
    return [*messages, {"role": "user", "content": json.dumps(asked, ensure_ascii=False)}]


def _place(place: Place, metres: float | None = None) -> dict[str, Any]:
    shown: dict[str, Any] = {
        name: _quoted(place[name], length) for name, length in _SHOWN.items() if place.get(name)
    }
    if metres is not None:
        shown["distance_m"] = round(metres)
    return shown


def _quoted(text: str, length: int) -> str:
    kept = (" " if unicodedata.category(char) in _NO_TEXT else char for char in text)
    return " ".join("".join(kept).split())[:length]


@cache
def _texts() -> dict[str, Any]:
    """The tables of ``prompt.toml``."""
    text = files("nadeuri.match.judge").joinpath("prompt.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
