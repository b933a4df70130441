from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from nadeuri.recommend.coview.batching import BLOCK, NO_SESSION
from nadeuri.recommend.coview.skipgram import Pairs, skip_gram_loss
from nadeuri.recommend.coview.tokens import NOTHING, pair_weights

TOKENS, DIM, WINDOW, NEGATIVES = 40, 6, 3, 5


def problem(seed: int, width: int, clicks: int = 2 * BLOCK) -> dict[str, Tensor]:
    """A random batch with several sessions, missing values and padding at the end."""
    rng = np.random.default_rng(seed)
    tokens = rng.integers(1, TOKENS, (clicks, width))
    tokens[:, 1:][rng.random((clicks, width - 1)) < 0.3] = NOTHING
    sessions = np.sort(rng.integers(0, 6, clicks))
    tokens[-5:], sessions[-5:] = NOTHING, NO_SESSION
    arrays = {
        "tokens": tokens,
        "sessions": sessions,
        "reach": rng.integers(1, WINDOW + 1, clicks),
        "negatives": rng.integers(1, TOKENS, (width, 7)),
    }
    return {name: torch.from_numpy(array) for name, array in arrays.items()}


def tables(seed: int) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    inputs, outputs = (torch.randn(TOKENS, DIM, generator=generator) for _ in range(2))
    return inputs.requires_grad_(), outputs.requires_grad_()


def pairs_of(width: int) -> Pairs:
    between, within = pair_weights([0.5, 2.0][: width - 1])
    return Pairs(WINDOW, NEGATIVES, torch.from_numpy(between), torch.from_numpy(within))


def naive_loss(inputs: Tensor, outputs: Tensor, batch: dict[str, Tensor], pairs: Pairs) -> Tensor:
    """Pair by pair, as the formula reads."""
    tokens, sessions, reach, negatives = batch.values()
    clicks, width = tokens.shape
    total, weights = torch.zeros((), dtype=torch.float64), 0.0
    for i in range(clicks):
        for j in range(max(0, i - pairs.window), min(clicks, i + pairs.window + 1)):
            if sessions[i] != sessions[j] or abs(i - j) > reach[i]:
                continue
            table = pairs.within if i == j else pairs.between
            for a in range(width):
                for b in range(width):
                    weight = float(table[a, b])
                    if weight == 0 or tokens[i, a] == NOTHING or tokens[j, b] == NOTHING:
                        continue
                    centre = inputs[tokens[i, a]]
                    attract = torch.nn.functional.logsigmoid(centre @ outputs[tokens[j, b]])
                    away = torch.nn.functional.logsigmoid(-(outputs[negatives[b]] @ centre)).mean()
                    total = total - weight * (attract + pairs.negatives * away)
                    weights += weight
    return total / max(1.0, weights)


@pytest.mark.parametrize("width", [1, 2, 3])
@pytest.mark.parametrize("seed", [0, 1])
def test_loss_and_gradients_are_those_of_the_formula(width: int, seed: int) -> None:
    batch, pairs = problem(seed, width), pairs_of(width)
    inputs, outputs = tables(seed)
    loss = skip_gram_loss(inputs, outputs, *batch.values(), pairs)
    loss.backward()  # type: ignore[no-untyped-call]
    expected_inputs, expected_outputs = tables(seed)
    expected = naive_loss(expected_inputs, expected_outputs, batch, pairs)
    expected.backward()  # type: ignore[no-untyped-call]
    assert loss.item() == pytest.approx(expected.item(), rel=1e-5)
    for found, wanted in ((inputs, expected_inputs), (outputs, expected_outputs)):
        assert found.grad is not None
        assert found.grad.is_sparse
        rows = found.grad._indices()[0]
        assert len(rows) == len(rows.unique())
        assert wanted.grad is not None
        torch.testing.assert_close(found.grad.to_dense(), wanted.grad, rtol=1e-4, atol=1e-6)


def test_sessions_of_one_click_hold_no_pair() -> None:
    batch = problem(0, width=1)
    batch["sessions"] = torch.arange(2 * BLOCK)
    inputs, outputs = tables(0)
    loss = skip_gram_loss(inputs, outputs, *batch.values(), pairs_of(1))
    loss.backward()  # type: ignore[no-untyped-call]
    assert loss.item() == 0
    assert inputs.grad is not None
    assert not inputs.grad.to_dense().any()


def test_autocast_changes_nothing() -> None:
    batch, pairs = problem(3, width=2), pairs_of(2)
    inputs, outputs = tables(3)
    plain = skip_gram_loss(inputs, outputs, *batch.values(), pairs)
    with torch.autocast("cpu", torch.bfloat16):
        cast = skip_gram_loss(inputs, outputs, *batch.values(), pairs)
    assert plain.item() == cast.item()
