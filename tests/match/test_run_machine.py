"""Runs, reviewers and rollbacks in any order: what always holds after a run."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from scored_by_name import score, table

from nadeuri import columns
from nadeuri.match.jobs.store import JobStore
from nadeuri.match.run import run
from nadeuri.match.store import labels, reviews, versions
from nadeuri.match.store.database import MappingStore

LEFTS, RIGHTS = ("a1", "a2", "a3"), ("g1", "g2", "g3")
NAMES = ("경복궁", "창덕궁")
NO_RUN, ALL, NEW_ONLY = "no run", "all", "new only"
RUNS = st.sampled_from((NEW_ONLY, ALL, NO_RUN))


class Runs(RuleBasedStateMachine):
    """Two tables that change, and people who say anything about any place that there ever was."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        url = f"sqlite:///{Path(self.folder.name) / 'match.sqlite'}"
        self.store, self.jobs = MappingStore(url), JobStore(url)
        self.left = dict(zip(LEFTS, NAMES, strict=False))
        self.right = {"g1": NAMES[0], "g2": f"{NAMES[1]}?"}
        self.go_on(ALL)

    @rule(place=st.sampled_from(LEFTS), name=st.sampled_from((*NAMES, None)), then=RUNS)
    def change_left(self, place: str, name: str | None, then: str) -> None:
        self.left.pop(place, None)
        if name is not None:
            self.left[place] = name
        self.go_on(then)

    @rule(
        place=st.sampled_from(RIGHTS),
        name=st.sampled_from((*NAMES, *(f"{name}?" for name in NAMES), None)),
        then=RUNS,
    )
    def change_right(self, place: str, name: str | None, then: str) -> None:
        if name is not None:
            self.right[place] = name
        elif len(self.right) > 1:
            self.right.pop(place, None)
        self.go_on(then)

    @rule(
        place=st.sampled_from(LEFTS),
        right=st.sampled_from((*RIGHTS, None)),
        relation=st.sampled_from(columns.RELATIONS),
        reviewer=st.sampled_from(("kim", "lee")),
        then=RUNS,
    )
    def decide(
        self, place: str, right: str | None, relation: str, reviewer: str, then: str
    ) -> None:
        relation = columns.DIFFERENT if right is None else relation
        with self.store.begin() as connection:
            reviews.decide(connection, place, right, relation, reviewer)
        self.go_on(then)

    @rule(steps=st.integers(1, 3), then=RUNS)
    def go_back(self, steps: int, then: str) -> None:
        with self.store.begin() as connection:
            latest = versions.latest(connection) or 0
            if latest > steps:
                versions.rollback(connection, latest - steps)
        self.go_on(then)

    def go_on(self, then: str) -> None:
        """Whatever happened, a run may come before the next event."""
        self.is_current = then != NO_RUN and bool(self.left)
        if self.is_current:
            tables = table(self.left), table(self.right)
            run(*tables, self.store, self.jobs, score, new_only=then == NEW_ONLY)

    @invariant()
    def holds(self) -> None:
        with self.store.reading() as connection:
            decisions = versions.decisions(connection)
            mapped = versions.mapping(connection)
            asked = reviews.open_lefts(connection)
            words = labels.words(connection)
        assert len(set(mapped.values())) == len(mapped)
        if not self.is_current:
            return
        assert decisions.keys() == self.left.keys()
        assert set(mapped.values()) <= self.right.keys()
        assert asked == {left for left, each in decisions.items() if each.decision == columns.ASK}
        for left, word in words.items():
            if left not in self.left:
                continue
            assert mapped.get(left) not in word.barred
            if word.same is not None and word.same.right is None:
                assert left not in mapped
            elif word.same is not None and word.same.right in self.right:
                assert mapped.get(left) == word.same.right

    def teardown(self) -> None:
        self.store.close()
        self.jobs.close()
        self.folder.cleanup()


TestRuns = Runs.TestCase
TestRuns.settings = settings(max_examples=40, stateful_step_count=20, deadline=None)
