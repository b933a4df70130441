"""What a response's lines say."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nadeuri.serve.events import Event as Sent
from nadeuri.serve.events import EventStream
from nadeuri.web.events import MAX_EVENT_BYTES, Event, read_events


def lines_of(text: str) -> list[bytes]:
    return text.encode().splitlines(keepends=True)


@given(
    st.lists(st.tuples(st.sampled_from(("progress", "answer")), st.text())),
    st.sampled_from((0.001, 5.0)),
)
def test_what_the_server_sends_is_read(events: list[tuple[str, str]], heartbeat_s: float) -> None:
    sent = [Sent(name, json.dumps(text, ensure_ascii=False)) for name, text in events]
    work = (each for each in sent)
    late = Sent("error", "{}")
    stream = "".join(EventStream(work, within_s=60, late=late, heartbeat_s=heartbeat_s))
    # bytes break at line feeds only: U+2028 and others within a text are none
    assert list(read_events(lines_of(stream))) == [Event(*each) for each in sent]


@given(st.binary())
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    try:
        for event in read_events(content.splitlines(keepends=True)):
            assert event.name
            assert "\n" not in event.name
    except UnicodeDecodeError:
        pass


@pytest.mark.parametrize(
    ("text", "events"),
    [
        ("data: 하나\n\n", [("message", "하나")]),
        ("event: a\r\ndata:둘\r\n\r\n", [("a", "둘")]),
        ("data: 1\ndata:  2\ndata\n\n", [("message", "1\n 2\n")]),
        (": 계속\n\nid: 7\nretry: 10\nevent: a\ndata: 1\n\n", [("a", "1")]),
        ("event: empty\n\ndata: next\n\n", [("message", "next")]),
        ("event: a\ndata: not whole\n", []),
        ("event: a\ndata: broken o", []),
        ("", []),
    ],
)
def test_the_format(text: str, events: list[tuple[str, str]]) -> None:
    assert list(read_events(lines_of(text))) == [Event(*each) for each in events]


def test_an_event_without_end_is_refused() -> None:
    endless = (b"data: " + b"x" * 1000 + b"\n" for _ in range(MAX_EVENT_BYTES))
    with pytest.raises(ValueError, match="more than"):
        list(read_events(endless))
    many = (b"data: " + b"x" * 1000 + b"\n\n" for _ in range(2 * MAX_EVENT_BYTES // 1000))
    assert sum(1 for _ in read_events(b"".join(many).splitlines(keepends=True))) > 8000
