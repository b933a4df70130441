"""import, export, check, agreement and augment: labelled questions in, labelled questions out."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import Result

from nadeuri.data.questions import Question, Span, read_questions, write_questions
from nadeuri.understand.exchange.doccano import write as as_doccano

Invoke = Callable[..., Result]
DANANG = Question("1", "다낭 날씨 어때", (Span(0, 2, "지역"),), "날씨")


@pytest.mark.parametrize(("named", "suffix"), [("doccano", "jsonl"), ("label-studio", "json")])
def test_what_is_exported_is_imported(
    invoke: Invoke, world: Path, tmp_path: Path, named: str, suffix: str
) -> None:
    tasks = tmp_path / f"tasks.{suffix}"
    result = invoke("export", world, "--format", named, "--out", tasks)
    assert result.exit_code == 0, result.output
    read_as = "label-studio-predictions" if named == "label-studio" else "auto"
    out = tmp_path / "back.parquet"
    result = invoke("import", tasks, "--format", read_as, "--out", out)
    assert result.exit_code == 0, result.output
    assert result.stdout == f"{out}: 120 questions\n"
    before = read_questions(world / "questions.parquet")
    assert [(q.text, q.spans, q.intent, q.split) for q in read_questions(out)] == [
        (q.text, q.spans, q.intent, q.split) for q in before
    ]


def test_rejected_rows_are_counted_and_kept(invoke: Invoke, tmp_path: Path) -> None:
    file = tmp_path / "tasks.jsonl"
    bad = {"id": 2, "text": "다낭", "label": [[0, 9, "지역"]]}
    file.write_text(f"{as_doccano([DANANG])}{json.dumps(bad)}\n", encoding="utf-8")
    result = invoke("import", file, "--out", tmp_path / "q.parquet")
    assert result.exit_code == 0, result.output
    assert "1 bad_span (first: " in result.stdout
    assert (tmp_path / "rejects.parquet").is_file()
    used = invoke("check", "--data", file)
    assert f"{file}: left out 1 bad_span" in used.stderr
    assert "1 questions, 1 different texts" in used.stdout

    file.write_text(json.dumps(bad), encoding="utf-8")
    result = invoke("import", file, "--out", tmp_path / "none.parquet")
    assert result.exit_code == 2
    assert "no usable question; rejected: 1 bad_span" in result.stderr
    assert not (tmp_path / "none.parquet").exists()
    assert invoke("import", file, "--format", "xml", "--out", "x.parquet").exit_code == 2


def test_check_finds_conflicts_duplicates_and_leaks(invoke: Invoke, tmp_path: Path) -> None:
    table = tmp_path / "questions.parquet"
    asked = [
        replace(DANANG, split="train"),
        replace(
            DANANG, id="2", text="다낭 날씨 어때?", spans=(Span(0, 2, "출발지"),), split="test"
        ),
        Question("3", "고마워", (), "잡담", split="valid"),
        Question("4", "고마워", (), "범위 밖", split="train"),
    ]
    write_questions(table, asked)
    result = invoke("check", "--data", table)
    assert result.exit_code == 0, result.output
    assert "4 questions, 3 different texts, 2 without an entity" in result.stdout
    assert "conflicting labels: 1" in result.stdout
    assert "conflicting intents: 1" in result.stdout
    assert "near-duplicates: 2" in result.stdout
    assert "leaks from train to test: 1 of 1" in result.stdout
    assert "leaks from train to valid: 1 of 1" in result.stdout
    write_questions(table, [replace(question, split=None) for question in asked])
    assert "leaks" not in invoke("check", "--data", table).stdout


def test_agreement_of_two_files(invoke: Invoke, tmp_path: Path) -> None:
    first, second = tmp_path / "minji.jsonl", tmp_path / "junho.jsonl"
    thanks = Question("2", "고마워", (), "잡담")
    first.write_text(as_doccano([DANANG, thanks]), encoding="utf-8")
    second.write_text(
        as_doccano([replace(DANANG, spans=(Span(0, 2, "국가"),)), thanks]), encoding="utf-8"
    )
    result = invoke("agreement", first, second)
    assert result.exit_code == 0, result.output
    assert "junho – minji" in result.stdout
    assert "disagreements: 1 of 2 texts" in result.stdout
    assert "  minji: 다낭:지역 [날씨]" in result.stdout
    alone = invoke("agreement", first)
    assert alone.exit_code == 2
    assert "no text that two annotators labelled" in alone.stderr


def test_augment_adds_to_training_alone(invoke: Invoke, world: Path, tmp_path: Path) -> None:
    out = tmp_path / "more.parquet"
    secret = tmp_path / "secret.txt"
    secret.write_text("오사카\n\n도쿄\n", encoding="utf-8")
    result = invoke(
        *("augment", "--data", world, "--out", out, "--factor", 2),
        *("--labels", "지역, 국가", "--exclude", secret),
    )
    assert result.exit_code == 0, result.output
    before = {question.id: question for question in read_questions(world / "questions.parquet")}
    after = read_questions(out)
    new = [question for question in after if question.id not in before]
    assert f"{len(after)} questions, {len(new)} of them new" in result.stdout
    assert len(new) > 40
    assert {question.split for question in new} == {"train"}
    assert [q for q in after if q.id in before] == sorted(
        before.values(), key=lambda q: ("train", "valid", "test").index(q.split or "")
    )
    held_out = {
        surface
        for question in before.values()
        if question.split != "train"
        for surface, label in question.entities
        if label in ("지역", "국가")
    }
    for question in new:
        assert not any(name in question.text for name in (*held_out, "오사카", "도쿄"))


def test_paraphrases_need_a_language_model(invoke: Invoke, world: Path, tmp_path: Path) -> None:
    result = invoke(
        *("augment", "--data", world, "--out", tmp_path / "x.parquet", "--paraphrase", 1),
        NADEURI_LLM_BASE_URL="",
    )
    assert result.exit_code == 2
    assert "set NADEURI_LLM_BASE_URL" in result.stderr
    assert not (tmp_path / "x.parquet").exists()
