"""Words that names translate."""

from __future__ import annotations

import csv
from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nadeuri.match.names.types import likeness, pieces_of, types_among

COLUMNS = ["concept", "group", "ko", "en", "ja", "zh", "other"]


def concepts(text: str) -> list[frozenset[str]]:
    return [piece.concepts for piece in pieces_of(text.split()) if piece.concepts]


def test_the_lexicon_is_whole() -> None:
    with (files("nadeuri.match.names") / "place_types.tsv").open(encoding="utf-8") as lines:
        rows = list(csv.reader(lines, delimiter="\t"))
    assert rows[0] == COLUMNS
    assert {len(row) for row in rows} == {len(COLUMNS)}
    assert len({row[0] for row in rows}) == len(rows)
    assert sum(bool(row[1]) for row in rows[1:]) > 120


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("국립중앙박물관", ["national", "central", "museum"]),
        ("해인사", ["temple"]),
        ("東寺", ["east", "temple"]),
        ("國立美術館", ["national", "art_museum"]),
        ("hauptbahnhof", ["station"]),
        ("flower markets", ["flower", "market"]),
        ("jardin botanico", ["botanical_garden"]),
        ("용다리", ["dragon", "bridge"]),
        ("황금의 언덕", ["gold", "hill"]),
        ("วัดโพธิ์", ["temple"]),
        ("площадь", ["square"]),
        ("스타벅스", []),
        ("asa", []),
    ],
)
def test_words_mean(text: str, meant: list[str]) -> None:
    found = concepts(text)
    assert len(found) == len(meant)
    assert all(concept in words for concept, words in zip(meant, found, strict=True))


@settings(deadline=None)
@given(
    st.lists(
        st.text(st.sampled_from("국립박물관사시장성京都寺abcdegnsx的"), min_size=1), max_size=4
    )
)
def test_pieces_are_the_tokens_cut(tokens: list[str]) -> None:
    pieces = pieces_of(tokens)
    assert "".join(piece.text.replace(" ", "") for piece in pieces) == "".join(tokens)
    assert not pieces or not pieces[0].glued


def test_only_types_are_types() -> None:
    assert types_among({"national", "museum"}) == {"museum"}


def test_likeness_counts_words_and_groups() -> None:
    temple, shrine, gold = (frozenset({name}) for name in ("temple", "shrine", "gold"))
    assert likeness([temple], [temple]) == 1
    assert likeness([temple], [shrine]) == 0.5
    assert likeness([temple], [gold]) == likeness([temple], []) == 0
    assert likeness([gold, temple], [temple]) == pytest.approx(2 / 3)
