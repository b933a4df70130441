"""``nadeuri guide embed``, ``ask`` and ``chat``."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from nadeuri.cli import main
from nadeuri.cli.guide import VERBS
from nadeuri.data.sample.places import write_places
from nadeuri.data.sample.sizes import SIZES
from nadeuri.guide.answer import Answer

if TYPE_CHECKING:
    from click.testing import Result

PORK = "애월읍 흑돼지 맛집 추천해줘"


def run(*arguments: str, home: Path, typed: str | None = None) -> Result:
    environ = {"NADEURI_LLM_BASE_URL": "", "NADEURI_HOME": str(home)}
    return CliRunner(env=environ).invoke(main, ["guide", *arguments], input=typed)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A work folder with a loaded and embedded guide, and what embedding it printed."""
    home = tmp_path_factory.mktemp("home")
    tables, size = home / "tables", SIZES["tiny"]
    write_places(tables, size.places, size.reviews, size.usage_months, seed=0)
    loaded = run("load", str(tables), home=home)
    assert loaded.exit_code == 0, loaded.output
    embedded = run("embed", "--processes", "1", home=home)
    assert embedded.exit_code == 0, embedded.output
    return home, embedded.output


@pytest.fixture(scope="module")
def home(made: tuple[Path, str]) -> Path:
    """That work folder."""
    return made[0]


def test_embed_says_what_it_made_and_makes_it_once(made: tuple[Path, str]) -> None:
    home, output = made
    assert re.search(r"900 reviews of 30 places; 8\d\d texts embedded now", output)
    again = run("embed", "--processes", "1", home=home)
    assert again.exit_code == 0, again.output
    assert "; 0 texts embedded now" in again.output


def test_ask_shows_cards_with_reasons(home: Path) -> None:
    result = run("ask", PORK, home=home)
    assert result.exit_code == 0, result.output
    assert re.findall(r"^(\d)\. \S.* \(흑돼지\)$", result.output, re.MULTILINE) == ["1", "2", "3"]
    assert "평점" in result.output
    assert "원" in result.output
    assert "MATCH" not in result.output


def test_trace_shows_plan_query_and_steps(home: Path) -> None:
    result = run("ask", PORK, "--trace", home=home)
    assert result.exit_code == 0, result.output
    assert '"categories":["흑돼지"]' in result.output
    assert "MATCH (p:Place)" in result.output
    assert re.search(r"^understand +\d+\.\d +default", result.output, re.MULTILINE)


def test_json_is_the_whole_answer(home: Path) -> None:
    result = run("ask", PORK, "--json", home=home)
    assert result.exit_code == 0, result.output
    answer = Answer.model_validate_json(result.stdout)
    assert answer.kind == "places"
    assert answer.steps
    assert "흑돼지" in result.stdout


def test_a_thread_is_remembered_and_nothing_else(home: Path) -> None:
    first = run("ask", PORK, "--thread", "mine", "--json", home=home)
    second = run("ask", "가격은?", "--thread", "mine", home=home)
    names = [card["name"] for card in json.loads(first.stdout)["cards"]]
    assert all(name in second.output for name in names)
    assert "어느 가게가 궁금하세요" in run("ask", "가격은?", home=home).output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["ask", PORK, "--thread", "no such/name"], "thread"),
        (["ask", PORK, "--json", "--trace"], "--json"),
        (["ask", PORK, "--folder", "nowhere"], "nadeuri guide embed"),
        (["embed", "--folder", "nowhere"], "nadeuri guide load"),
        (["chat", "--folder", "nowhere"], "nadeuri guide embed"),
        (["chat", "--thread", "가"], "thread"),
        (["ask"], "Missing argument"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(home: Path, arguments: list[str], said: str) -> None:
    result = run(*arguments, home=home)
    assert result.exit_code == 2, result.output
    assert said in result.stderr
    assert "Traceback" not in result.output


def test_a_chat_goes_on_where_it_was_left(home: Path) -> None:
    first = run("chat", "--thread", "long", home=home, typed=f"{PORK}\n\n/trace\n")
    assert first.exit_code == 0, first.output
    assert "MATCH (p:Place)" in first.output
    typed = "가격은?\n/history\n/nonsense\n/help\n/new\n/history\n/trace\n가격은?\n"
    second = run("chat", "--thread", "long", home=home, typed=typed)
    assert second.exit_code == 0, second.output
    assert "지난 질문 1개" in second.output
    assert "대표 메뉴" in second.output
    assert f"나> {PORK}" in second.output
    assert "/nonsense: 모르는 명령이에요" in second.output
    *_, after = second.output.split("새 대화를 시작해요.")
    assert "나>" not in after
    assert "아직 답이 없어요" in after
    assert "어느 가게가 궁금하세요" in after


def test_a_killed_chat_keeps_its_history(home: Path) -> None:
    command = [sys.executable, "-m", "nadeuri", "guide", "chat", "--thread", "killed"]
    environ: dict[str, Any] = {
        **os.environ,
        "NADEURI_HOME": str(home),
        "NADEURI_LLM_BASE_URL": "",
        "PYTHONUNBUFFERED": "1",
    }
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environ
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(f"{PORK}\n")
        process.stdin.flush()
        while "1. " not in process.stdout.readline():
            assert process.poll() is None
        process.send_signal(signal.SIGKILL)
    kept = run("chat", "--thread", "killed", home=home, typed="/history\n")
    assert f"나> {PORK}" in kept.output
    assert "1. " in kept.output


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_an_example(verb: str) -> None:
    result = CliRunner().invoke(main, ["guide", verb, "--help"])
    assert result.exit_code == 0, result.output
    assert f"Example: nadeuri guide {verb}" in result.output
