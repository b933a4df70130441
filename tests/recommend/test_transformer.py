"""The encoder: what a position sees, and that padding changes nothing."""

from __future__ import annotations

import pytest
import torch

from nadeuri.recommend.config import Bert4RecConfig, EncoderConfig, SasRecConfig
from nadeuri.recommend.transformer import Cells, Encoder

DIM, MAX_LEN, ROWS = 16, 9, 12


def encoder_of(config: EncoderConfig) -> Encoder:
    torch.manual_seed(1)
    return Encoder(config, causal=isinstance(config, SasRecConfig)).eval()


def causal() -> Encoder:
    return encoder_of(SasRecConfig(max_len=MAX_LEN, dim=DIM))


def bidirectional() -> Encoder:
    return encoder_of(Bert4RecConfig(max_len=MAX_LEN, dim=DIM))


def table() -> torch.Tensor:
    """Random item embeddings, zero for padding."""
    rows = torch.randn(ROWS, DIM, generator=torch.Generator().manual_seed(0))
    rows[0] = 0
    return rows


def states(encoder: Encoder, items: torch.Tensor) -> torch.Tensor:
    """Hidden states of all cells, [B, L, D]."""
    hidden: torch.Tensor = encoder(items, table())
    return hidden


@pytest.mark.parametrize("place", range(6))
def test_a_causal_state_sees_its_own_item_and_those_before(place: int) -> None:
    encoder, items = causal(), torch.arange(1, 7)[None]
    changed = items.clone()
    changed[0, place] = 11
    difference = (states(encoder, items) - states(encoder, changed)).abs().amax(2)[0]
    assert (difference[:place] == 0).all()
    assert (difference[place:] > 1e-4).all()


@pytest.mark.parametrize("place", [0, 5])
def test_a_bidirectional_state_sees_all_items(place: int) -> None:
    encoder, items = bidirectional(), torch.arange(1, 7)[None]
    changed = items.clone()
    changed[0, place] = 11
    difference = (states(encoder, items) - states(encoder, changed)).abs().amax(2)[0]
    assert (difference > 1e-4).all()


@pytest.mark.parametrize("padding", [1, 3])
def test_padding_changes_no_state(padding: int) -> None:
    items, zeros = torch.arange(1, 7)[None], torch.zeros(1, padding, dtype=torch.int64)
    for encoder, padded, real in (
        (causal(), torch.cat([items, zeros], 1), slice(0, 6)),
        (bidirectional(), torch.cat([zeros, items], 1), slice(padding, None)),
    ):
        torch.testing.assert_close(
            states(encoder, padded)[:, real], states(encoder, items), rtol=1e-4, atol=1e-5
        )


@pytest.mark.parametrize("encoder", [causal(), bidirectional()], ids=["causal", "bidirectional"])
def test_order_matters(encoder: Encoder) -> None:
    first = states(encoder, torch.tensor([[1, 2, 3, 4]]))[:, -1]
    swapped = states(encoder, torch.tensor([[2, 1, 3, 4]]))[:, -1]
    assert not torch.allclose(first, swapped, atol=1e-4)


def test_gradients_reach_every_parameter() -> None:
    for encoder in (causal(), bidirectional()):
        states(encoder, torch.tensor([[1, 2, 3, 4, 5, 6, 7, 8, 9]])).square().sum().backward()
        missing = [name for name, p in encoder.named_parameters() if p.grad is None]
        assert missing == []


@pytest.mark.parametrize("encoder", [causal(), bidirectional()], ids=["causal", "bidirectional"])
def test_asking_for_some_cells_computes_the_same(encoder: Encoder) -> None:
    items = torch.tensor([[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 1]])
    every = states(encoder, items).flatten(0, 1)
    for asked in ([3, 7, 11], [0, 2, 5, 8], [1], list(range(11))):
        positions = torch.tensor(asked)
        found = encoder(items, table(), Cells.of(positions, 3, 4))
        torch.testing.assert_close(found, every[positions], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("encoder", [causal(), bidirectional()], ids=["causal", "bidirectional"])
def test_asking_one_cell_of_each_row_computes_the_same(encoder: Encoder) -> None:
    items = torch.tensor([[1, 2, 3, 4], [5, 6, 7, 8]])
    found = encoder(items, table(), Cells.one_each(torch.tensor([3, 1]), 4))
    every = states(encoder, items)
    torch.testing.assert_close(found, torch.stack([every[0, 3], every[1, 1]]), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("encoder", [causal(), bidirectional()], ids=["causal", "bidirectional"])
def test_asking_for_some_cells_has_the_same_gradients(encoder: Encoder) -> None:
    items, positions = torch.tensor([[1, 2, 3], [4, 5, 6]]), torch.tensor([1, 2, 5])
    encoder.zero_grad()
    states(encoder, items).flatten(0, 1)[positions].square().sum().backward()
    wanted = {name: p.grad.clone() for name, p in encoder.named_parameters() if p.grad is not None}
    encoder.zero_grad()
    encoder(items, table(), Cells.of(positions, 2, 3)).square().sum().backward()
    for name, parameter in encoder.named_parameters():
        torch.testing.assert_close(parameter.grad, wanted[name], rtol=1e-4, atol=1e-4)
