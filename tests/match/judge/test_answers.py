"""Types of the judge's answers, and their reading."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nadeuri import columns
from nadeuri.match.judge.answers import (
    LABELS,
    Relation,
    YesNo,
    choice_type,
    read_choice,
    read_relation,
)

RIGHTS = ["g-7", "g-3", "g-9"]


def test_a_schema_names_the_labels_shown_and_none() -> None:
    schema = choice_type(3).model_json_schema()
    assert schema["properties"]["choice"]["enum"] == ["A", "B", "C", "none"]
    assert schema["additionalProperties"] is False
    assert schema["required"] == ["choice"]


def test_a_schema_names_all_relations() -> None:
    schema = Relation.model_json_schema()
    assert tuple(schema["properties"]["relation"]["enum"]) == columns.RELATIONS


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ('{"choice": "B"}', "g-3"),
        ('{"choice": "none"}', None),
        ('답은 다음과 같습니다.\n```json\n{"choice": "C"}\n```', "g-9"),
    ],
)
def test_a_choice_is_the_place_shown_under_its_label(text: str, right: str | None) -> None:
    assert read_choice(text, RIGHTS) == right


@pytest.mark.parametrize(
    "text", ['{"choice": "D"}', '{"choice": "g-3"}', '{"choice": null}', "B", "", "{}", "}{"]
)
def test_what_was_not_shown_cannot_be_chosen(text: str) -> None:
    with pytest.raises(ValueError, match="is no Choice"):
        read_choice(text, RIGHTS)


def test_yes_counts_as_the_same() -> None:
    assert read_relation('{"answer": "yes"}', YesNo) == columns.SAME
    assert read_relation('{"answer": "no"}', YesNo) == columns.DIFFERENT
    assert read_relation('{"relation": "contains"}', Relation) == columns.CONTAINS
    with pytest.raises(ValueError, match="is no Relation"):
        read_relation('{"answer": "yes"}', Relation)


@given(
    st.one_of(st.text(), st.sampled_from(LABELS).map(lambda label: json.dumps({"choice": label})))
)
def test_any_text_is_a_place_shown_or_an_error(text: str) -> None:
    with contextlib.suppress(ValueError):
        assert read_choice(text, RIGHTS) in {*RIGHTS, None}
