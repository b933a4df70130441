"""Units of text lie where they say, and a row has nothing that reads as padding."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

from nadeuri.errors import ArtifactError, ConfigError
from nadeuri.understand.encoding import (
    LAST_CODE_POINT,
    MAX_PIECES,
    SPACE_MARK,
    TOKENIZER_FILE,
    CharacterEncoder,
    Encoding,
    SubwordEncoder,
    TextEncoder,
    load_encoder,
    padded,
)
from nadeuri.understand.segments import CHARACTERS, MORPHEMES, N_TAGS, WORDS

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

FAMILY = "👨\u200d👩\u200d👧"
TEXT = f"부모님과 오사카 온천 호텔에서 쉬고 싶어요 {FAMILY}!"
TEXTS = st.lists(
    st.one_of(
        st.sampled_from(["오사카", "에서", "여행", "훗카이도", FAMILY, "😀", "㎏", "㈜", "﷽", "ﬁ"]),
        st.sampled_from(["\x00", "▁", "##", "[PAD]", "<pad>"]),
        st.sampled_from([" ", "\u3000", "\n"]),
        st.text(st.characters(exclude_categories=["Cs"]), max_size=4),
    ),
    max_size=10,
).map(lambda parts: unicodedata.normalize("NFC", "".join(parts)))


@pytest.fixture(params=["characters", "wordpiece", "wordpiece-words", "unigram", "unigram-words"])
def encoder(request: pytest.FixtureRequest) -> TextEncoder:
    """Every kind of encoder in turn."""
    if request.param == "characters":
        return CharacterEncoder()
    kind, _, words = request.param.partition("-")
    tokenizer: PreTrainedTokenizerFast = request.getfixturevalue(kind)
    return SubwordEncoder(tokenizer.backend_tokenizer, WORDS if words else MORPHEMES)


@pytest.fixture
def encoders(
    wordpiece: PreTrainedTokenizerFast, unigram: PreTrainedTokenizerFast
) -> list[TextEncoder]:
    """All of them, for a property."""
    made: list[TextEncoder] = [CharacterEncoder(), CharacterEncoder(label_words=True)]
    for tokenizer in (wordpiece, unigram):
        for segments in (WORDS, MORPHEMES):
            backend = Tokenizer.from_str(tokenizer.backend_tokenizer.to_str())
            made.append(SubwordEncoder(backend, segments))
    return made


def test_units_lie_in_the_text_in_order(encoders: list[TextEncoder]) -> None:
    @settings(deadline=None)  # Kiwi takes seconds to load
    @given(text=TEXTS)
    def check(text: str) -> None:
        for encoder in encoders:
            encoding = encoder(text)
            reached, at = 0, -1
            for unit, start, end in zip(
                encoding.units, encoding.starts, encoding.ends, strict=True
            ):
                assert reached <= start < end <= len(text)
                assert at < unit < len(encoding.ids)
                assert text[start:end] == text[start:end].strip()
                reached, at = end, unit
            assert len(encoding.tags) == len(encoding.ids)
            assert all(0 <= tag < N_TAGS for tag in encoding.tags)
            assert encoder.pad not in encoding.ids

    check()


@pytest.mark.parametrize(
    "text",
    [TEXT, "㎏세트 3㎏", "㈜나들이 ﬁne", "훗카이도에서", "  제주도\n여행 ", "각 나라", "제주﷽도"],
    ids=str,
)
def test_units_cover_every_character_that_is_read(encoder: TextEncoder, text: str) -> None:
    """BERT drops zero-width joiners before it looks; everything else is in a unit."""
    text = unicodedata.normalize("NFC", text)
    encoding = encoder(text)
    inside = {
        at
        for start, end in zip(encoding.starts, encoding.ends, strict=True)
        for at in range(start, end)
    }
    assert {text[at] for at in range(len(text)) if at not in inside} <= {" ", "\n", "\u200d"}


def test_a_text_without_characters_has_no_units(encoder: TextEncoder) -> None:
    for text in ("", " ", "\n\u3000"):
        assert encoder(text).units == []


def test_characters_are_read_as_they_are() -> None:
    encoding = CharacterEncoder()("가 😀\x00")
    assert encoding.ids[:3] == [ord("가"), ord(" "), LAST_CODE_POINT]
    assert encoding.ids[3] != CharacterEncoder.pad
    assert (encoding.units, encoding.starts, encoding.ends) == ([0, 2, 3], [0, 2, 3], [1, 3, 4])


def test_a_space_mark_stands_only_where_the_text_has_a_space(
    unigram: PreTrainedTokenizerFast,
) -> None:
    encoder = SubwordEncoder(unigram.backend_tokenizer, MORPHEMES)
    assert _pieces(encoder, "오사카 온천에서") == ["<s>", "▁오사카", "▁온천", "에서", "</s>"]
    # 훗 is in no piece: its mark would stand alone
    assert SPACE_MARK not in _pieces(encoder, "훗 오사카 훗카이도")
    assert len(encoder("훗 오사카").units) == 2


def test_a_space_mark_is_found_behind_another_pre_tokenizer(
    unigram: PreTrainedTokenizerFast,
) -> None:
    """XLM-R's tokenizers split at spaces first."""
    tokenizer = unigram.backend_tokenizer
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()]
    )
    encoder = SubwordEncoder(tokenizer, MORPHEMES)
    assert _pieces(encoder, "오사카 온천에서") == ["<s>", "▁오사카", "▁온천", "에서", "</s>"]


def test_pieces_do_not_run_across_segments(wordpiece: PreTrainedTokenizerFast) -> None:
    encoder = SubwordEncoder(wordpiece.backend_tokenizer, MORPHEMES)
    text = "오사카에서 쉬고"
    assert 3 in encoder(text).ends


def test_an_unknown_word_is_one_unit(wordpiece: PreTrainedTokenizerFast) -> None:
    encoder = SubwordEncoder(wordpiece.backend_tokenizer, WORDS)
    encoding = encoder("훗카이도 여행")
    assert list(zip(encoding.starts, encoding.ends, strict=True)) == [(0, 4), (5, 7)]


def test_characters_that_become_several_pieces_are_one_unit(
    unigram: PreTrainedTokenizerFast,
) -> None:
    encoder = SubwordEncoder(unigram.backend_tokenizer, WORDS)
    text = "㈜여행"
    encoding = encoder(text)
    assert len(_pieces(encoder, text)) > len(encoding.units) + 2
    assert [text[s:e] for s, e in zip(encoding.starts, encoding.ends, strict=True)] == [
        "㈜",
        "여행",
    ]


def test_a_piece_that_begins_within_a_character_is_a_unit_from_the_next() -> None:
    tokenizer = Tokenizer(
        models.Unigram([("<pad>", 0.0), ("<unk>", 0.0), ("k", -1.0), ("g세", -1.0)], unk_id=1)
    )
    tokenizer.normalizer = normalizers.NFKC()
    encoding = SubwordEncoder(tokenizer, WORDS)("㎏세")
    assert encoding == Encoding([2, 3], encoding.tags, [0, 1], [0, 1], [1, 2])


def test_label_words_makes_a_word_one_unit(encoder: TextEncoder) -> None:
    text = "오사카에서, 쉬고  싶어요"
    of_words: TextEncoder
    if isinstance(encoder, SubwordEncoder):
        of_words = SubwordEncoder(encoder.tokenizer, WORDS, label_words=True)
    else:
        of_words = CharacterEncoder(label_words=True)
    encoding = of_words(text)
    written = [text[s:e] for s, e in zip(encoding.starts, encoding.ends, strict=True)]
    assert written == text.split()
    assert len(encoding.ids) > len(written)


def test_an_encoder_is_the_same_after_saving(encoder: TextEncoder, tmp_path: Path) -> None:
    encoder.save(tmp_path)
    segments = CHARACTERS if isinstance(encoder, CharacterEncoder) else MORPHEMES
    loaded = load_encoder(tmp_path, segments, label_words=False)
    if isinstance(encoder, SubwordEncoder):
        encoder = SubwordEncoder(encoder.tokenizer, MORPHEMES)
    assert loaded(TEXT) == encoder(TEXT)
    assert loaded.pad == encoder.pad


def test_truncation_that_a_tokenizer_brings_along_is_left_out(
    wordpiece: PreTrainedTokenizerFast,
) -> None:
    tokenizer = wordpiece.backend_tokenizer
    tokenizer.enable_truncation(4)
    tokenizer.enable_padding(length=64)
    assert len(SubwordEncoder(tokenizer, WORDS)("오사카 여행 상품을 알려 주세요").units) == 5


def test_a_damaged_tokenizer_is_named(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match=TOKENIZER_FILE):
        load_encoder(tmp_path, WORDS, label_words=False)
    (tmp_path / TOKENIZER_FILE).write_text('{"model":')
    with pytest.raises(ArtifactError, match="cannot be read as a tokenizer"):
        load_encoder(tmp_path, WORDS, label_words=False)


def test_a_tokenizer_without_padding_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"neither \[PAD\] nor <pad>"):
        SubwordEncoder(Tokenizer(models.WordLevel({"[UNK]": 0}, unk_token="[UNK]")), WORDS)


def test_rows_are_filled_up() -> None:
    assert padded([[1], [2, 3], []], 9).tolist() == [[1, 9], [2, 3], [9, 9]]
    assert MAX_PIECES < 512


def _pieces(encoder: SubwordEncoder, text: str) -> list[str]:
    return [encoder.tokenizer.id_to_token(piece) for piece in encoder(text).ids]
