"""The typed plan."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from nadeuri.guide.plan import Area, Near, Plan, PriceRange, Segment, Statistic, Without

RATING = Statistic(measure="rating", pick="highest")


def test_plans_that_say_the_same_are_equal() -> None:
    one = Plan(categories=("카페", "국밥", "카페"), areas=(Area(town="연동"), Area(town="애월읍")))
    other = Plan(categories=("국밥", "카페"), areas=(Area(town="애월읍"), Area(town="연동")))
    assert one == other


@pytest.mark.parametrize(
    "fields",
    [
        {"intent": "delete"},
        {"unknown": 1},
        {"n_wanted": 4},
        {"n_wanted": 0},
        {"party_size": 0},
        {"price": {"min_won": 2, "max_won": 1}},
        {"near": {"attraction": "용두암", "metres": 5_001}},
        {"open_at": {"minute": 1440}},
        {"categories": ["카" * 61]},
        {"menus": [str(number) for number in range(101)]},
        {"intent": "statistic"},
        {"intent": "recommend", "statistic": {"measure": "rating"}},
    ],
)
def test_what_no_plan_may_say(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Plan.model_validate(fields)


@pytest.mark.parametrize(
    ("plan", "is_empty"),
    [
        (Plan(), True),
        (Plan(n_wanted=2), True),
        (Plan(relation="refine"), True),
        (Plan(no_waiting=True), False),
        (Plan(without=Without(shown=True)), False),
        (Plan(intent="chat"), False),
        (Plan(intent="statistic", statistic=RATING), False),
    ],
)
def test_empty(plan: Plan, is_empty: bool) -> None:
    assert plan.is_empty is is_empty


@pytest.mark.parametrize(
    ("area", "name"),
    [
        (Area(city="제주시"), "제주시"),
        (Area(city="제주시", town="애월읍"), "애월읍"),
        (Area(city="제주시", town="애월읍", village="수산리"), "애월읍 수산리"),
    ],
)
def test_area_is_named_by_its_finest_parts(area: Area, name: str) -> None:
    assert area.name == name


def test_survives_json() -> None:
    plan = Plan(
        intent="statistic",
        areas=(Area(town="애월읍"),),
        price=PriceRange(max_won=15_000),
        near=Near(attraction="용두암"),
        segments=(Segment(dimension="age", value="30대"),),
        statistic=RATING,
    )
    assert Plan.model_validate_json(plan.model_dump_json(exclude_defaults=True)) == plan


def test_schema_for_a_language_model_is_closed_and_described() -> None:
    schema = Plan.model_json_schema()
    parts = [schema, *schema["$defs"].values()]
    assert all(part["additionalProperties"] is False for part in parts)
    described = [name for name, each in schema["properties"].items() if "description" in each]
    assert {"intent", "relation", "areas", "menus", "segments", "sort", "statistic"} <= {*described}
    assert len(json.dumps(schema)) < 12_000  # it is part of every prompt
