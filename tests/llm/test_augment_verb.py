"""``augment --paraphrase`` asks the language model that the environment names."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from nadeuri.cli import main
from nadeuri.data.questions import Question, Span, read_questions, write_questions


def test_paraphrases_are_added_to_training(chat_server: Any, tmp_path: Path) -> None:
    table, out = tmp_path / "questions.parquet", tmp_path / "more.parquet"
    write_questions(
        table,
        [
            Question("a", "다낭 날씨 어때", (Span(0, 2, "지역"),), "날씨", split="train"),
            Question("b", "고마워", (), "잡담", split="valid"),
            Question("c", "안녕하세요", (), "잡담", split="test"),
        ],
    )
    chat_server.answer = lambda body: json.dumps(
        {"paraphrases": ["<지역>다낭</지역> 날씨가 궁금해요"]}
    )
    arguments = ["understand", "augment", "--data", table, "--out", out, "--paraphrase", 1]
    environment = {
        "NADEURI_LLM_BASE_URL": chat_server.url,
        "NADEURI_LLM_MODEL": "small",
        "NADEURI_LLM_KEY": "secret",
    }
    for _ in range(2):  # the second run asks nothing
        result = CliRunner().invoke(main, [*map(str, arguments), "--factor", "0"], env=environment)
        assert result.exit_code == 0, result.output
        assert "1 paraphrases" in result.stdout
    new = read_questions(out)[-1]
    assert (new.id, new.text, new.split) == ("a+p1", "다낭 날씨가 궁금해요", "train")
    assert new.entities == (("다낭", "지역"),)
    (asked,) = chat_server.requests
    assert asked["model"] == "small"
    assert chat_server.keys == ["Bearer secret"]
    assert "secret" not in result.output
