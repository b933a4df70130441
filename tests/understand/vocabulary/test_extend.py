from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nadeuri.errors import ConfigError
from nadeuri.understand.vocabulary.extend import extend
from nadeuri.understand.vocabulary.scan import Addition, choose, scan, unknown_rate

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerFast

    SmallEncoder = Callable[[str], tuple[PreTrainedModel, PreTrainedTokenizerFast]]

MISSION = ("훗카이도", "스케줄", "하얏트")
ADDITION = Addition(MISSION, tuple("훗케줄얏"))
SENTENCES = st.lists(
    st.text(alphabet="훗카이도스케줄하얏트여행제주호텔에서는 뷁a1北", max_size=12), max_size=6
)
WORD = st.text(alphabet="훗카이도스케줄하얏트여행제주호텔에서는", min_size=1, max_size=8)
same_function = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40
)


def rows(model: PreTrainedModel) -> torch.Tensor:
    weight = model.get_input_embeddings().weight
    assert isinstance(weight, torch.Tensor)
    return weight.detach().clone()


@pytest.mark.parametrize("word", MISSION)
def test_the_words_of_the_mission_become_whole_tokens(
    word: str, encoder_name: str, small_encoder: SmallEncoder
) -> None:
    model, tokenizer = small_encoder(encoder_name)
    assert tokenizer.unk_token_id in tokenizer(word)["input_ids"]

    extend(model, tokenizer, ADDITION)

    def pieces(text: str) -> list[str]:
        return [token.strip("▁#") for token in tokenizer.tokenize(text)]

    assert pieces(word) == [word]
    for attached in (f"{word}는", f"{word}에서", f"{word}여행", f"{word}호텔"):
        assert pieces(attached)[0] == word
        assert tokenizer.unk_token_id not in tokenizer(attached)["input_ids"]
    assert word in pieces(f"여행{word}")


def test_an_extended_encoder_reads_the_new_ids(
    encoder_name: str, small_encoder: SmallEncoder
) -> None:
    model, tokenizer = small_encoder(encoder_name)
    before = rows(model)

    extension = extend(model, tokenizer, ADDITION)

    ids = tokenizer("훗카이도는 하얏트호텔", return_tensors="pt")["input_ids"]
    assert set(extension.pieces) & set(ids[0].tolist())
    with torch.no_grad():
        assert model(input_ids=ids).last_hidden_state.isfinite().all()
    after = rows(model)
    assert torch.equal(after[: len(before)], before)
    assert len(after) == len(tokenizer) == len(before) + len(extension.pieces)
    assert model.config.vocab_size == len(after)


def test_a_shredded_word_starts_as_the_mean_of_its_pieces(
    encoder_name: str, small_encoder: SmallEncoder
) -> None:
    model, tokenizer = small_encoder(encoder_name)
    before = rows(model)
    ids = tokenizer("제주여행가", add_special_tokens=False)["input_ids"]
    assert len(ids) > 1
    assert tokenizer.unk_token_id not in ids

    extension = extend(model, tokenizer, Addition(("제주여행가",), ()), noise=0)

    after = rows(model)
    assert len(extension.pieces) == 2  # at the beginning of a word and inside one
    for index in extension.pieces:
        torch.testing.assert_close(after[index], before[ids].mean(dim=0))


def test_an_unknown_word_starts_as_the_mean_of_its_characters(small_encoder: SmallEncoder) -> None:
    model, tokenizer = small_encoder("electra")
    before, vocabulary = rows(model), tokenizer.get_vocab()
    assert {"얏", "야", "케", "줄", "게"}.isdisjoint(vocabulary)
    assert {"##얏", "##야", "##케", "##줄"}.isdisjoint(vocabulary)

    extend(model, tokenizer, Addition(("하얏트", "스케줄"), ("줄", "얏", "게", "뷁")), noise=0)

    def old(*tokens: str) -> torch.Tensor:
        return before[[vocabulary[token] for token in tokens]].mean(dim=0)

    after, added = rows(model), tokenizer.get_vocab()
    # 약 begins as 얏 does and 주 as 줄; nothing begins as 케 or 뷁
    torch.testing.assert_close(after[added["하얏트"]], old("하", "##약", "##트"))
    torch.testing.assert_close(
        after[added["##스케줄"]], torch.stack([old("스"), old("주", "##주")]).mean(dim=0)
    )
    torch.testing.assert_close(after[added["줄"]], old("주", "##주"))
    torch.testing.assert_close(after[added["게"]], old("##게"))
    torch.testing.assert_close(after[added["얏"]], old("##약"))
    torch.testing.assert_close(after[added["뷁"]], before.mean(dim=0))


def test_noise_tells_new_rows_apart_and_is_reproducible(small_encoder: SmallEncoder) -> None:
    model, tokenizer = small_encoder("bert")
    before = rows(model)
    extension = extend(model, tokenizer, ADDITION)
    again, other = small_encoder("bert")
    extend(again, other, ADDITION)

    new = rows(model)[list(extension.pieces)]
    assert len(torch.unique(new, dim=0)) == len(new)
    exact, plain = small_encoder("bert")
    extend(exact, plain, ADDITION, noise=0)
    apart = new - rows(exact)[list(extension.pieces)]
    assert 0 < apart.std() < 0.05 * before.std()
    assert torch.equal(rows(again), rows(model))


@pytest.mark.parametrize("encoder_name", ["electra", "e5"])
@same_function
@given(texts=SENTENCES)
def test_nothing_in_the_corpus_stays_unknown(
    encoder_name: str, small_encoder: SmallEncoder, texts: list[str]
) -> None:
    model, tokenizer = small_encoder(encoder_name)

    extend(model, tokenizer, choose(scan(texts, tokenizer), mode="syllables"))
    assert unknown_rate(texts, tokenizer) == (0, 0)

    extend(model, tokenizer, choose(scan(texts, tokenizer), min_count=1))
    assert unknown_rate(texts, tokenizer) == (0, 0)


@pytest.fixture(scope="module")
def repaired() -> dict[str, tuple[PreTrainedTokenizerFast, PreTrainedTokenizerFast]]:
    return {}


@pytest.mark.parametrize("encoder_name", ["electra", "e5"])
@same_function
@given(word=WORD)
def test_other_words_are_cut_as_before(
    encoder_name: str,
    small_encoder: SmallEncoder,
    repaired: dict[str, tuple[PreTrainedTokenizerFast, PreTrainedTokenizerFast]],
    word: str,
) -> None:
    if encoder_name not in repaired:
        model, after = small_encoder(encoder_name)
        extend(model, after, ADDITION)
        repaired[encoder_name] = small_encoder(encoder_name)[1], after
    before, after = repaired[encoder_name]

    if not any(added in word for added in (*ADDITION.words, *ADDITION.characters)):
        assert after(word)["input_ids"] == before(word)["input_ids"]


def test_a_known_syllable_in_a_longer_piece_is_not_torn_out(small_encoder: SmallEncoder) -> None:
    """'주' alone is an addition, '제주도' stays one piece."""
    model, tokenizer = small_encoder("bert")
    assert tokenizer.tokenize("제주도") == ["제주도"]

    extend(model, tokenizer, Addition((), ("제", "주", "도")))

    assert tokenizer.tokenize("제주도") == ["제주도"]


def test_words_behind_added_tokens_get_ids_behind_them(
    encoder_name: str, small_encoder: SmallEncoder
) -> None:
    model, tokenizer = small_encoder(encoder_name)
    tokenizer.add_tokens(["<e1>", "<e2>"])
    model.resize_token_embeddings(len(tokenizer), mean_resizing=False)
    marks = tokenizer.convert_tokens_to_ids(["<e1>", "<e2>"])

    extension = extend(model, tokenizer, ADDITION)

    assert min(extension.pieces) == max(marks) + 1
    assert tokenizer.convert_tokens_to_ids(["<e1>", "<e2>"]) == marks
    assert "<e1>" in tokenizer.tokenize("여행 <e1> 훗카이도")
    assert len(tokenizer) == len(rows(model))


def test_extending_twice_adds_nothing_the_second_time(
    encoder_name: str, small_encoder: SmallEncoder
) -> None:
    model, tokenizer = small_encoder(encoder_name)
    extend(model, tokenizer, ADDITION)
    once = rows(model)

    assert extend(model, tokenizer, ADDITION).pieces == {}
    assert torch.equal(rows(model), once)


def test_spare_rows_of_a_padded_matrix_are_used(small_encoder: SmallEncoder) -> None:
    model, tokenizer = small_encoder("roberta")
    size = len(tokenizer)
    model.resize_token_embeddings(size + 64, mean_resizing=False)

    extension = extend(model, tokenizer, ADDITION)

    assert min(extension.pieces) == size
    assert len(rows(model)) == size + 64


def test_tied_output_embeddings_follow(wordpiece: PreTrainedTokenizerFast) -> None:
    from transformers import BertConfig, BertForMaskedLM

    model = BertForMaskedLM(
        BertConfig(
            vocab_size=len(wordpiece),
            hidden_size=16,
            num_hidden_layers=1,
            num_attention_heads=2,
            intermediate_size=32,
        )
    )
    extend(model, wordpiece, ADDITION)

    output = model.get_output_embeddings()
    assert output.weight is model.get_input_embeddings().weight
    ids = wordpiece("훗카이도", return_tensors="pt")["input_ids"]
    assert model(input_ids=ids).logits.shape[-1] == len(wordpiece)


def test_a_phrase_can_be_no_token_and_is_reported(small_encoder: SmallEncoder) -> None:
    model, tokenizer = small_encoder("electra")

    extension = extend(model, tokenizer, Addition(("도쿄-훗카이도", "하얏트 호텔", "하얏트"), ()))

    assert extension.skipped == ("도쿄-훗카이도", "하얏트 호텔")
    assert {piece.surface for piece in extension.pieces.values()} == {"하얏트"}


def test_byte_level_bpe_gets_added_tokens(
    small_encoder: SmallEncoder, common_sentences: tuple[str, ...]
) -> None:
    from tokenizers import ByteLevelBPETokenizer
    from transformers import PreTrainedTokenizerFast

    backend = ByteLevelBPETokenizer()
    backend.train_from_iterator(common_sentences, vocab_size=300, show_progress=False)
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=backend._tokenizer)
    model, _ = small_encoder("roberta")
    model.resize_token_embeddings(len(tokenizer), mean_resizing=False)
    plain = tokenizer("제주도 여행")["input_ids"]

    extension = extend(model, tokenizer, ADDITION._replace(characters=()))

    assert "하얏트" in tokenizer.tokenize("국내 하얏트호텔")
    assert tokenizer("제주도 여행")["input_ids"] == plain
    assert len(extension.pieces) == 3
    assert len(rows(model)) == len(tokenizer)


def test_a_model_with_too_few_rows_is_refused(small_encoder: SmallEncoder) -> None:
    model, tokenizer = small_encoder("bert")
    tokenizer.add_tokens(["<e1>"])

    with pytest.raises(ConfigError, match="do not belong together"):
        extend(model, tokenizer, ADDITION)


def test_a_word_level_vocabulary_is_refused(small_encoder: SmallEncoder) -> None:
    from tokenizers import Tokenizer, models
    from transformers import PreTrainedTokenizerFast

    backend = Tokenizer(models.WordLevel({"[UNK]": 0, "여행": 1}, unk_token="[UNK]"))
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=backend, unk_token="[UNK]")
    model, _ = small_encoder("bert")

    with pytest.raises(ConfigError, match="WordLevel"):
        extend(model, tokenizer, ADDITION)
