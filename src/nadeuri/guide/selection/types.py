"""What goes into the selection and what comes out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from nadeuri.guide.facts import PlaceFacts

Origin = Literal["graph", "reviews", "neighbours"]


@dataclass(frozen=True)
class Candidate:
    """A place that may be recommended.

    Attributes:
        numbers: what the query of the graph gave for it, such as ``quality_share``; empty where
            the place was not found by that query.
        similarity: cosine of its reviews with the hypothetical ones; None where not compared.
        origin: which search brought it.
    """

    facts: PlaceFacts
    numbers: Mapping[str, float]
    similarity: float | None
    origin: Origin


@dataclass(frozen=True)
class Pick:
    """A recommended place.

    Attributes:
        reason: why it fits, in Korean.
        quotes: ids of reviews, and their texts as they are shown.
    """

    place_id: str
    reason: str
    quotes: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Selection:
    """The recommended places, best first; fewer than asked for where fewer fit.

    Attributes:
        by: who wrote most of it: a pick that was replaced by the default's is in the notes.
        notes: who was left out and why, what a language model got wrong.
    """

    picks: tuple[Pick, ...]
    by: Literal["default", "language_model"]
    notes: tuple[str, ...]
