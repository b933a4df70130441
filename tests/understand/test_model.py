"""A model before training: what its configuration says, the same for the same seed."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from nadeuri import columns
from nadeuri.understand.bio import FORBIDDEN
from nadeuri.understand.config import ExperimentConfig
from nadeuri.understand.encoding import padded
from nadeuri.understand.model import QuestionModel, build_model
from nadeuri.understand.network import QuestionNetwork, SeparateNetworks

LABELS = (columns.REGION_LABEL, columns.DATE_LABEL)
INTENTS = (columns.PRODUCT_INTENT, columns.CHAT_INTENT, columns.WEATHER_INTENT)
TEXTS = ("내일 파타야 가요", "", "안녕하세요 😀")


def small(*, seed: int = 1, joint: bool = True) -> QuestionModel:
    config = ExperimentConfig.model_validate(
        {
            "name": "small",
            "encoder": {"kind": "characters", "dim": 8, "hidden": 8},
            "heads": {"dim_lstm": 8, "joint": joint},
        }
    )
    return build_model(config, LABELS, INTENTS, seed=seed)


@pytest.mark.parametrize("joint", [True, False])
def test_a_model_scores_and_parses(joint: bool) -> None:
    model = small(joint=joint)
    assert isinstance(model.network, QuestionNetwork if joint else SeparateNetworks)
    encodings = [model.encoder(text) for text in TEXTS]
    ids, tags = padded([e.ids for e in encodings], 0), padded([e.tags for e in encodings], 0)
    emissions, intents = model.score(ids[::2], tags[::2])
    assert (emissions.shape, intents.shape) == ((2, ids.shape[1], 5), (2, 3))
    assert emissions.dtype == intents.dtype == np.float32
    parses = model.parse(TEXTS)
    assert [parsed.intent in INTENTS for parsed in parses] == [True, False, True]
    assert all(len(parsed.spans) == len(parsed.confidences) for parsed in parses)


def test_weights_follow_from_the_seed() -> None:
    first, same, other = (small(seed=seed).network.state_dict() for seed in (1, 1, 2))
    assert all(torch.equal(tensor, same[name]) for name, tensor in first.items())
    assert not all(torch.equal(tensor, other[name]) for name, tensor in first.items())


def test_separate_networks_begin_with_different_weights() -> None:
    network = small(joint=False).network
    assert isinstance(network, SeparateNetworks)
    assert not torch.equal(network.entities.emit.weight, network.intents.emit.weight)


def test_the_head_is_that_of_the_weights_now() -> None:
    model = small()
    before = model.head
    assert before.start.tolist() == [0, 0, FORBIDDEN, 0, FORBIDDEN]
    with torch.no_grad():
        model.network.crf.learned_start[1] = 2
    assert model.head.start.tolist() == [0, 2, FORBIDDEN, 0, FORBIDDEN]


def test_scoring_does_not_drop_units_out() -> None:
    model = small()
    model.network.train()
    ids = np.array([[ord(char) for char in TEXTS[0]]])
    first, second = (model.score(ids, np.zeros_like(ids))[0] for _ in range(2))
    assert np.array_equal(first, second)
