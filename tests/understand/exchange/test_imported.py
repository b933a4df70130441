from __future__ import annotations

import unicodedata
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nadeuri.data.questions import problem
from nadeuri.data.rejects import BAD_ENCODING
from nadeuri.errors import DataError
from nadeuri.understand.exchange.imported import (
    BAD_SPAN,
    DUPLICATE_ID,
    MISSING_TEXT,
    Imported,
    Place,
    lines_of,
    spans_of_tags,
    to_nfc,
    write_rejects,
)

PLACE = Place(Path("questions.jsonl"), 3)
WORDS = st.text("가각힣ㄱabé😀\u1100\u1161\u11a8\u0301", min_size=1, max_size=5)


@given(st.lists(WORDS, min_size=1, max_size=6), st.data())
def test_nfc_keeps_what_is_marked(words: list[str], data: st.DataObject) -> None:
    marked = sorted(data.draw(st.sets(st.integers(0, len(words) - 1))))
    decomposed = [unicodedata.normalize("NFD", word) for word in words]
    starts = [sum(len(word) + 1 for word in decomposed[:index]) for index in range(len(words))]
    spans = [(starts[i], starts[i] + len(decomposed[i]), "L") for i in marked]

    text, moved = to_nfc(" ".join(decomposed), spans)

    assert text == unicodedata.normalize("NFC", " ".join(words))
    assert [text[start:end] for start, end, _ in moved] == [
        unicodedata.normalize("NFC", words[index]) for index in marked
    ]


@pytest.mark.parametrize("bad", ["괌\0 날씨", "괌 \ud800"])
@pytest.mark.parametrize("field", ["id", "text", "intent", "group", "split", "annotator"])
def test_what_no_database_takes_is_rejected(field: str, bad: str) -> None:
    imported = Imported()
    imported.add(PLACE, **{"id": "a", "text": "괌 날씨", field: bad})
    imported.add(PLACE, id="b", text="괌 날씨", spans=[(0, 1, bad)])
    assert not imported.questions
    assert [each.reason for each in imported.rejects] == [BAD_ENCODING] * 2


def test_a_boundary_inside_a_syllable_moves_outwards() -> None:
    text = unicodedata.normalize("NFD", "가 강릉")
    assert to_nfc(text, [(4, 5, "L")]) == ("가 강릉", [(2, 3, "L")])


@given(
    st.text("가나 😀\u1100\u1161", max_size=12),
    st.lists(st.tuples(st.integers(-1, 13), st.integers(-1, 13), st.just("L")), max_size=4),
)
def test_every_row_becomes_a_sound_question_or_a_reject(
    text: str, spans: list[tuple[int, int, str]]
) -> None:
    imported = Imported()
    imported.add(PLACE, id="a", text=text, spans=spans)
    assert len(imported.questions) + len(imported.rejects) == 1
    assert all(problem(question) is None for question in imported.questions)


def test_spaces_at_the_ends_of_a_mark_are_taken_off_and_marks_sorted() -> None:
    imported = Imported()
    imported.add(PLACE, id="a", text="일본 오사카 ", spans=[(2, 7, "지역"), (0, 3, "국가")])
    assert imported.questions[0].entities == (("일본", "국가"), ("오사카", "지역"))


def test_rejects_name_the_reason_and_are_written(tmp_path: Path) -> None:
    imported = Imported()
    imported.add(PLACE, id="a", text="  ")
    imported.add(PLACE, id="b", text="일본", spans=[(0, 2, "국가"), (1, 2, "국가")])
    imported.add(PLACE, id="c", text="일본")
    imported.add(PLACE, id="c", text="대만")
    assert [reject.reason for reject in imported.rejects] == [MISSING_TEXT, BAD_SPAN, DUPLICATE_ID]

    words = write_rejects(tmp_path, imported.rejects)

    assert "1 bad_span (first: questions.jsonl:3" in words
    rows = pq.read_table(tmp_path / "rejects.parquet").to_pylist()
    assert [row["reason"] for row in rows] == [MISSING_TEXT, BAD_SPAN, DUPLICATE_ID]
    assert write_rejects(tmp_path, []) == ""
    assert not (tmp_path / "rejects.parquet").exists()


def test_lines_end_at_newlines_only_and_without_the_byte_order_mark(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes("일본\r\n대\u2028만\x85\n".encode("utf-8-sig"))
    assert lines_of(file) == ["일본", "대\u2028만\x85"]


def test_another_encoding_is_named_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(b"a\n" + "일본".encode("cp949"))
    with pytest.raises(DataError, match=r"a\.txt:2: not UTF-8"):
        lines_of(file)


BOUNDS = [(0, 2), (3, 5), (6, 8)]


@pytest.mark.parametrize(
    ("scheme", "tags", "expected"),
    [
        ("bies", "S-A S-A O", [(0, 2, "A"), (3, 5, "A")]),
        ("bies", "B-A I-A E-A", [(0, 8, "A")]),
        ("bies", "B-A E-A S-A", [(0, 5, "A"), (6, 8, "A")]),
        ("bio", "B-A B-A I-A", [(0, 2, "A"), (3, 8, "A")]),
        ("bio", "O B-A I-A", [(3, 8, "A")]),
        ("bies", "B-A O E-A", "does not end"),
        ("bies", "O O B-A", "does not end"),
        ("bies", "B-A S-A O", "does not end"),
        ("bies", "S-A E-A O", "does not continue"),
        ("bio", "O I-A O", "does not continue"),
        ("bio", "B-A I-C O", "does not continue"),
        ("bio", "S-A O O", "not a tag"),
        ("bio", "B O O", "not a tag"),
        ("bio", "O-A O O", "not a tag"),
        ("bio", "O O", "3 tokens but 2 tags"),
    ],
)
def test_tags(scheme: str, tags: str, expected: list[tuple[int, int, str]] | str) -> None:
    if isinstance(expected, str):
        with pytest.raises(ValueError, match=expected):
            spans_of_tags(tags.split(), BOUNDS, scheme)
    else:
        assert spans_of_tags(tags.split(), BOUNDS, scheme) == expected
