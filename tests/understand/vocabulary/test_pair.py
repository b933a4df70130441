from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import torch

from nadeuri.errors import ArtifactError
from nadeuri.understand.vocabulary.extend import extend
from nadeuri.understand.vocabulary.pair import PAIR, fingerprint, load_pair, save_pair, write_pair
from nadeuri.understand.vocabulary.scan import Addition

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerFast

    SmallEncoder = Callable[[str], tuple[PreTrainedModel, PreTrainedTokenizerFast]]

ADDITION = Addition(("훗카이도", "하얏트", "스케줄"), tuple("훗얏케줄"))
TEXT = "훗카이도는 하얏트호텔 스케줄, 제주도 KTX"


def test_a_pair_comes_back_as_it_was(
    encoder_name: str, small_encoder: SmallEncoder, tmp_path: Path
) -> None:
    model, tokenizer = small_encoder(encoder_name)
    extend(model, tokenizer, ADDITION)
    save_pair(tmp_path / "encoder", model, tokenizer)

    loaded, read = load_pair(tmp_path / "encoder")

    ids = tokenizer(TEXT, return_tensors="pt")["input_ids"]
    assert read(TEXT)["input_ids"] == ids[0].tolist()
    assert fingerprint(read) == fingerprint(tokenizer)
    with torch.no_grad():
        torch.testing.assert_close(
            loaded.eval()(input_ids=ids).last_hidden_state, model(input_ids=ids).last_hidden_state
        )


def test_a_pair_loads_as_the_architecture_asked_for(
    small_encoder: SmallEncoder, tmp_path: Path
) -> None:
    from transformers import ElectraForTokenClassification

    save_pair(tmp_path / "encoder", *small_encoder("electra"))

    loaded, _ = load_pair(tmp_path / "encoder", ElectraForTokenClassification)

    assert isinstance(loaded, ElectraForTokenClassification)


def test_an_extended_tokenizer_is_not_saved_with_the_old_model(
    small_encoder: SmallEncoder, tmp_path: Path
) -> None:
    model, tokenizer = small_encoder("bert")
    extend(model, tokenizer, ADDITION)
    old, _ = small_encoder("bert")

    with pytest.raises(ArtifactError, match="extend both together"):
        save_pair(tmp_path / "encoder", old, tokenizer)
    assert list(tmp_path.iterdir()) == []


def test_the_tokenizer_from_before_the_extension_is_refused(
    encoder_name: str, small_encoder: SmallEncoder, tmp_path: Path
) -> None:
    model, tokenizer = small_encoder(encoder_name)
    extend(model, tokenizer, ADDITION)
    write_pair(tmp_path, model, tokenizer)
    small_encoder(encoder_name)[1].save_pretrained(tmp_path)

    with pytest.raises(ArtifactError, match=r"is not the one that this model .* was saved with"):
        load_pair(tmp_path)


def test_a_tokenizer_of_the_same_size_with_other_ids_is_refused(
    small_encoder: SmallEncoder, tmp_path: Path
) -> None:
    model, tokenizer = small_encoder("bert")
    extend(model, tokenizer, ADDITION)
    write_pair(tmp_path, model, tokenizer)
    other, shuffled = small_encoder("bert")
    extend(other, shuffled, Addition(ADDITION.words[::-1], ADDITION.characters))
    assert len(shuffled) == len(tokenizer)
    shuffled.save_pretrained(tmp_path)

    with pytest.raises(ArtifactError, match="export model and tokenizer together again"):
        load_pair(tmp_path)


def test_another_normaliser_over_the_same_vocabulary_is_refused(
    small_encoder: SmallEncoder, tmp_path: Path
) -> None:
    write_pair(tmp_path, *small_encoder("bert"))
    file = tmp_path / "tokenizer_config.json"
    settings = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps(settings | {"do_lower_case": True}), encoding="utf-8")

    with pytest.raises(ArtifactError, match="is not the one"):
        load_pair(tmp_path)


def test_a_foreign_folder_is_judged_by_its_sizes(
    small_encoder: SmallEncoder, tmp_path: Path
) -> None:
    model, tokenizer = small_encoder("distilbert")
    write_pair(tmp_path, model, tokenizer)
    (tmp_path / PAIR).unlink()
    load_pair(tmp_path)

    rows = len(tokenizer)
    tokenizer.add_tokens(["<e1>"])
    tokenizer.save_pretrained(tmp_path)
    with pytest.raises(
        ArtifactError, match=rf"{len(tokenizer)} ids but the model only {rows} embedding rows"
    ):
        load_pair(tmp_path)


def test_a_changed_file_of_an_artefact_is_refused(
    small_encoder: SmallEncoder, tmp_path: Path
) -> None:
    model, tokenizer = small_encoder("bert")
    save_pair(tmp_path / "encoder", model, tokenizer)
    tokenizer.add_tokens(["<e1>"])
    tokenizer.save_pretrained(tmp_path / "encoder")

    with pytest.raises(ArtifactError, match=r"tokenizer.*\.json has changed since it was written"):
        load_pair(tmp_path / "encoder")


def test_rows_that_the_weights_lack_are_refused(
    small_encoder: SmallEncoder, tmp_path: Path
) -> None:
    model, tokenizer = small_encoder("bert")
    write_pair(tmp_path, model, tokenizer)
    (tmp_path / PAIR).unlink()
    file = tmp_path / "config.json"
    config = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps(config | {"vocab_size": 400}), encoding="utf-8")

    with pytest.raises(ArtifactError, match="cannot load it"):
        load_pair(tmp_path)


@pytest.mark.parametrize("content", ["", "{}", '{"tokenizer_sha256": 1}'])
def test_a_broken_fingerprint_is_refused(
    content: str, small_encoder: SmallEncoder, tmp_path: Path
) -> None:
    write_pair(tmp_path, *small_encoder("bert"))
    (tmp_path / PAIR).write_text(content, encoding="utf-8")

    with pytest.raises(ArtifactError, match=r"pair\.json: cannot be read"):
        load_pair(tmp_path)


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match=r"no config\.json"):
        load_pair(tmp_path / "absent")


def test_a_folder_without_a_tokenizer_is_refused(
    small_encoder: SmallEncoder, tmp_path: Path
) -> None:
    write_pair(tmp_path, *small_encoder("bert"))
    for file in (tmp_path / PAIR, *tmp_path.glob("tokenizer*")):
        file.unlink()

    with pytest.raises(ArtifactError, match="no vocabulary"):
        load_pair(tmp_path)
