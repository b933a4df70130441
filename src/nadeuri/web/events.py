"""Server-sent events, read from the lines of a response."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

MAX_EVENT_BYTES = 4 << 20
_DEFAULT_NAME = "message"


class Event(NamedTuple):
    """One event."""

    name: str
    data: str


def read_events(lines: Iterable[bytes]) -> Iterator[Event]:
    """The events that ``lines`` hold (WHATWG HTML, "Interpreting an event stream").

    Ids and retry times are left out. An event is whole once a blank line follows it; what comes
    after the last blank line is dropped.

    Args:
        lines: that end in a line feed, perhaps with a carriage return before it.

    Raises:
        ValueError: an event is longer than :data:`MAX_EVENT_BYTES`, or is not UTF-8.
    """
    name, data, size = "", list[str](), 0
    for line in lines:
        size += len(line)
        if size > MAX_EVENT_BYTES:
            raise ValueError(f"an event of more than {MAX_EVENT_BYTES} bytes")
        if not line.endswith(b"\n"):
            return  # the stream broke off
        text = line.rstrip(b"\r\n").decode()
        if not text:
            if data:
                yield Event(name or _DEFAULT_NAME, "\n".join(data))
            name, data, size = "", [], 0
        field, _, value = text.partition(":")
        value = value.removeprefix(" ")
        if field == "event":
            name = value
        elif field == "data":
            data.append(value)
