"""Result files, good and odd."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from nadeuri.match.jobs import states
from nadeuri.match.jobs.results import Answer, read_results

BODY = {
    "choices": [{"message": {"content": "yes"}}],
    "usage": {"prompt_tokens": 50, "completion_tokens": 1},
}


def row(custom_id: Any, body: Any = BODY, status: int = 200, error: Any = None) -> bytes:
    response = None if error else {"status_code": status, "body": body}
    line = {"custom_id": custom_id, "response": response, "error": error}
    return json.dumps(line).encode() + b"\n"


def test_output_and_errors_in_any_order() -> None:
    expired = {"code": "batch_expired", "message": "not in time"}
    errors = row("c", error=expired) + row("b", {"error": {"message": "busy"}}, status=500)
    results = read_results(row("a") + b"\n", errors)
    assert results.answers == {"a": Answer("yes", 50, 1)}
    reasons = {custom_id: each.reason for custom_id, each in results.failures.items()}
    assert reasons == {"b": states.ROW_ERROR, "c": states.NOT_EXECUTED}
    assert "busy" in results.failures["b"].detail
    assert not results.oddities


def test_an_answer_beats_an_error_and_a_second_answer() -> None:
    for files in ([row("a"), row("a", status=500)], [row("a", status=500), row("a")]):
        results = read_results(*files)
        assert (list(results.answers), results.failures) == (["a"], {})
    results = read_results(row("a"), row("a", {"choices": [{"message": {"content": "no"}}]}))
    assert results.answers["a"].text == "yes"
    assert [(each, failure.reason) for each, failure in results.oddities] == [
        ("a", states.DUPLICATE_LINE)
    ]


def test_unusable_and_unreadable_lines() -> None:
    unusable = [None, {}, {"choices": []}, {"choices": [{"message": {"content": None}}]}, "x", [1]]
    for body in unusable:
        assert read_results(row("a", body)).failures["a"].reason == states.UNUSABLE
    odd = [b"{", b"[]", b"1", b"\xff\xfe", b"[" * 100_000, row(None), row(""), row(7)]
    for raw in odd:
        results = read_results(raw)
        assert [each.reason for _, each in results.oddities] == [states.UNPARSABLE_LINE]


def test_what_a_database_refuses_is_replaced() -> None:
    body = {"choices": [{"message": {"content": "a\x00\ud800b"}}]}
    assert read_results(row("i\x00d", body)).answers == {"i\ufffdd": Answer("a\ufffd?b")}
    assert read_results(row("a", {"x": "\ud800" * 9000})).failures["a"].detail.encode()


@given(st.lists(st.binary(max_size=80) | st.builds(row, st.text(max_size=4), st.text())))
def test_never_raises(lines: list[bytes]) -> None:
    results = read_results(b"\n".join(lines))
    texts = [each.detail for _, each in results.oddities]
    assert all(text.encode() is not None for text in texts)
