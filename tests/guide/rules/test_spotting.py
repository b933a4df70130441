"""Names in running text, and the vocabulary that they are looked up in."""

from __future__ import annotations

import pytest

from nadeuri.guide.plan import Area, Segment
from nadeuri.guide.rules.spotting import MAX_MENTIONS, spot
from nadeuri.guide.rules.text import Text
from nadeuri.guide.vocabulary import Kind, Vocabulary, wordings


def _spotted(text: str, vocabulary: Vocabulary) -> list[str]:
    found = []
    for mention in spot(Text.of(text), vocabulary):
        for name in mention.names:
            value = name.value
            text = (
                value.name
                if isinstance(value, Area)
                else value.value
                if isinstance(value, Segment)
                else value
            )
            found.append(text)
    return found


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("애월", ["애월읍"]),
        ("애월읍에서", ["애월읍"]),
        ("성산일출봉", ["성산일출봉"]),
        ("성산 일출봉", ["성산일출봉"]),
        ("협재 바다", ["협재해수욕장"]),
        ("조용한식당", ["조용해요"]),
        ("제일식당", []),
        ("자연동굴", []),
        ("리뷰", []),
        ("회사", []),
        ("아이스커피", []),
        ("제주 시장", []),
        ("제주시", ["제주시"]),
        ("아이들이랑", ["아이"]),
        ("cafe", ["카페"]),
        ("cafeteria", []),
        ("Pizza집", ["피자"]),
        ("카페인", []),
        ("카페인이 없는", []),
        ("카페인데", ["카페"]),
        ("카페인 곳", ["카페"]),
        ("가시리", ["표선면 가시리"]),
        ("가시 없는 생선", []),
        ("중문카페", ["중문동", "카페"]),
        ("여자친구", ["연인"]),
        ("여행", []),
        ("이도2동", ["이도이동"]),
    ],
)
def test_names(text: str, names: list[str], vocabulary: Vocabulary) -> None:
    assert _spotted(text, vocabulary) == names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("에월에서", ["애월읍"]),
        ("흑뒈지집", ["흑돼지"]),
        ("성산일츨봉", ["성산일출봉"]),
        ("카폐", ["카페"]),
        ("갈치조립", ["갈치조림"]),
        ("데서", []),
        ("주말에", []),
        ("주문하기", []),
        ("언덕 위", []),
        ("운동 환경", []),
        ("세 군데", []),
        ("친절하게", ["친절해요"]),
        ("부탁드려요", []),
    ],
)
def test_misspelt_names(text: str, names: list[str], vocabulary: Vocabulary) -> None:
    assert _spotted(text, vocabulary) == names


def test_only_so_many_names_are_read(vocabulary: Vocabulary) -> None:
    text = Text.of(" ".join(vocabulary.menus))
    assert len(spot(text, vocabulary)) == MAX_MENTIONS


@pytest.mark.parametrize(
    ("text", "kind", "values"),
    [
        ("애월", "area", ["애월읍"]),
        ("수산리", "area", ["성산읍 수산리", "애월읍 수산리"]),
        ("부산", "area", []),
        ("국수", "menu", ["국수"]),
        ("랍스터", "menu", []),
        ("스파게티", "menu", ["파스타"]),
        ("엄마", "companion", ["부모님"]),
        ("", "menu", []),
    ],
)
def test_find(text: str, kind: Kind, values: list[str], vocabulary: Vocabulary) -> None:
    found = [name.value for name in vocabulary.find(text, kind)]
    assert [value.name if isinstance(value, Area) else value for value in found] == values


def test_wordings_name_nothing_that_the_graph_lacks() -> None:
    bare = Vocabulary.of(
        [],
        categories=[],
        menus=[],
        attractions=[],
        purposes=[],
        companions=[],
        keywords=[],
        segments={},
    )
    assert not any(bare.surfaces.values())


def test_no_wording_asks_for_two_names_of_a_kind() -> None:
    for table in ("categories", "companions", "purposes", "keywords", "attractions"):
        every = [word for words in wordings()[table].values() for word in words]
        assert len(every) == len(set(every)), table
