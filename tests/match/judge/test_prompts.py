"""Prompts of the judge and the examples in them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nadeuri import columns
from nadeuri.match.judge.answers import YesNo, read_choice, read_relation
from nadeuri.match.judge.prompts import _texts, prompt_version, selection, verification
from nadeuri.match.judge.questions import VERIFIED

PLACE = {
    columns.PLACE_ID: "a1",
    columns.NAME: "어부의 요새",
    columns.NAME_EN: None,
    columns.LATITUDE: 47.5,
}
CROSS_LINGUAL = Path(__file__).parents[4] / "shared" / "data" / "places" / "cross-lingual"


def test_a_selection_shows_labels_in_order_and_no_ids() -> None:
    candidates = [
        ({columns.PLACE_ID: f"g{n}", columns.NAME: f"Nr {n}"}, 10.4 * n) for n in range(3)
    ]
    *_, last = selection(PLACE, candidates)
    asked = json.loads(last["content"])
    assert asked["place"] == {"name": "어부의 요새"}
    assert [each["label"] for each in asked["candidates"]] == ["A", "B", "C"]
    assert asked["candidates"][2] == {"label": "C", "name": "Nr 2", "distance_m": 21}


def test_a_distance_that_is_not_known_is_not_shown() -> None:
    *_, last = verification("relation", PLACE, {columns.NAME: "X"}, None)
    assert json.loads(last["content"])["candidate"] == {"name": "X"}


@given(st.text())
def test_names_stay_data_whatever_is_in_them(name: str) -> None:
    *_, last = verification("relation", {columns.NAME: name}, {columns.NAME: "X"}, 1.0)
    assert last["role"] == "user"
    shown = json.loads(last["content"])["place"].get("name", "")
    assert len(shown) <= 120
    assert shown.isprintable() or not shown.isascii()
    assert "\n" not in shown


def test_every_step_has_its_own_version() -> None:
    versions = {prompt_version(step) for step in ("select", "relation", "yes_no")}
    assert len(versions) == 3
    assert all(len(version) == 12 for version in versions)


def test_examples_answer_what_they_ask() -> None:
    for example in _texts()["select"]["examples"]:
        shown = json.loads(example["asked"])["candidates"]
        names = [each["name"] for each in shown]
        assert [each["label"] for each in shown] == list("ABCDEFGHIJ"[: len(shown)])
        assert read_choice(example["answer"], names) in {*names, None}
    relations = [
        read_relation(example["answer"], VERIFIED["relation"])
        for example in _texts()["relation"]["examples"]
    ]
    assert sorted(relations) == sorted(columns.RELATIONS)
    for example in _texts()["yes_no"]["examples"]:
        assert read_relation(example["answer"], YesNo)


@pytest.mark.shared
def test_examples_are_in_no_evaluation_set() -> None:
    if not CROSS_LINGUAL.is_dir():
        pytest.skip("no shared data here")
    tested = {
        cell.casefold()
        for file in CROSS_LINGUAL.glob("*.tsv")
        for row in file.read_text(encoding="utf-8").splitlines()[1:]
        for cell in row.split("\t")[:3]
    }
    assert tested.isdisjoint(_example_names())


def test_examples_are_not_in_the_sample_world() -> None:
    sights = files("nadeuri.data.sample").joinpath("pois/sights.tsv").read_text(encoding="utf-8")
    cells = {cell.casefold() for row in sights.splitlines() for cell in row.split("\t")}
    assert cells.isdisjoint(_example_names())


def _example_names() -> set[str]:
    return {
        name.casefold()
        for step in _texts().values()
        for example in step["examples"]
        for name in _names(json.loads(example["asked"]))
    }


def _names(value: object) -> Iterator[str]:
    if isinstance(value, list):
        for each in value:
            yield from _names(each)
    elif isinstance(value, dict):
        for key, each in value.items():
            if key.startswith("name"):
                yield each
            else:
                yield from _names(each)
