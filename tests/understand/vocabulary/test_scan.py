from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nadeuri.data.questions import Question
from nadeuri.errors import ConfigError
from nadeuri.understand.vocabulary.scan import (
    Addition,
    Scan,
    Word,
    affected,
    check,
    choose,
    scan,
    unknown_rate,
)

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

TRAVEL = [
    "훗카이도는 어떤가요",
    "훗카이도에서 스케줄을 짜 주세요",
    "훗카이도여행 상품을 알려 주세요",
    "스케줄이 궁금해요",
    "하얏트호텔 예약은 어떻게 하나요",
    "하얏트에서 쉬고 싶어요",
    "하얏트는 어떤가요",
    "훗카이도, 하얏트!",
    "일본 오사카 여행 상품을 알려 주세요",
]


def test_unknown_words_are_found_without_their_particles(
    wordpiece: PreTrainedTokenizerFast,
) -> None:
    found = {word.text: word for word in scan(TRAVEL, wordpiece).words}

    assert {text: word.count for text, word in found.items()} == {
        "훗카이도": 4,
        "하얏트": 4,
        "스케줄": 2,
    }
    assert found["훗카이도"] == Word("훗카이도", 4, "unknown", ("훗",), "훗카이도는 어떤가요")
    assert {"케", "줄"} <= set(found["스케줄"].unknown)


def test_words_are_ranked_by_frequency(wordpiece: PreTrainedTokenizerFast) -> None:
    words = scan([*TRAVEL, *["하얏트 예약"] * 3], wordpiece).words

    assert [word.text for word in words] == ["하얏트", "훗카이도", "스케줄"]


def test_missing_characters_are_counted_over_all_words(wordpiece: PreTrainedTokenizerFast) -> None:
    characters = scan([*TRAVEL, "훗"], wordpiece).characters

    assert next(iter(characters)) == "훗"
    assert characters["훗"] == 5
    assert {"훗", "얏", "케", "줄"} <= set(characters)


def test_hanja_are_missing_characters_one_by_one(wordpiece: PreTrainedTokenizerFast) -> None:
    assert scan(["東京"], wordpiece).characters == {"京": 1, "東": 1}


def test_a_final_syllable_that_looks_like_a_particle_stays(
    wordpiece: PreTrainedTokenizerFast,
) -> None:
    """'파타야' was once cut to '파타', and '야' is a particle."""
    words = scan(["파타야", "파타야에서", "파타야는", "훗카이도"], wordpiece).words

    assert [word.text for word in words] == ["파타야", "훗카이도"]


def test_shredded_words_are_found(unigram: PreTrainedTokenizerFast) -> None:
    """'도나가' is known by its characters alone; '여행' is a piece."""
    words = scan(["도나가도", "여행"], unigram).words

    assert [(word.text, word.kind, word.unknown) for word in words] == [
        ("도나가도", "shredded", ())
    ]


def test_a_shredded_inflection_of_a_sound_noun_is_nothing_to_add(
    wordpiece: PreTrainedTokenizerFast,
) -> None:
    pieces = wordpiece.tokenize("호텔은요")
    assert len(pieces) == 3
    assert "[UNK]" not in pieces

    assert scan(["호텔은요"], wordpiece).words == []


def test_nouns_of_an_analyser_take_the_place_of_stems(wordpiece: PreTrainedTokenizerFast) -> None:
    def words_of(text: str) -> list[str]:
        return ["하얏트"] if "하얏트" in text else []

    words = scan(["국내하얏트호텔은 훗카이도에"], wordpiece, words_of).words

    assert [word.text for word in words] == ["하얏트", "훗카이도에"]


def test_choice_takes_frequent_words_and_all_characters() -> None:
    words = [Word(t, n, "unknown", (), t) for t, n in (("훗카이도", 5), ("훗", 4), ("하얏트", 2))]
    found = Scan([*words, Word("얏호", 1, "unknown", ("얏",), "얏호")], {"훗": 9, "얏": 3})

    assert choose(found) == Addition(("훗카이도", "하얏트"), ("훗", "얏"))
    assert choose(found, max_words=1).words == ("훗카이도",)
    assert choose(found, min_count=3).words == ("훗카이도",)
    assert choose(found, mode="tokens") == Addition(("훗카이도", "하얏트"), ())
    assert choose(found, mode="syllables") == Addition((), ("훗", "얏"))


def test_unknown_rate_counts_words_and_sentences(wordpiece: PreTrainedTokenizerFast) -> None:
    texts = ["훗카이도 여행", "일본 여행 상품을 😀", "하얏트 스케줄"]

    rate = unknown_rate(texts, wordpiece)

    assert rate.words == pytest.approx(3 / 7)
    assert rate.sentences == pytest.approx(2 / 3)
    assert unknown_rate([], wordpiece) == (0, 0)


def test_affected_are_the_questions_with_an_unknown_word(
    wordpiece: PreTrainedTokenizerFast,
) -> None:
    questions = [Question(str(number), text) for number, text in enumerate(TRAVEL)]

    assert [question.id for question in affected(questions, wordpiece)] == list("01234567")


@pytest.mark.parametrize("name", ["wordpiece", "unigram"])
def test_a_korean_tokenizer_is_sound(name: str, request: pytest.FixtureRequest) -> None:
    check(request.getfixturevalue(name))


def test_a_normaliser_that_takes_hangul_apart_is_refused(
    wordpiece: PreTrainedTokenizerFast,
) -> None:
    from transformers import BertTokenizer

    uncased = BertTokenizer(vocab=wordpiece.get_vocab())

    with pytest.raises(ConfigError, match="do_lower_case=False"):
        check(uncased)


def test_a_vocabulary_without_korean_is_refused() -> None:
    from transformers import BertTokenizer

    english = BertTokenizer(
        vocab={"[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3, "[MASK]": 4, "trip": 5},
        do_lower_case=False,
    )

    with pytest.raises(ConfigError, match="trained on Korean"):
        check(english)
