"""Encoders out of folders: each architecture loads, and what does not fit is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import torch

from nadeuri.errors import ConfigError
from nadeuri.understand.bodies import Body, PretrainedBody, build_body
from nadeuri.understand.config import CharactersConfig, HuggingFaceConfig
from nadeuri.understand.encoding import CharacterEncoder, padded

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerFast

SmallEncoder = Callable[[str], tuple["PreTrainedModel", "PreTrainedTokenizerFast"]]
TEXTS = ("오사카 온천에서", "부모님과 제주도 여행 가요 😀")


def from_folder(path: Path, *, freeze_embeddings: bool = True) -> Body:
    config = HuggingFaceConfig(
        path=str(path), segments="words", freeze_embeddings=freeze_embeddings, dropout=0.25
    )
    return build_body(config, label_words=False)


def test_an_encoder_reads_its_own_pieces(encoder_folder: Path) -> None:
    body = from_folder(encoder_folder)
    ids = torch.from_numpy(padded([body.encoder(text).ids for text in TEXTS], body.encoder.pad))
    states = body.module.eval()(ids, ids != body.encoder.pad)
    assert states.shape == (2, ids.shape[1], body.dim)
    assert states.isfinite().all()


def test_a_folder_gives_the_same_weights_every_time(encoder_folder: Path) -> None:
    first, second = (from_folder(encoder_folder).module.state_dict() for _ in range(2))
    used = [name for name in first if "pooler" not in name]
    assert used
    assert all(torch.equal(first[name], second[name]) for name in used)


def test_layers_go_from_low_to_high_without_frozen_embeddings(encoder_folder: Path) -> None:
    module = from_folder(encoder_folder).module
    assert isinstance(module, PretrainedBody)
    names = {id(parameter): name for name, parameter in module.named_parameters()}
    layers = [[names[id(parameter)] for parameter in layer] for layer in module.layers()]
    assert len(layers) == 3
    assert all("layer.0." in name for name in layers[1])
    assert all("layer.1." in name for name in layers[2])
    assert any("position_embeddings" in name for name in layers[0])
    trained = {name for name, p in module.named_parameters() if p.requires_grad}
    assert sorted(name for layer in layers for name in layer) == sorted(trained)
    assert not any("word_embeddings" in name for name in trained)


def test_embeddings_are_trained_if_the_config_says_so(encoder_folder: Path) -> None:
    module = from_folder(encoder_folder, freeze_embeddings=False).module
    assert isinstance(module, PretrainedBody)
    words = module.model.get_input_embeddings().weight
    assert any(parameter is words for parameter in module.layers()[0])


def test_the_configured_dropout_is_the_encoder_s(encoder_folder: Path) -> None:
    module = from_folder(encoder_folder).module
    rates = {part.p for part in module.modules() if isinstance(part, torch.nn.Dropout)}
    assert rates == {0.25}


def test_characters_need_no_folder() -> None:
    body = build_body(CharactersConfig(hidden=8), label_words=False)
    assert isinstance(body.encoder, CharacterEncoder)
    ids = torch.tensor([body.encoder("오사카").ids])
    assert body.module(ids, ids != 0).shape == (1, 3, body.dim)


@pytest.mark.parametrize("damage", ["folder", "config.json", "model.safetensors", "tokenizer.json"])
def test_what_cannot_be_loaded_is_named_in_one_line(
    small_encoder: SmallEncoder, tmp_path: Path, damage: str
) -> None:
    if damage != "folder":
        for part in small_encoder("bert"):
            part.save_pretrained(tmp_path)
        (tmp_path / damage).write_text("{")
        path = tmp_path
    else:
        path = tmp_path / "absent"
    with pytest.raises(ConfigError, match=r"encoder\.path: .* cannot be loaded") as error:
        from_folder(path)
    assert "\n" not in str(error.value)


def test_a_tokenizer_of_another_model_is_refused(
    small_encoder: SmallEncoder, tmp_path: Path
) -> None:
    model, tokenizer = small_encoder("bert")
    tokenizer.add_tokens(["훗카이도"])
    model.save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    with pytest.raises(ConfigError, match="they do not belong together"):
        from_folder(tmp_path)
