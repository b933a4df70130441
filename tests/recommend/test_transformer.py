"""The encoder: what a position sees, and that neither padding nor what is asked changes a state."""

from __future__ import annotations

import pytest
import torch

from nadeuri.recommend.config import Bert4RecConfig, SasRecConfig
from nadeuri.recommend.transformer import Cells, Encoder

DIM, MAX_LEN, ROWS = 16, 9, 12


def causal(block: str = "gelu") -> Encoder:
    torch.manual_seed(1)
    options = {"max_len": MAX_LEN, "dim": DIM, "block": block}
    return Encoder(SasRecConfig.model_validate(options), causal=True).eval()


def bidirectional(block: str = "gelu") -> Encoder:
    torch.manual_seed(1)
    options = {"max_len": MAX_LEN, "dim": DIM, "block": block}
    return Encoder(Bert4RecConfig.model_validate(options), causal=False).eval()


every_encoder = pytest.mark.parametrize(
    "encoder",
    [causal(), bidirectional(), causal("ligr"), bidirectional("ligr")],
    ids=["causal", "bidirectional", "causal-ligr", "bidirectional-ligr"],
)


def table() -> torch.Tensor:
    """Random item embeddings, zero for padding."""
    rows = torch.randn(ROWS, DIM, generator=torch.Generator().manual_seed(0))
    rows[0] = 0
    return rows


def change_seen(encoder: Encoder, place: int) -> torch.Tensor:
    """By how much each state of six items moves when the item at ``place`` is another one."""
    items = torch.arange(1, 7)[None]
    changed = items.clone()
    changed[0, place] = 11
    return (encoder(items, table()) - encoder(changed, table())).abs().amax(2)[0]


@pytest.mark.parametrize("block", ["gelu", "ligr"])
@pytest.mark.parametrize("place", range(6))
def test_a_causal_state_sees_its_own_item_and_those_before(place: int, block: str) -> None:
    change = change_seen(causal(block), place)
    assert (change[:place] == 0).all()
    assert (change[place:] > 1e-4).all()


@pytest.mark.parametrize("place", [0, 5])
def test_a_bidirectional_state_sees_all_items(place: int) -> None:
    assert (change_seen(bidirectional(), place) > 1e-4).all()


@pytest.mark.parametrize("padding", [1, 3])
def test_padding_changes_no_state(padding: int) -> None:
    items, zeros = torch.arange(1, 7)[None], torch.zeros(1, padding, dtype=torch.int64)
    for encoder, padded, real in (
        (causal(), torch.cat([items, zeros], 1), slice(0, 6)),
        (bidirectional(), torch.cat([zeros, items], 1), slice(padding, None)),
    ):
        torch.testing.assert_close(
            encoder(padded, table())[:, real], encoder(items, table()), rtol=1e-4, atol=1e-5
        )


@every_encoder
def test_order_matters(encoder: Encoder) -> None:
    first = encoder(torch.tensor([[1, 2, 3, 4]]), table())[:, -1]
    swapped = encoder(torch.tensor([[2, 1, 3, 4]]), table())[:, -1]
    assert not torch.allclose(first, swapped, atol=1e-4)


@every_encoder
def test_gradients_reach_every_parameter(encoder: Encoder) -> None:
    encoder(torch.arange(1, 10)[None], table()).square().sum().backward()
    missing = [name for name, p in encoder.named_parameters() if p.grad is None]
    assert missing == []


@every_encoder
def test_a_state_does_not_depend_on_which_others_are_asked_for(encoder: Encoder) -> None:
    items = torch.tensor([[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 1]])
    every = encoder(items, table()).flatten(0, 1)
    for asked in ([3, 7, 11], [0, 2, 5], [1], list(range(12))):
        cells = Cells.of(torch.tensor(asked), 3, 4)
        torch.testing.assert_close(
            encoder(items, table(), cells), every[asked], rtol=1e-4, atol=1e-5
        )
    columns = torch.tensor([0, 3, 2])
    torch.testing.assert_close(
        encoder(items, table(), Cells.one_each(columns, 4)), every[[0, 7, 10]], rtol=1e-4, atol=1e-5
    )
