"""Ids and lines of requests."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nadeuri.errors import DataError
from nadeuri.match.jobs.requests import (
    body_text,
    completion_tokens,
    line,
    prompt_tokens,
    stable_id,
)

BODY = {"model": "m", "messages": [{"role": "user", "content": "도톤보리\u2028"}]}


def test_id_follows_from_the_body() -> None:
    assert stable_id(BODY) == stable_id(json.loads(json.dumps(dict(reversed(BODY.items())))))
    assert stable_id(BODY) == "547395fc3c8ab8a09a0213035b26d96b"  # in every version
    assert stable_id(BODY, "verify") == f"verify-{stable_id(BODY)}"
    assert stable_id(BODY) != stable_id(BODY | {"temperature": 0})
    assert len(stable_id(BODY, "a" * 31)) == 64


@pytest.mark.parametrize("kind", ["Verify", "a b", "1", "a" * 32, "한"])
def test_odd_kinds(kind: str) -> None:
    with pytest.raises(DataError, match="kind of request"):
        stable_id(BODY, kind)


@pytest.mark.parametrize("value", [float("nan"), {1, 2}, "\ud800"])
def test_what_is_no_json(value: Any) -> None:
    with pytest.raises(DataError, match="no JSON"):
        stable_id(BODY | {"temperature": value})


@pytest.mark.parametrize("body", [{}, {"model": "m"}, {"model": "", "messages": [{}]}])
def test_what_is_no_request(body: dict[str, Any]) -> None:
    with pytest.raises(DataError, match="a model and messages"):
        body_text(body)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])),
    lambda values: st.lists(values) | st.dictionaries(st.text(alphabet="ab\n"), values),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["stop", "seed", "user"]), json_values))
def test_a_line_is_one_line_and_keeps_the_order_of_keys(extra: dict[str, Any]) -> None:
    body = BODY | extra
    raw = line(stable_id(body), body_text(body))
    assert raw.count(b"\n") == 1
    assert raw.endswith(b"\n")
    read = json.loads(raw)
    assert read["custom_id"] == stable_id(body)
    assert (read["method"], read["url"]) == ("POST", "/v1/chat/completions")
    assert list(read["body"].items()) == list(body.items())


def test_tokens_are_rather_too_many() -> None:
    text = "오사카 도톤보리에서 가까운 신사와 시장을 모두 알려 주세요"
    body = {"model": "m", "messages": [{"role": "user", "content": text}]}
    assert len(text) <= prompt_tokens(body) <= 3 * len(text)
    assert completion_tokens(body) == 64
    assert completion_tokens(body | {"max_tokens": 9}) == 9
    assert completion_tokens(body | {"max_completion_tokens": 7, "max_tokens": 9}) == 7
