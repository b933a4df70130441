"""``nadeuri match`` train, run, estimate and evaluate on a sample world."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow.parquet as pq
import pytest
from batch_server import BatchServer
from chat_server import ChatServer
from click.testing import CliRunner

from nadeuri.cli import main
from nadeuri.data.sample.pois.databases import build_databases
from nadeuri.match.jobs.store import JobStore

if TYPE_CHECKING:
    from click.testing import Result


class World(NamedTuple):
    """Tables, labels, and a scorer that was trained on them."""

    left: str
    right: str
    gold: str
    scorer: str
    printed: str


def match(home: Path, *arguments: str, llm: str = "") -> Result:
    environ = {"NADEURI_HOME": str(home), "NADEURI_LLM_BASE_URL": llm, "NADEURI_LLM_MODEL": "judge"}
    return CliRunner(env=environ).invoke(main, ["match", *arguments])


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    home = tmp_path_factory.mktemp("world")
    made = build_databases(120, 140, 5, seed=0)
    files = [str(home / f"{name}.parquet") for name in ("left", "right", "gold")]
    for file, table in zip(files, (made.agency, made.google, made.gold), strict=True):
        pq.write_table(table, file)
    left, right, gold = files
    tables = ["--left", left, "--right", right, "--labelled", gold, "--split", "train"]
    trained = match(home, "train", *tables, "--out", str(home / "scorer"))
    assert trained.exit_code == 0, trained.output
    return World(left, right, gold, str(home / "scorer"), trained.output)


def run(world: World, home: Path, *arguments: str, llm: str = "") -> Result:
    tables = ["--left", world.left, "--right", world.right, "--scorer", world.scorer]
    return match(home, "run", *tables, *arguments, llm=llm)


def refuse(body: dict[str, Any]) -> str:
    """Nothing is the same as anything."""
    is_selection = "candidates" in json.loads(body["messages"][-1]["content"])
    return '{"choice": "none"}' if is_selection else '{"relation": "different"}'


def test_train_says_what_it_learned_from(world: World) -> None:
    assert "learned from" in world.printed
    assert "0 decided by people" in world.printed


def test_without_a_model_doubts_go_to_people(world: World, tmp_path: Path) -> None:
    first = run(world, tmp_path, "--json")
    assert first.exit_code == 0, first.output
    summary = json.loads(first.output)
    assert summary["mapped"] > 30
    assert summary["reviews"] == summary["uncertain"] > 0
    again = run(world, tmp_path, "--new-only")
    assert again.exit_code == 0
    wrong = match(tmp_path, "review", "--decide", "A1", "typo", "same", "--by", "kim")
    assert (wrong.exit_code, "typo: no such place" in wrong.stderr) == (2, True)
    assert again.output.startswith("version 1 (unchanged)")
    found = json.loads(match(tmp_path, "evaluate", world.gold, "--json").output)
    assert found["precision"] > 0.7
    assert "no pair of split" in match(tmp_path, "evaluate", world.gold, "--split", "x").stderr


def test_a_model_settles_all_doubts(world: World, chat_server: ChatServer, tmp_path: Path) -> None:
    chat_server.answer = refuse
    tables = ["--left", world.left, "--right", world.right, "--scorer", world.scorer]
    prices = ["--prompt-price", "1", "--answer-price", "2"]
    estimated = match(tmp_path, "estimate", *tables, *prices, llm=chat_server.url)
    assert estimated.exit_code == 0, estimated.output
    assert "cost" in estimated.output
    assert not chat_server.requests
    summary = json.loads(run(world, tmp_path, "--sync", "--json", llm=chat_server.url).output)
    assert summary["uncertain"] == summary["exit_code"] == 0
    assert summary["asked"] == len(chat_server.requests) > 0


def test_exit_codes_say_what_is_to_be_done(
    world: World, chat_server: ChatServer, batch_server: BatchServer, tmp_path: Path
) -> None:
    chat_server.faults = ["400"] * 1000
    failed = run(world, tmp_path, "--sync", llm=chat_server.url)
    assert failed.exit_code == 4, failed.output
    assert match(tmp_path, "retry").exit_code == 0
    batch_server.answer = refuse
    assert run(world, tmp_path, "--batch", llm=batch_server.url).exit_code == 3
    with JobStore(f"sqlite:///{tmp_path / 'match' / 'match.sqlite'}") as jobs, jobs.exclusive():
        locked = run(world, tmp_path, "--no-llm")
        assert (locked.exit_code, locked.output.count("\n")) == (5, 1)
    for _ in range(3):
        batch_server.tick(5000)
        done = run(world, tmp_path, "--batch", llm=batch_server.url)
    assert done.exit_code == 0, done.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--scorer", "nowhere"], "not an artefact folder"),
        (["--store", "nonsense"], "no URL of a database"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(
    world: World, tmp_path: Path, arguments: list[str], said: str
) -> None:
    result = run(world, tmp_path, *arguments)
    assert result.exit_code == 2
    assert said in result.stderr
    assert result.stderr.count("\n") == 1


def test_there_is_nothing_to_estimate_without_a_model(world: World, tmp_path: Path) -> None:
    tables = ["--left", world.left, "--right", world.right, "--scorer", world.scorer]
    assert "NADEURI_LLM_BASE_URL" in match(tmp_path, "estimate", *tables).stderr
    one_price = match(tmp_path, "estimate", *tables, "--prompt-price", "1")
    assert "--answer-price" in one_price.stderr


def test_labels_of_other_tables_teach_nothing(world: World, tmp_path: Path) -> None:
    labelled = tmp_path / "pairs.csv"
    labelled.write_text("left,right\nX,Y\n", "utf-8")
    tables = ["--left", world.left, "--right", world.right]
    result = match(tmp_path, "train", *tables, "--labelled", str(labelled))
    assert "check their ids" in result.stderr


def test_rejected_rows_are_kept_with_their_reason(world: World, tmp_path: Path) -> None:
    left = tmp_path / "agency.csv"
    left.write_text("place_id,name,latitude\nA1,경복궁,37.58\nA2,,37.5\n", encoding="utf-8")
    found = run(world._replace(left=str(left)), tmp_path, "--no-llm")
    assert found.exit_code == 0, found.output
    rejects = tmp_path / "match" / "rejects-left.parquet"
    assert str(rejects) in found.output
    assert pq.read_table(rejects)["source_row"].to_pylist() == [3]
    left.write_text("place_id,name,latitude\nA1,경복궁,37.58\n", encoding="utf-8")
    run(world._replace(left=str(left)), tmp_path, "--no-llm")
    assert not rejects.exists()


def test_columns_may_have_other_names(world: World, tmp_path: Path) -> None:
    left = tmp_path / "agency.csv"
    left.write_text("code,장소명\nA1,경복궁\n", encoding="utf-8")
    named = ["--left-column", "place_id=code", "--left-column", "name=장소명"]
    found = run(world._replace(left=str(left)), tmp_path, "--no-llm", *named)
    assert found.exit_code == 0, found.output
    assert "1 of 1 places decided" in found.output


@pytest.mark.parametrize("wrong", ["장소명", "=장소명", "name=", "title=장소명"])
def test_a_wrong_name_of_a_column_is_told(world: World, tmp_path: Path, wrong: str) -> None:
    found = run(world, tmp_path, "--no-llm", "--left-column", wrong)
    assert found.exit_code == 2, found.output
    assert "name" in found.output.splitlines()[-1]
