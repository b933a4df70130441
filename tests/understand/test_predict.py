"""Answers from an exported question model."""

from __future__ import annotations

import shutil
import subprocess
import sys
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest

from nadeuri import columns
from nadeuri.artifact import Artifact, write_artifact
from nadeuri.data.questions import Question, Span
from nadeuri.errors import ArtifactError
from nadeuri.understand import bundle
from nadeuri.understand.parse import MAX_CHUNK, Parse
from nadeuri.understand.predict import MAX_LINKED, QuestionParser
from nadeuri.understand.values.budgets import Budget
from nadeuri.understand.values.durations import Duration
from nadeuri.understand.values.numbers import Bounds
from nadeuri.understand.values.parties import Party
from nadeuri.understand.values.ranges import DateRange

TODAY = date(2026, 11, 28)
TEXT = "다음 달 둘째 주 일본 2박 3일 4인 가족 100만원대 상품 추천해 주세요"


@pytest.fixture(scope="module")
def parser(question_artifact: Artifact) -> QuestionParser:
    return QuestionParser(question_artifact.path)


def test_a_question_with_values_and_links(parser: QuestionParser) -> None:
    answer = parser.answer(TEXT, today=TODAY)
    assert answer.text == TEXT
    assert answer.intent == columns.PRODUCT_INTENT
    assert answer.intent_confidence > 0.5
    found = {entity.label: entity for entity in answer.entities}
    assert [(entity.text, entity.label) for entity in answer.entities] == [
        ("다음 달 둘째 주", columns.DATE_LABEL),
        ("일본", columns.COUNTRY_LABEL),
        ("2박 3일", columns.DURATION_LABEL),
        ("4인 가족", columns.PARTY_LABEL),
        ("100만원대", columns.BUDGET_LABEL),
    ]
    assert {label: entity.value for label, entity in found.items()} == {
        columns.DATE_LABEL: DateRange(date(2026, 12, 7), date(2026, 12, 13), "week"),
        columns.COUNTRY_LABEL: None,
        columns.DURATION_LABEL: Duration(Bounds(2, 2), Bounds(3, 3)),
        columns.PARTY_LABEL: Party(Bounds(4, 4)),
        columns.BUDGET_LABEL: Budget(1_000_000, 1_999_999),
    }
    link = found[columns.COUNTRY_LABEL].link
    assert link is not None
    assert (link.code, link.name, link.kind) == ("JP", "일본", "exact")
    assert [entity.link for entity in answer.entities if entity.value] == [None] * 4
    assert all(0.5 < entity.confidence <= 1 for entity in answer.entities)


def test_dates_are_reckoned_from_today_though_the_parse_is_kept(
    question_artifact: Artifact, monkeypatch: pytest.MonkeyPatch
) -> None:
    parser = QuestionParser(question_artifact.path)
    read = _count_parsed(parser, monkeypatch)
    starts = [
        parser.answer("내일 일본 날씨는?", today=day).entities[0].value
        for day in (date(2026, 1, 1), date(2026, 5, 5), date(2026, 1, 1))
    ]
    assert starts == [
        DateRange(date(2026, m, d), date(2026, m, d), "day") for m, d in ((1, 2), (5, 6), (1, 2))
    ]
    assert read == ["내일 일본 날씨는?"]


def test_long_texts_are_not_kept(
    question_artifact: Artifact, monkeypatch: pytest.MonkeyPatch
) -> None:
    parser = QuestionParser(question_artifact.path)
    read = _count_parsed(parser, monkeypatch)
    for length in (MAX_CHUNK, MAX_CHUNK, MAX_CHUNK + 1, MAX_CHUNK + 1):
        parser.answer("가" * length, today=TODAY)
    assert [len(text) for text in read] == [MAX_CHUNK, *(MAX_CHUNK, 1), *(MAX_CHUNK, 1)]


def test_decomposed_text_is_the_composed_one(parser: QuestionParser) -> None:
    decomposed = unicodedata.normalize("NFD", TEXT)
    assert decomposed != TEXT
    assert parser.answer(decomposed, today=TODAY) == parser.answer(TEXT, today=TODAY)
    assert parser.answer_all([decomposed], today=TODAY) == [parser.answer(TEXT, today=TODAY)]


def test_nothing_to_read(parser: QuestionParser) -> None:
    for text in ("", "  \n\t"):
        answer = parser.answer(text, today=TODAY)
        assert (answer.text, answer.intent, answer.entities) == (text, None, ())


def test_many_together_are_the_same_as_one_by_one(
    parser: QuestionParser, travel_questions: list[Question]
) -> None:
    texts = [question.text for question in travel_questions[:60]]
    together = parser.answer_all(texts, today=TODAY)
    alone = [parser.answer(text, today=TODAY) for text in texts]
    for one, other in zip(alone, together, strict=True):
        assert [(e.text, e.label, e.start, e.value, e.link) for e in one.entities] == [
            (e.text, e.label, e.start, e.value, e.link) for e in other.entities
        ]
        assert [e.confidence for e in one.entities] == pytest.approx(
            [e.confidence for e in other.entities], abs=0.02
        )
        assert (one.text, one.intent) == (other.text, other.intent)
    assert sum(len(answer.entities) for answer in together) > 100


def test_threads_get_their_own_answers(
    question_artifact: Artifact, travel_questions: list[Question]
) -> None:
    parser = QuestionParser(question_artifact.path)
    texts = [question.text for question in travel_questions[:100]]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda text: parser.answer(text, today=TODAY), texts * 2))
    assert [answer.text for answer in answers] == texts * 2
    found = parser.parse(texts)
    for answer, parse in zip(answers, found * 2, strict=True):
        spans = [Span(entity.start, entity.end, entity.label) for entity in answer.entities]
        assert spans == list(parse.spans)


def test_misspelt_names_are_linked(parser: QuestionParser) -> None:
    text = "일븐 다난 하나라"
    found = Parse(
        (
            Span(0, 2, columns.COUNTRY_LABEL),
            Span(3, 5, columns.REGION_LABEL),
            Span(6, 9, columns.THEME_LABEL),
        ),
        (0.9, 0.8, 0.7),
    )
    country, region, theme = parser.described(text, found, today=TODAY).entities
    assert region.link is not None
    assert (region.link.name, region.link.country, region.link.kind) == ("다낭", "VN", "fuzzy")
    assert (country.value, theme.value, theme.link) == (None, None, None)
    assert (country.confidence, region.confidence, theme.confidence) == (0.9, 0.8, 0.7)


def test_only_so_many_entities_are_linked(parser: QuestionParser) -> None:
    text = "일본 " * (MAX_LINKED + 5)
    spans = tuple(Span(at, at + 2, columns.COUNTRY_LABEL) for at in range(0, len(text), 3))
    entities = parser.described(text, Parse(spans, (0.9,) * len(spans)), today=TODAY).entities
    assert len(entities) == MAX_LINKED + 5
    assert [entity.link is not None for entity in entities] == [True] * MAX_LINKED + [False] * 5


def test_without_a_gazetteer_there_are_no_links(
    question_artifact: Artifact, tmp_path: Path
) -> None:
    def write(folder: Path) -> None:
        _copy(question_artifact, folder)
        (folder / bundle.GAZETTEER_FILE).unlink()

    write_artifact(tmp_path / "bare", bundle.KIND, write, metadata=question_artifact.metadata)
    parser = QuestionParser(tmp_path / "bare")
    parser.warm_up()
    answer = parser.answer(TEXT, today=TODAY)
    assert len(answer.entities) == 5
    assert {entity.link for entity in answer.entities} == {None}


@pytest.mark.parametrize("name", [bundle.MODEL_FILE, bundle.HEAD_FILE, bundle.GAZETTEER_FILE])
def test_a_changed_or_missing_file_is_named(
    question_artifact: Artifact, tmp_path: Path, name: str
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(question_artifact.path, copy)
    content = (copy / name).read_bytes()
    (copy / name).write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(ArtifactError, match=f"{name} has changed"):
        QuestionParser(copy)
    (copy / name).unlink()
    with pytest.raises(ArtifactError, match=f"{name} is missing"):
        QuestionParser(copy)


@pytest.mark.parametrize("name", [bundle.MODEL_FILE, bundle.HEAD_FILE, bundle.GAZETTEER_FILE])
@pytest.mark.parametrize("content", [b"", b"not what it should be", b'{"labels": 1}'])
def test_a_file_that_cannot_be_read_is_one_line(
    question_artifact: Artifact, tmp_path: Path, name: str, content: bytes
) -> None:
    def write(folder: Path) -> None:
        _copy(question_artifact, folder)
        (folder / name).write_bytes(content)

    write_artifact(tmp_path / "bad", bundle.KIND, write, metadata=question_artifact.metadata)
    with pytest.raises(ArtifactError, match=name) as error:
        QuestionParser(tmp_path / "bad")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", [bundle.MODEL_FILE, bundle.HEAD_FILE])
def test_an_artefact_that_lacks_a_file(
    question_artifact: Artifact, tmp_path: Path, name: str
) -> None:
    def write(folder: Path) -> None:
        _copy(question_artifact, folder)
        (folder / name).unlink()

    write_artifact(tmp_path / "bad", bundle.KIND, write, metadata=question_artifact.metadata)
    with pytest.raises(ArtifactError, match=f"without {name}"):
        QuestionParser(tmp_path / "bad")


def test_another_kind_of_artefact(travel_artifact: Artifact) -> None:
    with pytest.raises(ArtifactError, match="recommender artefact, but questions is needed"):
        QuestionParser(travel_artifact.path)


def test_answering_imports_no_training_stack(question_artifact: Artifact) -> None:
    program = (
        "import sys\n"
        "from datetime import date\n"
        "from pathlib import Path\n"
        "from nadeuri.understand.predict import QuestionParser\n"
        "parser = QuestionParser(Path(sys.argv[1]))\n"
        "parser.warm_up()\n"
        "answer = parser.answer('추석 연휴 일본 날씨는?', today=date(2026, 1, 1))\n"
        "assert len(answer.entities) == 2, answer\n"
        "heavy = {'torch', 'mlflow', 'transformers', 'onnx', 'duckdb', 'scipy', 'sklearn'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(question_artifact.path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_a_forked_child_answers_and_exits(question_artifact: Artifact) -> None:
    """With Kiwi too: a thread of its pool, which a child has not, would be waited for at exit."""
    program = (
        "import os, sys, signal\n"
        "from datetime import date\n"
        "from pathlib import Path\n"
        "from nadeuri.understand.predict import QuestionParser\n"
        "from nadeuri.understand.segments import MORPHEMES, segmenter\n"
        "parser = QuestionParser(Path(sys.argv[1]))\n"
        "parser.warm_up()\n"
        "before = len(os.listdir('/proc/self/task'))\n"
        "morphemes = segmenter(MORPHEMES)\n"
        "morphemes('부산에서')\n"
        "assert len(os.listdir('/proc/self/task')) == before\n"
        "child = os.fork()\n"
        "if not child:\n"
        "    signal.alarm(20)\n"
        "assert len(morphemes('오사카에서')) == 2\n"
        "assert parser.answer('내일 일본 날씨는?', today=date(2026, 1, 1)).entities\n"
        "if child:\n"
        "    assert os.waitpid(child, 0)[1] == 0\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(question_artifact.path)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr


def _count_parsed(parser: QuestionParser, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every text that the network reads from now on."""
    read: list[str] = []
    encoder = parser._encoder

    class Counting:
        pad = encoder.pad
        save = encoder.save

        def __call__(self, text: str) -> object:
            read.append(text)
            return encoder(text)

    monkeypatch.setattr(parser, "_encoder", Counting())
    return read


def _copy(artifact: Artifact, folder: Path) -> None:
    for name in artifact.manifest.files:
        shutil.copy(artifact.path / name, folder / name)
