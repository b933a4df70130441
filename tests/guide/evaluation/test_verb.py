"""``nadeuri guide evaluate`` on the tiny guide."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from nadeuri.cli.guide.evaluate import command

OWN = """
now = 2026-11-27T18:30:00+09:00

[[conversation]]
id = "cafe"
kind = "recommend"
tags = ["plain"]
[[conversation.turn]]
question = "한림읍 카페 추천해줘"
plan.areas = [{ city = "제주시", town = "한림읍" }]
plan.categories = ["카페"]

[[conversation]]
id = "wrong"
kind = "chat"
[[conversation.turn]]
question = "안녕하세요"
plan.intent = "out_of_scope"
"""


@pytest.fixture
def arguments(place_folder: Path, tiny_guide_folder: Path, tmp_path: Path) -> list[str]:
    questions = tmp_path / "own.toml"
    questions.write_text(OWN, encoding="utf-8")
    return [str(place_folder), "--folder", str(tiny_guide_folder), "--questions", str(questions)]


def test_tables_of_figures_and_what_went_wrong(arguments: list[str]) -> None:
    done = CliRunner().invoke(command, [*arguments, "--failures"], catch_exceptions=False)
    assert done.exit_code == 0
    lines = done.output.splitlines()
    assert lines[0].split() == ["questions"]
    assert [line.split()[1] for line in lines if line.startswith("plan_exact")] == ["0.500"]
    assert any(line.startswith("plain ") for line in lines), "figures by tag"
    assert any(line.startswith("total ") for line in lines), "milliseconds by stage"
    at = lines.index("questions wrong.1: 안녕하세요")
    assert lines[at + 1 : at + 3] == [
        "  answered with chat",
        '  plan lacks intent "out_of_scope"; has intent "chat"',
    ]


def test_json(arguments: list[str]) -> None:
    done = CliRunner().invoke(command, [*arguments, "--json"], catch_exceptions=False)
    report = json.loads(done.output)
    assert report["n"] == {"questions": 2}
    assert report["parts"]["questions"]["plan_exact"] == 0.5
    assert report["failures"][0]["conversation"] == "wrong"


def test_a_part_is_of_the_shipped_questions(arguments: list[str]) -> None:
    done = CliRunner().invoke(command, [*arguments, "--part", "held_back"])
    assert done.exit_code == 2
    assert "--part" in done.output
