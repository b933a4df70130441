"""Padding is not seen, and the bidirectional layer is torch's."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from nadeuri.understand.bodies import PretrainedBody
from nadeuri.understand.characters import CharacterBody
from nadeuri.understand.marks import N_MARKS
from nadeuri.understand.network import BiLstm, QuestionNetwork, SeparateNetworks
from nadeuri.understand.ngrams import Ngrams
from nadeuri.understand.segments import N_TAGS

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerFast

SmallEncoder = Callable[[str], tuple["PreTrainedModel", "PreTrainedTokenizerFast"]]


def network_on(body: nn.Module, dim: int, pad: int, *, dim_lstm: int = 6) -> QuestionNetwork:
    network = QuestionNetwork(
        body,
        dim,
        pad=pad,
        n_labels=2,
        n_intents=3,
        dim_tags=4 if dim_lstm else 0,
        dim_names=3 if dim_lstm else 0,
        dim_lstm=dim_lstm,
        ngrams=64 if dim_lstm else 0,
        dropout=0.5,
    )
    for module in network.modules():
        if isinstance(module, Ngrams):
            nn.init.normal_(module.table.weight)  # zero before training
    return network.eval()


@pytest.fixture(params=["characters", "distilbert", "electra", "roberta", "bert"])
def network(request: pytest.FixtureRequest, small_encoder: SmallEncoder) -> QuestionNetwork:
    """A network on each of the bodies in turn."""
    torch.manual_seed(1)
    if request.param == "characters":
        return network_on(CharacterBody(8, 5, 0.5), 10, 0)
    model, tokenizer = small_encoder(request.param)
    body = PretrainedBody(model, freeze_embeddings=True, dropout=0.5)
    return network_on(body, 16, int(tokenizer.pad_token_id))


def test_the_layer_equals_a_packed_bidirectional_lstm() -> None:
    torch.manual_seed(0)
    layer, packed = BiLstm(5, 4), nn.LSTM(5, 4, batch_first=True, bidirectional=True)
    states = dict(layer.left.state_dict())
    states |= {f"{name}_reverse": value for name, value in layer.right.state_dict().items()}
    packed.load_state_dict(states)
    lengths = torch.tensor([7, 2, 1, 5])
    rows = torch.randn(4, 7, 5)
    expected, _ = pad_packed_sequence(
        packed(pack_padded_sequence(rows, lengths, batch_first=True, enforce_sorted=False))[0],
        batch_first=True,
    )
    found = layer(rows, lengths)
    for row, length in enumerate(lengths.tolist()):
        torch.testing.assert_close(found[row, :length], expected[row, :length])


def test_a_row_is_scored_alike_alone_and_among_longer_ones(network: QuestionNetwork) -> None:
    torch.manual_seed(2)
    rows = [torch.randint(5, 30, (length,)) for length in (9, 3, 1)]
    tags = [torch.randint(1, 20, (len(row),)) for row in rows]
    ids = nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=network.pad)
    with torch.no_grad():
        emissions, intents = network(ids, nn.utils.rnn.pad_sequence(tags, batch_first=True))
        assert emissions.shape == (3, 9, 5)
        for at, (row, tag) in enumerate(zip(rows, tags, strict=True)):
            alone, intent = network(row[None], tag[None])
            torch.testing.assert_close(emissions[at, : len(row)], alone[0], atol=1e-5, rtol=1e-4)
            torch.testing.assert_close(intents[at], intent[0], atol=1e-5, rtol=1e-4)


def test_parts_of_speech_are_read(network: QuestionNetwork) -> None:
    ids = torch.randint(5, 30, (1, 4))
    with torch.no_grad():
        emissions, _ = network(ids, torch.full((1, 4), 3))
        others, _ = network(ids, torch.full((1, 4), 5))
    assert not torch.allclose(emissions, others)


def test_marks_of_names_are_read(network: QuestionNetwork) -> None:
    ids = torch.randint(5, 30, (1, 4))
    with torch.no_grad():
        emissions, _ = network(ids, torch.full((1, 4), 3))
        others, _ = network(ids, torch.full((1, 4), 3 + N_TAGS * (N_MARKS - 1)))
    assert not torch.allclose(emissions, others)


def test_tags_names_and_lstm_can_be_left_out() -> None:
    network = network_on(CharacterBody(8, 5, 0.0), 10, 0, dim_lstm=0)
    assert network.lstm is None
    assert network.tags is None
    assert network.names is None
    emissions, intents = network(torch.randint(5, 30, (2, 4)), torch.zeros(2, 4, dtype=torch.long))
    assert (emissions.shape, intents.shape) == ((2, 4, 5), (2, 3))


def test_separate_networks_share_nothing() -> None:
    torch.manual_seed(3)
    both = SeparateNetworks(
        network_on(CharacterBody(8, 5, 0.0), 10, 0), network_on(CharacterBody(8, 5, 0.0), 10, 0)
    )
    ids, tags = torch.randint(5, 30, (2, 4)), torch.zeros(2, 4, dtype=torch.long)
    emissions, intents = both(ids, tags)
    torch.testing.assert_close(emissions, both.entities(ids, tags)[0])
    torch.testing.assert_close(intents, both.intents(ids, tags)[1])
    assert both.crf is both.entities.crf
    assert not _has_gradient(both.intents, emissions.sum())
    assert not _has_gradient(both.entities, intents.sum())


def _has_gradient(network: nn.Module, loss: Tensor) -> bool:
    parameters = list(network.parameters())
    gradients = torch.autograd.grad(loss, parameters, retain_graph=True, allow_unused=True)
    return any(gradient is not None for gradient in gradients)
