"""What the log says, what it does not, and that no request can write a line of its own."""

from __future__ import annotations

import json
import logging
import re
import sys
import uuid
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import requests
from gunicorn.config import Config
from hypothesis import given
from hypothesis import strategies as st

from nadeuri.serve import logs
from nadeuri.serve.keys import create_key

THREAD = "a-conversation-that-is-private"


@pytest.fixture
def log() -> Iterator[logging.Logger]:
    """A logger whose lines go where the server's go; all is as before afterwards."""
    touched = [logging.getLogger(name) for name in ("", "nadeuri", "gunicorn", logs.__name__)]
    before = [(each, each.level, each.propagate, each.handlers[:]) for each in touched]
    yield logging.getLogger("nadeuri.test")
    for each, level, propagate, handlers in before:
        each.setLevel(level)
        each.propagate = propagate
        each.handlers[:] = handlers
    logging.captureWarnings(False)


@given(st.text(st.characters(exclude_categories=())))
@pytest.mark.parametrize("log_format", ["json", "text"])
def test_a_record_is_a_line_whatever_is_in_it(log_format: logs.LogFormat, text: str) -> None:
    formatter = logs._JsonFormatter() if log_format == "json" else logs._TextFormatter()
    record = logging.LogRecord("nadeuri", logging.INFO, "", 0, "%s", (text,), None)
    line = formatter.format(record)
    assert len(line.splitlines()) == 1
    assert line.encode()
    if log_format == "json" and not re.search("ndr_|bearer", text, re.IGNORECASE):
        assert json.loads(line)["message"] == text


def test_json_keeps_hangul(log: logging.Logger, capfd: pytest.CaptureFixture[str]) -> None:
    logs.configure("json")
    try:
        raise ValueError("제주 흑돼지\nforged")
    except ValueError:
        log.exception("실패: %s", "애월읍", extra={"request_id": "r-1"})
    (line,) = capfd.readouterr().err.splitlines()
    assert "제주 흑돼지" in line
    record = json.loads(line)
    assert record["message"] == "실패: 애월읍"
    assert (record["level"], record["logger"]) == ("error", "nadeuri.test")
    assert record["request_id"] == "r-1"
    assert record["traceback"].startswith("Traceback")
    assert datetime.fromisoformat(record["time"]).tzinfo is not None


def test_no_line_of_a_traceback_looks_like_a_record(
    log: logging.Logger, capfd: pytest.CaptureFixture[str]
) -> None:
    logs.configure("text")
    forged = "2026-01-01 00:00:00 [1] INFO all is well"
    try:
        raise ValueError(f"x\n{forged}\r{forged}\x1b[2J")
    except ValueError:
        log.exception("failed\n%s", forged)
    first, *others = capfd.readouterr().err.splitlines()
    assert re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \[\d+\] ERROR failed\\u000a2026", first)
    assert others
    assert all(line.startswith("    ") for line in others)
    assert "\x1b" not in "".join(others)


def test_keys_are_never_written(
    log: logging.Logger, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    logs.configure("json")
    key = create_key(tmp_path / "keys", "a")
    log.info("a mistake: %s, %s", key, {"Authorization": f"bearer {key}"})
    log.info("another: Authorization: Bearer other-secret")
    written = capfd.readouterr().err
    assert key[10:] not in written
    assert "other-secret" not in written
    assert written.count("[redacted]") == 3


def test_a_log_that_cannot_be_written_fails_no_request(
    log: logging.Logger, monkeypatch: pytest.MonkeyPatch
) -> None:
    logs.configure("text")
    with suppress(OSError), Path("/dev/full").open("w") as full:
        monkeypatch.setattr(sys, "stderr", full)
        monkeypatch.setattr(logging, "raiseExceptions", False)
        log.info("to a full disk")


def test_what_is_said_of_a_request(locked_server: Any, key_file: Path) -> None:
    key = create_key(key_file, "여행앱")
    url = f"{locked_server.url}/v1/products/없는상품/also-viewed"
    headers = {"Authorization": f"Bearer {key}", "Cookie": "cookie-secret"}
    status = 401
    while status == 401:  # until both workers know the key
        request_id = uuid.uuid4().hex
        response = requests.get(
            url,
            params={"city": "비밀도시"},
            headers={**headers, "X-Request-ID": request_id},
            timeout=5,
        )
        status = response.status_code
    assert status == 404
    line = json.loads(locked_server.logged(request_id))
    assert line["status"] == 404
    assert line["method"] == "GET"
    assert line["path"] == "/v1/products/{code}/also-viewed"
    assert line["key"] == "여행앱"
    assert line["bytes"] == len(response.content)
    assert 0 < line["ms"] < 5000
    content = locked_server.log.read_text()
    assert '"key": "여행앱"' in content, "Hangul stays readable"
    for secret in (key, "cookie-secret", "비밀도시", "없는상품", "%EB%B9%84%EB%B0%80"):
        assert secret not in content


def test_no_request_writes_a_line_of_its_own(locked_server: Any) -> None:
    forged = '{"time": "2026-01-01", "level": "info", "message": "all is well"}'
    url = locked_server.url
    attacks: tuple[tuple[str, dict[str, str]], ...] = (
        (f"{url}/v1/guide/threads/{THREAD}%0d%0a{forged}", {}),
        (f"{url}/%0a{forged}%E2%80%A8{forged}", {"User-Agent": forged}),
        (f"{url}/healthz?%0a{forged}", {"Authorization": "Bearer \x1b[2J"}),
        (f"{url}/healthz", {"X-Request-ID": forged}),
    )
    for number, (address, headers) in enumerate(attacks):
        given = {"X-Request-ID": f"attack-{number}", **headers}
        answer = requests.get(address, headers=given, timeout=5)
        locked_server.logged(answer.headers["X-Request-ID"])
    content = locked_server.log.read_text()
    assert "all is well" not in content
    assert THREAD not in content
    for line in content.splitlines():
        assert {"time", "level", "pid"} <= json.loads(line).keys()


def test_the_text_of_a_terminal(server: Any) -> None:
    requests.get(f"{server.url}/healthz", headers={"X-Request-ID": "seen"}, timeout=5)
    pattern = r"\S+ \S+ \[\d+\] INFO GET /healthz 200 [\d.]+ ms \d+ bytes key=- id=seen"
    assert re.fullmatch(pattern, server.logged("id=seen"))


def test_gunicorns_own_command_logs_alike(
    log: logging.Logger, capfd: pytest.CaptureFixture[str]
) -> None:
    """Nobody has configured the log then."""
    logs.GunicornLogger(Config()).info("Listening at: %s", "x\ny")
    assert re.fullmatch(r"\S+ \S+ \[\d+\] INFO Listening at: x\\u000ay\n", capfd.readouterr().err)
