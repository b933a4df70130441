"""Versions of the mapping: complete, unchangeable, and gone back to."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from sqlalchemy.exc import IntegrityError

from nadeuri import columns
from nadeuri.errors import ConfigError, DataError, QueryError
from nadeuri.match.store import reviews
from nadeuri.match.store.database import MappingStore
from nadeuri.match.store.versions import (
    Decision,
    decisions,
    diff,
    latest,
    mapping,
    publish,
    rollback,
    versions,
)


def mapped(left: str, right: str, probability: float = 0.9) -> Decision:
    return Decision(
        left, right, columns.ACCEPT, columns.SAME, probability, columns.SCORER, model="s1"
    )


def unmatched(left: str) -> Decision:
    return Decision(left, None, columns.NONE, columns.DIFFERENT, 0.1, columns.SCORER, model="s1")


def test_a_version_has_what_was_not_changed_too(store: MappingStore) -> None:
    with store.begin() as connection:
        assert latest(connection) is None
        assert publish(connection, {"a": mapped("a", "x"), "b": unmatched("b")}, "run") == 1
        assert publish(connection, {"b": mapped("b", "y")}, "run") == 2
        assert mapping(connection) == {"a": "x", "b": "y"}
        assert mapping(connection, 1) == {"a": "x"}
        assert decisions(connection, 2)["a"].decided == decisions(connection, 1)["a"].decided
        (change,) = diff(connection, 1, 2)
        assert (change.left, change.before, change.after) == (
            "b",
            unmatched("b"),
            mapped("b", "y"),
        )


def test_nothing_new_makes_no_version(store: MappingStore) -> None:
    with store.begin() as connection:
        publish(connection, {"a": mapped("a", "x")}, "run")
        assert publish(connection, {"a": mapped("a", "x"), "b": None}, "run") is None
        assert [each.number for each in versions(connection)] == [1]


def test_going_back_makes_a_version_and_deletes_nothing(store: MappingStore) -> None:
    with store.begin() as connection:
        publish(connection, {"a": mapped("a", "x")}, "run")
        publish(connection, {"a": None, "b": mapped("b", "x")}, "run")
        assert rollback(connection, 1, note="b was wrong") == 3
        assert mapping(connection) == {"a": "x"}
        assert mapping(connection, 2) == {"b": "x"}
        newest = versions(connection)[0]
        assert (newest.cause, newest.restores, newest.note, newest.changed) == (
            "rollback",
            1,
            "b was wrong",
            2,
        )
        assert rollback(connection, 1) is None


def test_uncertain_places_may_count_from_a_probability_on(store: MappingStore) -> None:
    def unsure(left: str, right: str, probability: float) -> Decision:
        return Decision(left, right, columns.ASK, None, probability, columns.SCORER)

    known = [mapped("a", "x"), unsure("b", "x", 0.9), unsure("c", "y", 0.7), unsure("d", "y", 0.8)]
    with store.begin() as connection:
        publish(connection, {each.left: each for each in [*known, unsure("e", "z", 0.4)]}, "run")
        assert mapping(connection) == {"a": "x"}
        assert mapping(connection, least=0.5) == {"a": "x", "d": "y"}


@pytest.mark.parametrize("number", [0, 2, -1])
def test_a_version_that_never_was_cannot_be_had(store: MappingStore, number: int) -> None:
    with store.begin() as connection:
        publish(connection, {"a": mapped("a", "x")}, "run")
        with pytest.raises(QueryError, match=f"version {number}"):
            rollback(connection, number)


def test_places_may_swap_their_matches(store: MappingStore) -> None:
    with store.begin() as connection:
        publish(connection, {"a": mapped("a", "x"), "b": mapped("b", "y")}, "run")
        publish(connection, {"a": mapped("a", "y"), "b": mapped("b", "x")}, "run")
        assert mapping(connection) == {"a": "y", "b": "x"}


def test_the_database_refuses_to_give_a_place_twice(store: MappingStore) -> None:
    with pytest.raises(IntegrityError), store.begin() as connection:
        publish(connection, {"a": mapped("a", "x"), "b": mapped("b", "x")}, "run")
    with store.begin() as connection:
        assert latest(connection) is None


def test_a_database_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    with MappingStore(f"sqlite:///{tmp_path / 'match.sqlite'}") as store:
        with store.begin() as connection:
            connection.exec_driver_sql("DROP TABLE mapping_review")
        said = pytest.raises(DataError, match=r"match.sqlite: .*; run again")
        with said, store.begin() as connection:
            reviews.open_lefts(connection)


@pytest.mark.slow
def test_several_may_open_a_new_database_at_once(postgres: str) -> None:
    def opened(_: int) -> None:
        MappingStore(postgres).close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(opened, range(8)))


@pytest.mark.slow
def test_a_server_that_was_started_anew_is_connected_to_again(postgres: str) -> None:
    with MappingStore(postgres) as store, MappingStore(postgres) as other:
        with store.reading() as connection:
            assert latest(connection) is None
        others = "pid <> pg_backend_pid() AND backend_type = 'client backend'"
        ended = f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE {others}"
        with other.reading() as connection:
            assert all(connection.exec_driver_sql(ended).scalars())  # they are gone now
        with store.reading() as connection:
            assert latest(connection) is None


def test_no_database_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="choose another URL"):
        MappingStore(f"sqlite:///{tmp_path}")


class Versions(RuleBasedStateMachine):
    """However decisions come and go, every version stays what it was."""

    def __init__(self) -> None:
        super().__init__()
        import tempfile

        self.folder = tempfile.TemporaryDirectory()
        self.store = MappingStore(f"sqlite:///{self.folder.name}/match.sqlite")
        self.expected: dict[int, dict[str, Decision]] = {}

    @rule(changes=st.dictionaries(st.sampled_from("abcd"), st.sampled_from(["x", "y", "", None])))
    def publish(self, changes: dict[str, str | None]) -> None:
        current: dict[str, Any] = dict(self.expected.get(len(self.expected), {}))
        asked: dict[str, Decision | None] = {}
        for left, right in changes.items():
            decision = (
                None
                if right is None
                else unmatched(left)
                if right == ""
                else mapped(left, right + left)
            )
            asked[left] = decision
            if decision is None:
                current.pop(left, None)
            else:
                current[left] = decision
        with self.store.begin() as connection:
            number = publish(connection, asked, "run")
        if number is not None:
            self.expected[number] = current

    @rule(data=st.data())
    def go_back(self, data: st.DataObject) -> None:
        if self.expected:
            to = data.draw(st.sampled_from(sorted(self.expected)))
            with self.store.begin() as connection:
                number = rollback(connection, to)
            if number is not None:
                self.expected[number] = self.expected[to]

    @invariant()
    def every_version_is_as_it_was(self) -> None:
        with self.store.reading() as connection:
            for number, expected in self.expected.items():
                assert decisions(connection, number) == expected
            assert decisions(connection) == self.expected.get(len(self.expected), {})

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()


TestVersions = Versions.TestCase
TestVersions.settings = settings(max_examples=8, stateful_step_count=10, deadline=None)
