from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nadeuri.recommend.coview.negatives import NegativeTable, draw, negative_table
from nadeuri.recommend.coview.skipgram import Pairs, Tables, learn
from nadeuri.recommend.coview.tokens import NOTHING, pair_weights

STARTS = np.array([1, 21, 31, 41])
TOKENS, DIM, WINDOW, CLICKS, SEED, LR = 41, 6, 3, 60, 12345, 0.2


def problem(seed: int, width: int) -> dict[str, Any]:
    """Random clicks with several sessions and missing values; tokens of a kind are its own."""
    rng = np.random.default_rng(seed)
    tokens = np.stack(
        [rng.integers(STARTS[kind], STARTS[kind + 1], CLICKS) for kind in range(width)], axis=1
    )
    tokens[:, 1:][rng.random((CLICKS, width - 1)) < 0.3] = NOTHING
    return {
        "tokens": tokens,
        "sessions": np.sort(rng.integers(0, 12, CLICKS)),
        "reach": rng.integers(1, WINDOW + 1, CLICKS),
        "pairs": Pairs(*pair_weights([0.5, 2.0][: width - 1]), negatives=5, shared=3),
        "noise": negative_table(rng.integers(0, 9, TOKENS).astype(float), STARTS[: width + 1], 0.5),
    }


def tables(seed: int) -> Tables:
    rng = np.random.default_rng(seed)
    inputs, outputs = rng.standard_normal((2, TOKENS, DIM)).astype(np.float32)
    return Tables(inputs, outputs, *rng.random((2, TOKENS)).astype(np.float32))


def naive(
    old: Tables,
    tokens: np.ndarray[Any, Any],
    sessions: np.ndarray[Any, Any],
    reach: np.ndarray[Any, Any],
    pairs: Pairs,
    noise: NegativeTable,
) -> tuple[Tables, float, float]:
    """Pair by pair, as the formula reads, in 64 bits."""
    inputs, outputs, input_squares, output_squares = (t.astype(np.float64) for t in old)
    width = tokens.shape[1]
    state, loss, total, norms = np.uint64(SEED), 0.0, 0.0, []

    def towards(centre: Any, token: int, weight: float, is_real: bool) -> Any:
        nonlocal loss
        score = centre @ outputs[token]
        likely = 1 / (1 + np.exp(-score))
        loss -= weight * np.log(likely if is_real else 1 - likely)
        gradient = weight * (is_real - likely)
        pull = gradient * outputs[token]
        output_squares[token] += np.mean((gradient * centre) ** 2)
        outputs[token] += LR * gradient * centre / np.sqrt(output_squares[token])
        return pull

    for i in range(len(tokens)):
        near = [
            j
            for j in range(max(0, i - reach[i]), min(len(tokens), i + reach[i] + 1))
            if sessions[j] == sessions[i]
        ]
        if len(near) == 1:
            continue
        drawn = np.zeros((width, pairs.shared), int)
        for place in np.ndindex(*drawn.shape):
            state, drawn[place] = draw(noise, place[0], np.uint64(state))
        for a in range(width):
            if tokens[i, a] == NOTHING:
                continue
            centre, gradient, own = inputs[tokens[i, a]].copy(), np.zeros(DIM), 0.0
            for b in range(width):
                weights = [
                    (pairs.within if i == j else pairs.between)[a, b] * (tokens[j, b] != NOTHING)
                    for j in near
                ]
                for j, weight in zip(near, weights, strict=True):
                    if weight:
                        gradient += towards(centre, tokens[j, b], weight, True)
                if any(weights):
                    own += sum(weights)
                    share = sum(weights) * pairs.negatives / pairs.shared
                    for negative in drawn[b]:
                        gradient += towards(centre, negative, share, False)
            if own:
                total += own
                norms.append(np.sum(gradient**2))
                input_squares[tokens[i, a]] += np.mean(gradient**2)
                step = LR / np.sqrt(input_squares[tokens[i, a]])
                inputs[tokens[i, a]] += step * gradient
    new = Tables(inputs, outputs, input_squares, output_squares)
    return new, loss / total, float(np.sqrt(np.mean(norms)))


@pytest.mark.parametrize("width", [1, 2, 3])
@pytest.mark.parametrize("seed", [0, 1])
def test_it_learns_pair_by_pair_as_the_formula_says(width: int, seed: int) -> None:
    given, found = problem(seed, width), tables(seed)
    loss, norm = learn(found, **given, lr=np.float32(LR), seed=SEED)
    expected, expected_loss, expected_norm = naive(tables(seed), **given)
    assert loss == pytest.approx(expected_loss, rel=1e-5)
    assert norm == pytest.approx(expected_norm, rel=1e-5)
    for table, wanted in zip(found, expected, strict=True):
        np.testing.assert_allclose(table, wanted, rtol=1e-3, atol=1e-4)


def test_sessions_of_one_click_hold_no_pair() -> None:
    given, found = problem(0, width=2) | {"sessions": np.arange(CLICKS)}, tables(0)
    assert learn(found, **given, lr=np.float32(LR), seed=SEED) == (0, 0)
    for table, untouched in zip(found, tables(0), strict=True):
        np.testing.assert_array_equal(table, untouched)


def test_the_seed_decides_the_negatives() -> None:
    ends = []
    for seed in (SEED, SEED, SEED + 1):
        found = tables(0)
        learn(found, **problem(0, width=2), lr=np.float32(LR), seed=seed)
        ends.append(found.outputs)
    np.testing.assert_array_equal(ends[0], ends[1])
    assert not np.array_equal(ends[0], ends[2])


def test_a_broken_vector_is_seen_in_the_loss() -> None:
    found = tables(0)
    found.inputs[problem(0, width=1)["tokens"][0]] = np.nan
    loss, norm = learn(found, **problem(0, width=1), lr=np.float32(LR), seed=SEED)
    assert not np.isfinite(loss)
    assert not np.isfinite(norm)


def test_far_vectors_do_not_overflow() -> None:
    found = tables(0)
    found.inputs[:] *= 1e6
    loss, _ = learn(found, **problem(0, width=1), lr=np.float32(LR), seed=SEED)
    assert np.isfinite(loss)
    assert np.isfinite(found.outputs).all()
