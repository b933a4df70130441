from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from timing import quickest_s

from nadeuri.data.questions import Question, Span
from nadeuri.data.rejects import MALFORMED_ROW
from nadeuri.errors import DataError
from nadeuri.understand.exchange import doccano, label_studio
from nadeuri.understand.exchange.formats import read_any, recognise, write_as
from nadeuri.understand.exchange.imported import BAD_TAGS, write_rejects

SHARED = Path(__file__).parents[4] / "shared/data/questions"
EMOJI = Question("a", "😀👨‍👩‍👧 일본 가자 🎉", (Span(7, 9, "국가"),), "상품 추천", "g1", "train")

names = st.sampled_from(["국가", "상품 유형"])


@st.composite
def sound_questions(draw: st.DrawFn) -> list[Question]:
    """Questions of words, some of them marked; ids are unique."""
    found = []
    for number in range(draw(st.integers(0, 4))):
        words = draw(st.lists(st.text("가나a😀é\"',<&>", min_size=1, max_size=4), min_size=1))
        starts = [sum(len(word) + 1 for word in words[:index]) for index in range(len(words))]
        spans = [
            Span(start, start + len(word), draw(names))
            for start, word in zip(starts, words, strict=True)
            if draw(st.booleans())
        ]
        intent = draw(st.sampled_from([None, "날씨", "날씨#잡담"]))
        found.append(Question(f"q{number}", " ".join(words), tuple(spans), intent, annotator="m"))
    return found


@given(sound_questions())
def test_doccano_round_trip(tmp_path_factory: pytest.TempPathFactory, qs: list[Question]) -> None:
    file = tmp_path_factory.mktemp("doccano") / "all.jsonl"
    file.write_text(doccano.write(qs), encoding="utf-8")
    imported = doccano.read([file])
    assert imported.questions == qs
    assert imported.rejects == []


@given(sound_questions())
def test_label_studio_round_trip(
    tmp_path_factory: pytest.TempPathFactory, qs: list[Question]
) -> None:
    file = tmp_path_factory.mktemp("studio") / "tasks.json"
    file.write_text(label_studio.write(qs), encoding="utf-8")
    imported = label_studio.read_predictions([file])
    assert imported.questions == qs
    assert imported.rejects == []


@pytest.mark.parametrize(
    ("name", "written", "read"),
    [
        ("questions.parquet", "table", "auto"),
        ("questions.jsonl", "doccano", "auto"),
        ("questions.json", "label-studio", "label-studio-predictions"),
    ],
)
def test_every_writable_format_keeps_a_question_with_emoji(
    tmp_path: Path, name: str, written: str, read: str
) -> None:
    write_as(tmp_path / name, [EMOJI], written)
    [question] = read_any(tmp_path / name, read).questions
    assert question.entities == (("일본", "국가"),)
    assert (question.id, question.intent, question.group, question.split) == (
        "a",
        "상품 추천",
        "g1",
        "train",
    )
    assert [file.name for file in tmp_path.iterdir()] == [name]


def test_a_folder_of_tables_is_one_set(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_as(
            tmp_path / f"{name}.parquet", [Question(name, "안녕"), Question("c", "괌")], "table"
        )
    imported = read_any(tmp_path)
    assert [question.id for question in imported.questions] == ["a", "c", "b"]
    write_rejects(tmp_path, imported.rejects)
    assert [question.id for question in read_any(tmp_path).questions] == ["a", "c", "b"]


def test_a_format_that_is_only_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="kochat is only read; write one of table, doccano"):
        write_as(tmp_path / "a.csv", [EMOJI], "kochat")


def test_formats_are_recognised_by_their_files(tmp_path: Path) -> None:
    for name, format in (("a.jsonl", "doccano"), ("b.json", "label-studio"), ("c.tsv", "klue")):
        (tmp_path / name).touch()
        assert recognise(tmp_path / name) == format
    with pytest.raises(DataError, match="formats doccano, label-studio, klue there"):
        recognise(tmp_path)
    (tmp_path / "d.xlsx").touch()
    with pytest.raises(DataError, match="no known format; give one of table"):
        recognise(tmp_path / "d.xlsx")
    with pytest.raises(DataError, match="no such file"):
        recognise(tmp_path / "none.jsonl")
    with pytest.raises(DataError, match="nothing in the format atis"):
        read_any(tmp_path, "atis")


def test_kochat(tmp_path: Path) -> None:
    (tmp_path / "travel.csv").write_text(
        "question,label\r\n"
        "이번 주 서울 꽃구경,S-DATE S-DATE S-LOCATION S-PLACE\r\n"
        "양 꼬치 집,B-PLACE E-PLACE O\r\n"
        "서울,O O\r\n"
        '"a, b","O O"\r\n'
        "서울,O,O\r\n",
        encoding="utf-8-sig",
        newline="",
    )
    imported = read_any(tmp_path)
    first, second, third = imported.questions
    assert first.id == "travel-2"
    assert first.intent == "travel"
    assert [surface for surface, _ in first.entities] == ["이번", "주", "서울", "꽃구경"]
    assert second.entities == (("양 꼬치", "PLACE"),)
    assert third.text == "a, b"
    assert [(reject.source_row, reject.reason) for reject in imported.rejects] == [
        (4, BAD_TAGS),
        (6, MALFORMED_ROW),
    ]


def test_klue(tmp_path: Path) -> None:
    (tmp_path / "ner.tsv").write_text(
        "## 주석 : ##\n## set_1-news\t<박:PS> 씨\n박\tB-PS\n \tO\n#\tO\n\n"
        "나\tO\n파\tI-LC\n\n\n가 B-LC\n",
        encoding="utf-8",
    )
    imported = read_any(tmp_path / "ner.tsv")
    [question] = imported.questions
    assert (question.id, question.text, question.spans) == (
        "set_1-news",
        "박 #",
        (Span(0, 1, "PS"),),
    )
    assert [(reject.source_row, reject.reason) for reject in imported.rejects] == [
        (7, BAD_TAGS),
        (11, MALFORMED_ROW),
    ]


def test_atis(tmp_path: Path) -> None:
    folder = tmp_path / "atis" / "train"
    folder.mkdir(parents=True)
    (folder / "seq.in").write_text("to new york\nhi\n", encoding="utf-8")
    (folder / "seq.out").write_text("O B-city I-city\nO\n", encoding="utf-8")
    (folder / "label").write_text("flight#fare\nchat\n", encoding="utf-8")
    first, second = read_any(folder.parent).questions
    assert (first.entities, first.intent, first.split) == (
        (("new york", "city"),),
        "flight#fare",
        "train",
    )
    assert read_any(folder).questions == [first, second]
    (folder / "label").write_text("flight\n", encoding="utf-8")
    with pytest.raises(DataError, match="label 1; they must be equal"):
        read_any(folder)


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "n_questions", "n_rejects", "label"),
    [
        ("kochat", 16_004, 3, ("LOCATION", 13_537)),
        ("klue-ner", 4_000, 0, ("PS", 3_520)),
        ("atis", 5_871, 0, ("toloc.city_name", 5_059)),
    ],
)
def test_public_sets(name: str, n_questions: int, n_rejects: int, label: tuple[str, int]) -> None:
    if not (SHARED / name).is_dir():
        pytest.skip("needs the data sets in ../shared/data")
    imported = read_any(SHARED / name)
    assert quickest_s(lambda: read_any(SHARED / name), 3) < 3  # about .5 s alone
    assert len(imported.questions) == n_questions
    assert len(imported.rejects) == n_rejects
    spans = Counter(span.label for question in imported.questions for span in question.spans)
    assert spans.most_common(1) == [label]
