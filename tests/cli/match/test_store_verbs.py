"""``nadeuri match`` review, versions, rollback, status and retry."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from nadeuri import columns
from nadeuri.cli import main
from nadeuri.match.jobs import states
from nadeuri.match.jobs.requests import Request, stable_id
from nadeuri.match.jobs.results import Failure
from nadeuri.match.jobs.store import JobStore
from nadeuri.match.store import reviews
from nadeuri.match.store.database import MappingStore
from nadeuri.match.store.reviews import Item
from nadeuri.match.store.versions import Decision, publish

if TYPE_CHECKING:
    from click.testing import Result

EVIDENCE: dict[str, Any] = {
    "place": {columns.PLACE_ID: "A1", columns.NAME: "호젠지 골목"},
    "candidates": [
        {
            columns.RIGHT: "G1",
            columns.NAME: "Hozenji Yokocho",
            columns.PROBABILITY: 0.62,
            columns.METRES: 40.0,
        },
        {columns.RIGHT: "G2", columns.NAME: "Janjan Yokocho", columns.PROBABILITY: 0.3},
    ],
    "said": [{"step": "select", "prompt": "0", "right": "G1", "relation": None}],
}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A work folder with a mapping of two places, one of them uncertain, and a failed question."""
    url = f"sqlite:///{tmp_path / 'match' / 'match.sqlite'}"
    with MappingStore(url) as store, store.begin() as connection:
        sure = Decision("A2", "G9", columns.ACCEPT, columns.SAME, 0.99, columns.SCORER)
        unsure = Decision("A1", "G1", columns.ASK, None, 0.62, columns.SCORER)
        publish(connection, {"A1": unsure, "A2": sure}, "run")
        reviews.put(connection, [Item("A1", "uncertain", 0.76, EVIDENCE)])
    body = {"model": "judge", "messages": [{"role": "user", "content": "?"}]}
    with JobStore(url) as jobs:
        failure = Failure(states.ROW_ERROR, "the server was tired")
        jobs.give_up(Request(stable_id(body), body), "select", failure, 1.0)
    return tmp_path


def run(home: Path, *arguments: str) -> Result:
    return CliRunner(env={"NADEURI_HOME": str(home)}).invoke(main, ["match", *arguments])


def test_the_queue_shows_candidates_and_what_is_known(home: Path) -> None:
    result = run(home, "review")
    assert result.exit_code == 0, result.output
    assert "A1  호젠지 골목  (uncertain)" in result.output
    assert "G1  Hozenji Yokocho  0.62  40 m" in result.output
    assert "1 places to review" in result.output
    (shown,) = json.loads(run(home, "review", "--json").output)
    assert shown["evidence"] == EVIDENCE


def test_a_decision_makes_a_version_that_can_be_undone(home: Path) -> None:
    decided = run(home, "review", "--decide", "A1", "G1", "same", "--by", "kim")
    assert decided.output == "kept; version 2\n"
    again = run(home, "review", "--decide", "A1", "G1", "same", "--by", "kim")
    assert "as it was" in again.output
    assert "2 mapped" in run(home, "status").output
    listed = run(home, "versions").output
    assert "review" in listed
    compared = run(home, "versions", "--diff", "1", "2").output
    assert "G1 (person)" in compared
    assert "1 places differ" in compared
    assert run(home, "rollback", "1", "--note", "oops").output == "version 3 is like version 1\n"
    assert "already" in run(home, "rollback", "1").output
    newest = json.loads(run(home, "versions", "--json").output)[0]
    assert (newest["number"], newest["cause"], newest["note"]) == (3, "rollback", "oops")


def test_nobody_goes_back_during_a_run(home: Path) -> None:
    with JobStore(f"sqlite:///{home / 'match' / 'match.sqlite'}") as jobs, jobs.exclusive():
        locked = run(home, "rollback", "1")
    assert locked.exit_code == 2
    assert "another run is at work" in locked.stderr


def test_a_place_can_have_no_match(home: Path) -> None:
    assert run(home, "review", "--decide", "A2", "-", "different", "--by", "kim").exit_code == 0
    assert json.loads(run(home, "status", "--json").output)["mapped"] == 0


def test_failed_questions_are_shown_and_retried(home: Path) -> None:
    assert "the server was tired" in run(home, "retry", "--list").output
    assert json.loads(run(home, "status", "--json").output)["questions"] == {"failed": 1}
    assert "1 questions will be asked again" in run(home, "retry").output
    assert json.loads(run(home, "status", "--json").output)["questions"] == {"waiting": 1}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["rollback", "7"], "versions 1 to 1"),
        (["versions", "--diff", "1", "9"], "version 9"),
        (["review", "--decide", "A1", "G1", "maybe", "--by", "kim"], "one of same, contains"),
        (["review", "--decide", "A1", "G1", "same"], "--by"),
        (["status", "--store", "nonsense"], "no URL of a database"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(home: Path, arguments: list[str], said: str) -> None:
    result = run(home, *arguments)
    assert result.exit_code == 2, result.output
    assert said in result.stderr
    assert "Traceback" not in result.output
