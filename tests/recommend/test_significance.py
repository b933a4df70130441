from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from nadeuri.errors import NadeuriError
from nadeuri.recommend.significance import (
    bootstrap_intervals,
    estimates,
    paired_test,
    sign_flip_p_value,
)


def test_p_value_of_all_sign_patterns() -> None:
    differences = np.array([0.3, 0.5, 0.0, -0.1, 0.2, 0.4])
    moved = differences[differences != 0]
    sums = [np.dot(signs, moved) for signs in product((-1, 1), repeat=len(moved))]
    exact = np.mean(np.abs(sums) >= abs(moved.sum()) - 1e-12)
    assert sign_flip_p_value(differences, permutations=100_000) == pytest.approx(exact, abs=0.004)


def test_p_value_is_calibrated_when_nothing_differs() -> None:
    rng = np.random.default_rng(3)
    p_values = np.array(
        [
            sign_flip_p_value(rng.normal(size=60), permutations=500, seed=world)
            for world in range(600)
        ]
    )
    # Kolmogorov-Smirnov distance to uniform: 1.63 / sqrt(600) = 0.067 at the 1% level
    grid = np.linspace(0, 1, 101)
    distance = np.abs(np.searchsorted(np.sort(p_values), grid, side="right") / 600 - grid).max()
    assert distance < 0.067


def test_p_value_finds_a_small_true_difference() -> None:
    rng = np.random.default_rng(4)
    base = rng.random(4000)
    better = base + rng.normal(0.02, 0.2, 4000)
    result = paired_test("better", [better], "base", [base])
    assert result.p_value < 0.001
    assert result.is_significant
    assert result.low > 0
    assert result.low < result.difference < result.high


def test_paired_test_sees_what_an_unpaired_one_cannot() -> None:
    base = np.random.default_rng(5).random(500)
    result = paired_test("a", [base + 0.01], "b", [base])
    assert result.p_value < 0.001


def test_equal_models_do_not_differ() -> None:
    values = np.random.default_rng(6).random(50)
    result = paired_test("a", [values], "b", [values])
    assert (result.difference, result.p_value) == (0.0, 1.0)


def test_paired_test_averages_seeds_first() -> None:
    a = [np.array([1.0, 0.0, 1.0]), np.array([0.0, 1.0, 1.0])]
    b = [np.array([0.5, 0.5, 0.0])]
    assert paired_test("a", a, "b", b).difference == pytest.approx(1 / 3)


def test_interval_agrees_with_scipy() -> None:
    stats = pytest.importorskip("scipy.stats")
    values = np.random.default_rng(7).exponential(size=300)
    lows, highs = bootstrap_intervals(np.column_stack([values, -values]), resamples=5000)
    theirs = stats.bootstrap(
        (values,), np.mean, n_resamples=5000, method="percentile", rng=np.random.default_rng(1)
    ).confidence_interval
    width = theirs.high - theirs.low
    assert lows == pytest.approx([theirs.low, -theirs.high], abs=0.05 * width)
    assert highs == pytest.approx([theirs.high, -theirs.low], abs=0.05 * width)


def test_estimate_over_seeds() -> None:
    one_seed = [np.array([0.0, 1.0, 0.2])]
    both = estimates({"x": [np.array([0.0, 1.0, 0.5]), np.array([0.5, 1.0, 0.9])], "y": one_seed})
    figures = both["x"]
    assert figures.mean == pytest.approx(0.65)
    assert figures.sd == pytest.approx(np.std([0.5, 0.8], ddof=1))
    assert figures.seeds == 2
    assert figures.low <= figures.mean <= figures.high
    assert both["y"].mean == pytest.approx(0.4)
    assert both["y"].sd is None


def test_same_seed_same_interval() -> None:
    values = np.random.default_rng(8).random((100, 1))
    assert bootstrap_intervals(values, seed=1) == bootstrap_intervals(values, seed=1)
    assert bootstrap_intervals(values, seed=1) != bootstrap_intervals(values, seed=2)


def test_different_cases_are_refused() -> None:
    with pytest.raises(NadeuriError, match="same cases"):
        paired_test("a", [np.ones(3)], "b", [np.ones(4)])
    with pytest.raises(NadeuriError, match="no cases"):
        estimates({"x": [np.zeros(0)]})
    with pytest.raises(NadeuriError, match="different cases"):
        estimates({"x": [np.ones(3), np.ones(4)]})
