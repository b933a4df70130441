"""vocabulary: the scan is shown, the extended pair is written and can be trained on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from nadeuri.understand.vocabulary.pair import load_pair

Invoke = Callable[..., Result]
KNOWN = "안녕하세요 다음 달에 부모님과 함께 갈 만한 제주도 여행 상품을 추천해 주세요 로 가는"
CHATS = "훗카이도 여행 상품을 추천해 주세요\n훗카이도로 가는 상품\n제주도 여행\n"


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small BERT that lacks 훗 and 카."""
    import torch
    from transformers import BertConfig, BertModel, BertTokenizer

    folder = tmp_path_factory.mktemp("encoder")
    syllables = sorted({syllable for word in KNOWN.split() for syllable in word})
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *KNOWN.split(), *syllables]
    pieces += [f"##{syllable}" for syllable in syllables]
    vocab = {piece: number for number, piece in enumerate(dict.fromkeys(pieces))}
    torch.manual_seed(0)
    sizes = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    BertModel(BertConfig(vocab_size=len(vocab), intermediate_size=32, **sizes)).save_pretrained(
        folder
    )
    BertTokenizer(vocab=vocab, do_lower_case=False).save_pretrained(folder)
    return folder


def test_unknown_words_are_ranked_and_added(invoke: Invoke, encoder: Path, tmp_path: Path) -> None:
    chats = tmp_path / "chats.txt"
    chats.write_text(CHATS, encoding="utf-8")
    out = tmp_path / "extended"
    shown = invoke("vocabulary", "--data", chats, "--encoder", encoder, "--top", 1, "--out", out)
    assert shown.exit_code == 0, shown.output
    first = shown.stdout.splitlines()[2].split()
    assert first[:3] == ["훗카이도", "2", "unknown"]
    rates = {line.split()[0]: line.split()[1:] for line in shown.stdout.splitlines()[-5:] if line}
    assert rates["before"][1] == "66.67%"
    assert rates["after"] == ["0.00%", "0.00%"]

    assert f"encoder: {out}" in shown.stdout
    model, tokenizer = load_pair(out)
    assert tokenizer.tokenize("훗카이도 여행") == ["훗카이도", "여행"]
    assert model.get_input_embeddings().num_embeddings >= len(tokenizer)
    assert load_pair(encoder)[1].tokenize("훗카이도") == ["[UNK]"]


def test_a_folder_without_a_model_is_named(invoke: Invoke, world: Path, tmp_path: Path) -> None:
    result = invoke("vocabulary", "--data", world, "--encoder", tmp_path)
    assert result.exit_code == 2
    assert "not a folder of a Hugging Face model" in result.stderr
