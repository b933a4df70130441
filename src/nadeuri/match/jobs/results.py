"""Results of a batch: the lines of its output and its error file, in whatever order they come."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from nadeuri.match.jobs import states

KEPT_CHARACTERS = 2_000
"""Of a raw line or message, in the log."""

_NEVER_RAN = ("batch_expired", "batch_cancelled")


@dataclass(frozen=True)
class Answer:
    """What the model wrote, and the tokens that the server counted (None: it did not say)."""

    text: str
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


@dataclass(frozen=True)
class Failure:
    """Why there is no answer: a code of :mod:`states` and the server's words, shortened."""

    reason: str
    detail: str


@dataclass
class Results:
    """What the files of a batch say.

    Attributes:
        answers: by custom_id.
        failures: by custom_id, of requests without an answer.
        oddities: lines that are no JSON or name no request (id None), or that come twice.
    """

    answers: dict[str, Answer] = field(default_factory=dict)
    failures: dict[str, Failure] = field(default_factory=dict)
    oddities: list[tuple[str | None, Failure]] = field(default_factory=list)


def read_results(*files: bytes) -> Results:
    """The lines of all ``files``; the first answer to a request counts, wherever it is.

    Never raises: what cannot be read is an oddity or a failure.
    """
    results = Results()
    for raw in _lines(files):
        custom_id, content = _read_line(raw)
        if custom_id is None:
            results.oddities.append((None, Failure(states.UNPARSABLE_LINE, _cut(raw))))
        elif custom_id in results.answers:
            results.oddities.append((custom_id, Failure(states.DUPLICATE_LINE, _cut(raw))))
        elif isinstance(content, Answer):
            results.answers[custom_id] = content
            results.failures.pop(custom_id, None)
        else:
            results.failures[custom_id] = content
    return results


def storable(text: str) -> str:
    """``text`` without what a database refuses: half surrogate pairs and, in PostgreSQL, NUL."""
    return text.encode(errors="replace").decode().replace("\x00", "\ufffd")


def _lines(files: tuple[bytes, ...]) -> Iterator[str]:
    for content in files:
        for raw in content.split(b"\n"):  # not splitlines: texts may have U+2028 in them
            if raw.strip():
                yield raw.decode(errors="replace")


def _read_line(raw: str) -> tuple[str | None, Answer | Failure]:
    try:
        line = json.loads(raw)
    except (ValueError, RecursionError):
        line = None
    custom_id = line.get("custom_id") if isinstance(line, dict) else None
    if not isinstance(custom_id, str) or not custom_id:
        return None, Failure(states.UNPARSABLE_LINE, "")
    error, response = line.get("error"), line.get("response")
    custom_id = storable(custom_id[:KEPT_CHARACTERS])
    if isinstance(error, dict) and error.get("code") in _NEVER_RAN:
        return custom_id, Failure(states.NOT_EXECUTED, _json(error))
    if error or not isinstance(response, dict) or response.get("status_code") != 200:
        return custom_id, Failure(states.ROW_ERROR, _json(error or response))
    answer = _answer(response.get("body"))
    return custom_id, answer or Failure(states.UNUSABLE, _json(response.get("body")))


def _answer(body: Any) -> Answer | None:
    """Of a chat completion; None if it has no text."""
    try:
        text = body["choices"][0]["message"]["content"]
    except (KeyError, IndexError, TypeError):
        return None
    if not isinstance(text, str):
        return None
    usage = body.get("usage")
    usage = usage if isinstance(usage, dict) else {}
    return Answer(
        storable(text), _count(usage.get("prompt_tokens")), _count(usage.get("completion_tokens"))
    )


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and 0 <= value < 2**31 else None


def _json(value: Any) -> str:
    return _cut(json.dumps(value, ensure_ascii=False))


def _cut(text: str) -> str:
    return storable(text[:KEPT_CHARACTERS])
