"""The loss is the negative log-likelihood that an enumeration of all tag sequences gives."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import pytest
import torch

from nadeuri.understand.crf import Crf

N_TAGS = 5
LENGTHS = (4, 1, 3)


@pytest.fixture
def crf() -> Crf:
    torch.manual_seed(0)
    crf = Crf(2)
    torch.nn.init.normal_(crf.learned_start)
    torch.nn.init.normal_(crf.learned_after)
    return crf


def test_loss_equals_an_enumeration_and_ignores_padding(crf: Crf) -> None:
    emissions = torch.randn(3, 4, N_TAGS, requires_grad=True)
    tags = torch.tensor([[1, 2, 0, 3], [3, 4, 4, 4], [0, 1, 1, 2]])
    expected = []
    for row, length in enumerate(LENGTHS):
        scores = {
            sequence: _score(crf, emissions[row].detach(), sequence)
            for sequence in product(range(N_TAGS), repeat=length)
        }
        total = np.logaddexp.reduce(list(scores.values()))
        expected.append(total - scores[tuple(tags[row, :length].tolist())])
    loss = crf.loss(emissions, tags, torch.tensor(LENGTHS))
    assert float(loss.detach()) == pytest.approx(np.mean(expected), abs=1e-5)

    loss.backward()
    assert emissions.grad is not None
    for row, length in enumerate(LENGTHS):
        assert not emissions.grad[row, length:].any(), "padding does not move the network"
        assert emissions.grad[row, :length].any(-1).all()


def test_gradients_are_finite_where_scores_are_extreme(crf: Crf) -> None:
    emissions = (1e4 * torch.randn(2, 6, N_TAGS)).requires_grad_()
    crf.loss(emissions, torch.zeros(2, 6, dtype=torch.long), torch.tensor([6, 2])).backward()
    for tensor in (emissions, crf.learned_start, crf.learned_after):
        assert tensor.grad is not None
        assert tensor.grad.isfinite().all()


def test_without_labels_there_is_nothing_to_lose() -> None:
    loss = Crf(0).loss(
        torch.randn(2, 3, 1), torch.zeros(2, 3, dtype=torch.long), torch.tensor([3, 1])
    )
    assert float(loss.detach()) == pytest.approx(0, abs=1e-6)


def _score(crf: Crf, emissions: torch.Tensor, tags: tuple[int, ...]) -> float:
    start, after = crf.start.detach(), crf.after.detach()
    total = float(start[tags[0]]) + sum(float(emissions[at, tag]) for at, tag in enumerate(tags))
    return total + sum(float(after[a, b]) for a, b in pairwise(tags))
