"""The guard, asked about the graph of the guide, and timed."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import pytest

from nadeuri.guide.guard.check import GuardedQuery, guard
from nadeuri.guide.guard.refusals import Refusal
from nadeuri.guide.schema import SCHEMA

Ask = Callable[[str], str]
T = TypeVar("T")
MAX_CPU_S = 0.05


@pytest.fixture
def run() -> Ask:
    """The text that would be run; fails where the guard refuses."""

    def asked(text: str) -> str:
        found = guard(text, SCHEMA, parameters=("town", "names"))
        assert isinstance(found, GuardedQuery), found
        return found.text

    return asked


@pytest.fixture
def refused() -> Ask:
    """The reason of a refusal; fails where the guard lets the text through."""

    def asked(text: str) -> str:
        found = guard(text, SCHEMA, parameters=("town", "names"))
        assert isinstance(found, Refusal), found
        return found.reason

    return asked


@pytest.fixture(scope="session")
def quickly() -> Callable[[Callable[[], T]], T]:
    """What a call returns; fails where none of three takes less than 50 ms of CPU.

    One alone may meet a collection of garbage.
    """

    def timed(call: Callable[[], T]) -> T:
        taken_s = []
        for _ in range(3):
            start = time.thread_time()
            found = call()
            taken_s.append(time.thread_time() - start)
            if taken_s[-1] < MAX_CPU_S:
                return found
        raise AssertionError(f"took {taken_s} s")

    return timed
