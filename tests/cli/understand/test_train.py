"""train, predict and evaluate: one small model through the commands."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from nadeuri.data.questions import read_questions
from nadeuri.understand.predict import QuestionParser

Invoke = Callable[..., Result]


def error_of(result: Result) -> str:
    """The one line of a user's error."""
    assert result.exit_code == 2, result.output
    assert "Traceback" not in result.output
    last: str = result.stderr.strip().splitlines()[-1]
    return last


def test_train_exports_what_it_judged(trained: Result, model: Path) -> None:
    assert trained.exit_code == 0, trained.output
    assert f"artefact: {model}" in trained.stdout
    parser = QuestionParser(model)
    figures = json.loads(parser.artifact.file("metrics.json").read_text("utf-8"))
    assert f"{figures['precision']:.4f}" in trained.stdout
    assert parser.gazetteer is not None
    assert parser.gazetteer.lookup("다낭")[0].country == "VN"
    n_train = sum(
        q.split == "train" for q in read_questions(model.parents[2] / "world" / "questions.parquet")
    )
    shown = trained.stdout.partition("train ")[2].partition(",")[0]
    assert int(shown) > 1.3 * n_train  # with those of --augment


def test_the_companys_codes_come_first(
    invoke: Invoke, config: Path, world: Path, tmp_path: Path
) -> None:
    table = tmp_path / "names.csv"
    table.write_text("name,label,code,aliases\n다낭,지역,VN-DAD-7,\n,지역,X,\n", encoding="utf-8")
    result = invoke(
        *("train", config, "--data", world, "--company", table, "--out", tmp_path / "run"),
        *("--set", "train.epochs=1", "--no-track"),
    )
    assert result.exit_code == 0, result.output
    assert "left out 1 missing_name" in result.stderr
    assert (tmp_path / "run" / "rejects.parquet").is_file()
    gazetteer = QuestionParser(tmp_path / "run" / "artifact").gazetteer
    assert gazetteer is not None
    link = gazetteer.link("다낭", "지역")
    assert link is not None
    assert link.code == "VN-DAD-7"


def test_what_is_wrong_is_said_in_a_line(invoke: Invoke, config: Path, tmp_path: Path) -> None:
    assert "no such file or folder" in error_of(invoke("train", config, "--data", tmp_path / "x"))
    file = tmp_path / "bad.jsonl"
    file.write_text('{"id": 1, "text": "안녕"}\n', encoding="utf-8")
    assert "part" in error_of(invoke("train", config, "--data", file))
    result = invoke("train", config, "--data", file, "--set", "train.lr=-1")
    assert "tiny.toml: train.lr: Input should be greater than 0" in error_of(result)


def test_predict_shows_a_table(invoke: Invoke, model: Path) -> None:
    result = invoke("predict", "다낭 패키지 추천해줘", "--model", model, "--today", "2026-11-28")
    assert result.exit_code == 0, result.output
    assert "의도: " in result.stdout
    assert "개체" in result.stdout


def test_predict_answers_lines_as_json(invoke: Invoke, model: Path) -> None:
    asked = "다낭 2박 3일 패키지\n\n  오사카 호텔  \n".encode() + b"\xff\n"
    result = invoke("predict", "-", "--json", "--model", model, input=asked)
    assert result.exit_code == 0, result.output
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    assert [answer["text"] for answer in answers] == [
        "다낭 2박 3일 패키지",
        "오사카 호텔",
        "\ufffd",
    ]
    for answer in answers:
        assert answer["intent"] is None or 0 < answer["intent"]["confidence"] <= 1
        for entity in answer["entities"]:
            assert answer["text"][entity["start"] : entity["end"]] == entity["text"]
    assert any(answer["entities"] for answer in answers)


@pytest.mark.parametrize("text", ["", " ", "ㅋㅋ", "🙂" * 3, "가" * 2000])
def test_predict_answers_odd_texts(invoke: Invoke, model: Path, text: str) -> None:
    result = invoke("predict", "--model", model, "--", text)
    assert result.exit_code == 0, result.output
    assert "의도: " in result.stdout


def test_predict_without_a_model(invoke: Invoke, tmp_path: Path) -> None:
    message = error_of(invoke("predict", "안녕", NADEURI_HOME=str(tmp_path)))
    assert message.startswith(f"error: {tmp_path}/artifacts/questions: not an artefact folder")


def test_evaluate_agrees_with_train(
    invoke: Invoke, model: Path, world: Path, tmp_path: Path
) -> None:
    file = tmp_path / "wrong.jsonl"
    result = invoke("evaluate", "--data", world, "--model", model, "--errors", file)
    assert result.exit_code == 0, result.output
    for word in ("precision", "cut_short", "intent_accuracy", "span_calibration"):
        assert word in result.stdout
    wrong = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    assert f"{len(wrong)} questions that went wrong" in result.stdout
    errors = [len(line["errors"]) for line in wrong]
    assert errors == sorted(errors, reverse=True)
    ids = {
        question.id
        for question in read_questions(world / "questions.parquet")
        if question.split == "test"
    }
    assert {line["id"] for line in wrong} <= ids
    everything = invoke("evaluate", "--data", world, "--model", model, "--part", "all")
    assert "120 questions (all)" in everything.stdout
