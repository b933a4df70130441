"""Segments cover a text whatever is written in it."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nadeuri.understand.segments import (
    CHARACTERS,
    KIWI_TAGS,
    MORPHEMES,
    N_TAGS,
    WORDS,
    Segmenter,
    segmenter,
)

KINDS = (WORDS, MORPHEMES, CHARACTERS)

PIECES = (
    *("오사카", "에서", "갈래", "3박4일", "#제주", "ㅋㅋ", "각", "𠀀", "㎏"),
    *("😀", "👨\u200d👩\u200d👧", "\u200b", "\x00"),
)
TEXTS = st.lists(
    st.one_of(
        st.sampled_from(PIECES),
        st.sampled_from([" ", "\u3000", "\n", "\t"]),
        st.text(st.characters(exclude_categories=["Cs"]), max_size=4),
    ),
    max_size=12,
).map(lambda parts: unicodedata.normalize("NFC", "".join(parts)))


@pytest.mark.parametrize("kind", KINDS)
@settings(deadline=None)  # Kiwi takes seconds to load
@given(text=TEXTS)
def test_every_character_but_spaces_lies_in_one_segment(kind: str, text: str) -> None:
    segments = segmenter(kind)(text)
    inside = [at for segment in segments for at in range(segment.start, segment.end)]
    assert inside == [at for at, char in enumerate(text) if not char.isspace()]
    assert all(segment.start < segment.end for segment in segments)
    assert all(0 <= segment.tag < N_TAGS for segment in segments)


@pytest.mark.parametrize("kind", KINDS)
def test_the_tag_tells_whether_a_space_is_before(kind: str) -> None:
    text = "부산\u3000바다 여행"
    spaced = {segment.start: segment.tag % 2 for segment in segmenter(kind)(text)}
    assert {start for start, is_spaced in spaced.items() if is_spaced} == {0, 3, 6}


def test_words_end_at_spaces_only() -> None:
    assert _written(segmenter(WORDS), " 제주도에서  3박,\n갈래😀 ") == [
        "제주도에서",
        "3박,",
        "갈래😀",
    ]


def test_morphemes_part_a_name_from_its_particle() -> None:
    assert _written(segmenter(MORPHEMES), "파타야 가려는데") == ["파타야", "가", "려", "는데"]
    segments = segmenter(MORPHEMES)("부산에서 놀자")
    assert [KIWI_TAGS[segment.tag // 2 - 1] for segment in segments[:2]] == ["NNP", "JKB"]


def test_morphemes_that_share_a_syllable_stay_together() -> None:
    """갈 is 가 and ㄹ."""
    assert _written(segmenter(MORPHEMES), "제주도 갈 사람") == ["제주도", "갈", "사람"]
    assert _written(segmenter(MORPHEMES), "제주도 갈래") == ["제주도", "갈", "래"]


def _written(segment: Segmenter, text: str) -> list[str]:
    return [text[start:end] for start, end, _ in segment(text)]
