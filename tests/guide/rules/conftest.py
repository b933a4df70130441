"""A small Jeju, and the questions with their gold plans."""

from __future__ import annotations

import tomllib
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from nadeuri.guide.plan import Plan
from nadeuri.guide.rules.reading import Reading
from nadeuri.guide.vocabulary import Vocabulary

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def vocabulary() -> Vocabulary:
    return small_vocabulary()


@pytest.fixture(scope="session")
def now() -> datetime:
    return datetime(2026, 11, 28, 18, 30)  # a Saturday


@pytest.fixture(scope="session")
def gold_plan(vocabulary: Vocabulary) -> Any:
    """Makes a plan of the short form in the files of questions."""

    def make(short: dict[str, Any]) -> Plan:
        cities = {area.town: area.city for area in vocabulary.areas}

        def area(name: str) -> dict[str, str | None]:
            if name.endswith("시"):
                return {"city": name}
            town, _, village = name.partition(" ")
            return {"city": cities[town], "town": town, "village": village or None}

        plan = dict(short)
        plan["areas"] = [area(name) for name in plan.get("areas", ())]
        if "without" in plan:
            refused = [area(name) for name in plan["without"].get("areas", ())]
            plan["without"] = plan["without"] | {"areas": refused}
        plan["segments"] = [
            dict(zip(("dimension", "value"), text.split(), strict=True))
            for text in plan.get("segments", ())
        ]
        return Plan.model_validate(plan)

    return make


@pytest.fixture(scope="session")
def held_back() -> list[dict[str, Any]]:
    return questions("questions_held_back.toml")


@pytest.fixture(scope="session", name="slots_of")
def slots_of_fixture() -> Any:
    return slots_of


def small_vocabulary() -> Vocabulary:
    lists = tomllib.loads((HERE / "vocabulary.toml").read_text(encoding="utf-8"))
    areas = [
        (city, town, village)
        for city, towns in lists.pop("areas").items()
        for town, villages in towns.items()
        for village in villages or [None]
    ]
    return Vocabulary.of(areas, **lists)


def questions(name: str) -> list[dict[str, Any]]:
    text = (HERE / name).read_text(encoding="utf-8")
    found: list[dict[str, Any]] = tomllib.loads(text)["question"]
    return found


def slots_of(reading: Reading | Plan) -> set[tuple[str, str]]:
    """What a plan states, one pair a value, for slot F1; a question back states what is unclear."""
    if isinstance(reading, Reading):
        if reading.clarification is not None:
            return {("ask", reading.clarification.unclear)}
        assert reading.plan is not None
        reading = reading.plan
    pairs = {("intent", reading.intent)}
    for name in reading.stated - {"intent"}:
        value = getattr(reading, name)
        parts = value if isinstance(value, tuple) else [value]
        pairs |= {(name, repr(part)) for part in parts}
    return pairs


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "tuned" in metafunc.fixturenames:
        found = questions("questions.toml")
        ids = [f"{number}-{each['text'][:12]}" for number, each in enumerate(found)]
        metafunc.parametrize("tuned", found, ids=ids)
