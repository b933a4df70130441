"""How good the recommended places really are at what is wished, which no table says.

The sample world draws traits for every place, and reviews follow from them; tables have the reviews
and the keywords that reviewers ticked, never the traits. A recommendation is judged by nDCG@3 with
the trait as the gain, among the places of the kind and area that is asked for.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nadeuri.data.sample.places.drawn import draw_places
from nadeuri.guide.evaluation.oracle.fitting import allowed
from nadeuri.guide.evaluation.oracle.tables import PlaceTables
from nadeuri.guide.pipeline import Guide
from nadeuri.guide.plan import MOST_PLACES, Plan

WISHES = Path(__file__).with_suffix(".toml")

_SAMPLES = 2_000
_INTERVAL = (2.5, 97.5)


@dataclass(frozen=True)
class Wish:
    """A question, the trait that is wished, and its value for each place that may be shown."""

    question: str
    trait: str
    values: Mapping[str, float]


def wishes(tables: PlaceTables, seed: int) -> Iterator[Wish]:
    """Every wish for every scope of ``wishes.toml`` that has enough places to choose from."""
    with WISHES.open("rb") as file:
        read = tomllib.load(file)
    traits = {place.place_id: place.traits for place in draw_places(len(tables.places), seed)}
    for scope in read["scope"]:
        places = sorted(allowed(tables, Plan.model_validate(scope["plan"])))
        if len(places) <= MOST_PLACES:
            continue
        for wish in read["wish"]:
            values = {place_id: traits[place_id][wish["trait"]] for place_id in places}
            for words in wish["words"]:
                yield Wish(f"{words} {scope['words']} 추천해줘", wish["trait"], values)


def qualities(guide: Guide, asked: Sequence[Wish]) -> list[float]:
    """nDCG@3 of what ``guide`` recommends for each wish; 0 where it recommends nothing."""
    found = []
    for wish in asked:
        answer = guide.ask(wish.question, thread="wish")
        guide.forget("wish")
        found.append(ndcg([card.place_id for card in answer.cards], wish.values))
    return found


def by_chance(asked: Sequence[Wish]) -> list[float]:
    """nDCG@3 to be expected of three places drawn at random."""
    discounts = _discounts(MOST_PLACES)
    return [
        float(np.mean(list(wish.values.values())) * discounts.sum() / _ideal(wish.values))
        for wish in asked
    ]


def ndcg(place_ids: Sequence[str], values: Mapping[str, float]) -> float:
    """nDCG@3 with ``values`` as gains; places without one count as 0."""
    shown = place_ids[:MOST_PLACES]
    gains = np.array([values.get(place_id, 0.0) for place_id in shown])
    return float(gains @ _discounts(len(shown)) / _ideal(values))


def gain(before: Sequence[float], after: Sequence[float]) -> tuple[float, float, float]:
    """Mean difference, and its 95% bootstrap interval over the questions."""
    differences = np.asarray(after) - np.asarray(before)
    random = np.random.default_rng(0)
    drawn = random.integers(0, len(differences), (_SAMPLES, len(differences)))
    low, high = np.percentile(differences[drawn].mean(axis=1), _INTERVAL)
    return float(differences.mean()), float(low), float(high)


def _ideal(values: Mapping[str, float]) -> float:
    best = np.sort(np.array(list(values.values())))[::-1][:MOST_PLACES]
    return float(best @ _discounts(len(best)))


def _discounts(n: int) -> np.ndarray:
    return np.asarray(1 / np.log2(np.arange(n) + 2))
