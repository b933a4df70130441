"""The report: figures, marks, and what must not break out of it."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from nadeuri.data.questions import Question, Span
from nadeuri.training.state import CurvePoint
from nadeuri.understand.compare import Comparison, judge
from nadeuri.understand.config import CharactersConfig, ExperimentConfig
from nadeuri.understand.evaluate import ERRORS, evaluate
from nadeuri.understand.mistakes import mistakes, write_mistakes
from nadeuri.understand.parse import Parse
from nadeuri.understand.report import ERROR_TITLES, confusion_of, summary_of, write_report
from nadeuri.understand.runs import RunResult
from nadeuri.understand.samples import Piece, draw, pieces

PLACE, DAY = "지역", "날짜"
EVIL = "</td><script>alert(1)</script>|파타야"
QUESTIONS = [
    Question("q1", "내일 파타야 날씨", (Span(0, 2, DAY), Span(3, 6, PLACE)), "날씨"),
    Question("q2", "다낭 패키지", (Span(0, 2, PLACE),), "상품 추천"),
    Question("q3", "고마워", (), "잡담"),
    Question("q4", EVIL, (Span(len(EVIL) - 3, len(EVIL), PLACE),), "날씨"),
]
PERFECT = tuple(Parse(q.spans, (0.9,) * len(q.spans), q.intent, 0.8) for q in QUESTIONS)
CUT = (
    Parse((Span(0, 2, DAY), Span(3, 5, PLACE)), (0.9, 0.6), "날씨", 0.9),
    Parse((), (), "날씨", 0.7),
    Parse((), (), None, 0.0),
    PERFECT[3],
)


def result(name: str, answers: tuple[Parse, ...], seed: int = 1) -> RunResult:
    return RunResult(
        config=ExperimentConfig(name=name, encoder=CharactersConfig()),
        seed=seed,
        valid=evaluate(QUESTIONS, answers),
        test=evaluate(QUESTIONS, answers),
        answers=answers,
        curve=(CurvePoint(1, 2.0, 0.5, 1.0, 0.1, 1.0), CurvePoint(2, 1.0, 0.75, 2.0, 0.1, 1.0)),
        best_epoch=2,
        train_seconds=65.0,
        precision="int8",
        p50_ms=1.25,
        p99_ms=3.5,
        size_mib=12.34,
        folder=Path(f"{name}-seed{seed}"),
    )


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    runs = {"sure": (result("sure", PERFECT), result("sure", CUT, 2)), "cut": (result("cut", CUT),)}
    parts = dict.fromkeys(("train", "valid", "test"), QUESTIONS)
    return judge(runs, parts, data="<여행>", skipped={"far": "no <hub> here"})


@pytest.fixture(scope="module")
def page(comparison: Comparison, tmp_path_factory: pytest.TempPathFactory) -> str:
    return write_report(comparison, tmp_path_factory.mktemp("report")).html.read_text("utf-8")


def test_the_page_is_whole_and_stands_alone(page: str) -> None:
    open_tags: list[str] = []

    class Checker(HTMLParser):
        def handle_starttag(self, tag: str, attrs: object) -> None:
            if tag not in ("meta", "path", "rect", "br"):
                open_tags.append(tag)

        def handle_startendtag(self, tag: str, attrs: object) -> None:
            pass

        def handle_endtag(self, tag: str) -> None:
            assert open_tags.pop() == tag

    Checker().feed(page)
    assert open_tags == []
    assert "<script" not in page
    assert not re.search(r'(src|href)="', page)
    assert page.count("<svg") == 3
    assert "&lt;여행&gt;" in page
    assert "no &lt;hub&gt; here" in page


def test_entities_are_marked(page: str) -> None:
    assert '<mark class="hue1">파타야<small>지역</small></mark>' in page
    assert '<mark class="hue1">파타<small>지역</small></mark>야' in page
    assert '<mark class="hue0">내일<small>날짜</small></mark>' in page


def test_markdown_tables_have_even_rows(comparison: Comparison, tmp_path: Path) -> None:
    text = write_report(comparison, tmp_path).markdown.read_text("utf-8")
    tables = [block for block in text.split("\n\n") if block.startswith("|")]
    assert len(tables) >= 5 + len(QUESTIONS)
    for table in tables:
        widths = {len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}
        assert len(widths) == 1, table
    for link in re.findall(r"\]\((charts/[^)]+)\)", text):
        assert (tmp_path / link).read_text("utf-8").startswith("<svg")
    assert "<script" not in text
    assert "**파타** (지역)" in text


def test_the_summary_is_json_without_nan(comparison: Comparison, tmp_path: Path) -> None:
    files = write_report(comparison, tmp_path)
    summary = json.loads(files.summary.read_text("utf-8"), parse_constant=pytest.fail)
    assert summary == json.loads(json.dumps(summary_of(comparison)))
    assert summary["adopted_run"] == "sure-seed1"
    cut = next(model for model in summary["models"] if model["name"] == "cut")
    assert cut["test"]["error_cut_short"]["mean"] == 1
    assert cut["by_label"]["날짜"]["mean"] == 1


def test_confusion_counts_every_question_with_an_intent(comparison: Comparison) -> None:
    confusion = confusion_of(comparison)
    assert confusion is not None
    assert sum(map(sum, confusion.counts)) == len(QUESTIONS)
    at = confusion.intents.index
    assert confusion.counts[at("날씨")][at("날씨")] == 2


def test_every_error_has_a_title() -> None:
    assert set(ERROR_TITLES) == set(ERRORS)


def test_pieces_make_up_the_text() -> None:
    text, spans = QUESTIONS[0].text, QUESTIONS[0].spans
    cut = list(pieces(text, spans, {DAY: 0, PLACE: 1}))
    assert cut == [
        Piece("내일", DAY, 0),
        Piece(" ", None, None),
        Piece("파타야", PLACE, 1),
        Piece(" 날씨", None, None),
    ]
    assert list(pieces("", (), {})) == []


def test_samples_are_drawn_at_random_then_among_the_misunderstood() -> None:
    many = [Question(f"q{n}", f"다낭 {n}", (Span(0, 2, PLACE),)) for n in range(30)]
    found = [Parse(q.spans if n % 3 else (), (1.0,)) for n, q in enumerate(many)]
    usual, wrong = draw(many, {"a": found}, 5)
    texts = [sample.text for sample in (*usual, *wrong)]
    assert len(set(texts)) == len(texts) == 10
    assert not any(sample.is_right for sample in wrong)
    assert draw(many, {"a": found}, 5) == (usual, wrong)


def test_mistakes_come_worst_first(tmp_path: Path) -> None:
    made = mistakes(QUESTIONS, CUT)
    assert [mistake.question.id for mistake in made] == ["q2", "q1", "q3"]
    assert made[0].errors == ("missed",)
    assert made[1].errors == ("cut_short",)
    write_mistakes(tmp_path / "new" / "wrong.jsonl", made)
    lines = (tmp_path / "new" / "wrong.jsonl").read_text("utf-8").splitlines()
    first = json.loads(lines[0])
    assert first["errors"] == ["missed", "wrong_intent"]
    assert first["true"] == {"spans": [[0, 2, PLACE, "다낭"]], "intent": "상품 추천"}
    assert first["found"]["intent"] == "날씨"
    assert len(lines) == 3
