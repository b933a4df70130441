"""Probabilities of spans are those of the tag sequences that have them."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import pytest

from nadeuri.understand.bio import Floats, transition_mask
from nadeuri.understand.posterior import span_probabilities

N_LABELS, N_TAGS = 2, 5


def chain(n_units: int, seed: int) -> tuple[Floats, Floats, Floats]:
    random = np.random.default_rng(seed)
    start, after = transition_mask(N_LABELS)
    emissions = random.normal(0, 2, (n_units, N_TAGS)).astype(np.float32)
    start += random.normal(0, 1, N_TAGS).astype(np.float32)
    after += random.normal(0, 1, (N_TAGS, N_TAGS)).astype(np.float32)
    return emissions, start, after


def by_enumeration(
    emissions: Floats, start: Floats, after: Floats, temperature: float
) -> dict[tuple[int, int, int], float]:
    """Probability of every span, from all tag sequences."""
    masses: dict[tuple[int, int, int], float] = {}
    total = 0.0
    for tags in product(range(N_TAGS), repeat=len(emissions)):
        score = start[tags[0]] + sum(emissions[at, tag] for at, tag in enumerate(tags))
        score += sum(after[a, b] for a, b in pairwise(tags))
        mass = float(np.exp(np.float64(score) / temperature))
        total += mass
        for first, begin in enumerate(tags):
            if begin % 2:
                behind = first + 1
                while behind < len(tags) and tags[behind] == begin + 1:
                    behind += 1
                masses[first, behind, begin] = masses.get((first, behind, begin), 0) + mass
    return {span: mass / total for span, mass in masses.items()}


@pytest.mark.parametrize("n_units", [1, 2, 5])
@pytest.mark.parametrize("temperature", [1.0, 0.5, 3.0])
def test_probabilities_equal_those_of_an_enumeration(n_units: int, temperature: float) -> None:
    scores = chain(n_units, seed=n_units)
    expected = by_enumeration(*scores, temperature)
    spans = sorted(expected)
    assert len(spans) == N_LABELS * n_units * (n_units + 1) // 2
    found = span_probabilities(*scores, spans, temperature)
    assert found == pytest.approx([expected[span] for span in spans], abs=1e-6)


def test_a_unit_is_outside_or_in_exactly_one_span() -> None:
    """Where only one tag is outside, the spans over a unit leave it the rest."""
    emissions, start, after = chain(40, seed=3)
    emissions[:, 0] = -1e3  # never outside
    spans = [
        (first, behind, begin)
        for first in range(40)
        for behind in range(first + 1, 41)
        for begin in (1, 3)
    ]
    sure = dict(zip(spans, span_probabilities(emissions, start, after, spans), strict=True))
    for at in (0, 17, 39):
        over = sum(p for (first, behind, _), p in sure.items() if first <= at < behind)
        assert over == pytest.approx(1, abs=1e-6)


def test_scores_far_apart_give_finite_probabilities() -> None:
    emissions, start, after = chain(30, seed=4)
    found = span_probabilities(emissions * 500, start, after, [(0, 30, 1), (3, 4, 3)], 0.25)
    assert all(0 <= probability <= 1 for probability in found)


def test_no_spans_have_no_probabilities() -> None:
    assert span_probabilities(*chain(3, seed=1), []) == []
