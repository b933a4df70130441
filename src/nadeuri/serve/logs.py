"""Logs of the server: one line for each record, as JSON or as text, without secrets.

Of a request are logged its id, method, route, status, duration, bytes and the name of its key. Not
its path, query string, headers or body: a conversation's path is the secret that lets one read it,
and questions are the travellers' own. Nor its address.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from gunicorn.glogging import Logger

from nadeuri.serve.door import KEY_NAME
from nadeuri.serve.keys import PREFIX
from nadeuri.serve.problems import REQUEST_ID, ROUTE

LogFormat = Literal["json", "text"]

_LOGGED = ("nadeuri", "gunicorn")
_FIELDS = "fields"
_SECRET = re.compile(rf"{PREFIX}[\w-]{{16,}}|(?<=bearer )[^\s\"'\\]+", re.IGNORECASE)
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]"
)
"""What begins a new line somewhere, changes a terminal, reorders or hides text, or is no text."""

logger = logging.getLogger(__name__)


def configure(log_format: LogFormat) -> None:
    """Write what this process and its forks log: requests to stdout, all else to stderr."""
    formatter = _JsonFormatter() if log_format == "json" else _TextFormatter()
    for log, stream in ((logging.getLogger(), "stderr"), (logger, "stdout")):
        for handler in [each for each in log.handlers if isinstance(each, _Lines)]:
            log.removeHandler(handler)
        lines = _Lines(stream)
        lines.setFormatter(formatter)
        log.addHandler(lines)
    logger.propagate = False
    for name in _LOGGED:
        logging.getLogger(name).setLevel(logging.INFO)
    logging.captureWarnings(True)


def log_request(
    *,
    request_id: str | None,
    method: str | None,
    path: str | None,
    status: int,
    duration: timedelta,
    n_bytes: int,
    key: str | None = None,
) -> None:
    """Log a request and its answer.

    Args:
        path: template of the route; None where there is none.
    """
    fields = {
        "request_id": request_id,
        "method": method,
        "path": path,
        "status": status,
        "ms": round(duration.total_seconds() * 1000, 1),
        "bytes": n_bytes,
        "key": key,
    }
    logger.info(
        "%s %s %s %s ms %s bytes key=%s id=%s",
        *(method or "-", path or "-", status, fields["ms"], n_bytes, key or "-", request_id or "-"),
        extra={_FIELDS: fields},
    )


class GunicornLogger(Logger):  # type: ignore[misc]
    """gunicorn's log through ours."""

    def setup(self, cfg: Any) -> None:
        """Take gunicorn's own handlers out of the way."""
        self.cfg = cfg
        self.loglevel = self.LOG_LEVELS.get(cfg.loglevel.lower(), logging.INFO)
        if not any(isinstance(each, _Lines) for each in logging.getLogger().handlers):
            configure("text")
        self.error_log.setLevel(self.loglevel)
        self.error_log.propagate = True

    def access(self, resp: Any, req: Any, environ: Any, request_time: timedelta) -> None:
        """Log a request whose answer has been sent."""
        headers = {name.lower(): value for name, value in resp.headers}
        log_request(
            request_id=headers.get(REQUEST_ID.lower()),
            method=environ.get("REQUEST_METHOD"),
            path=environ.get(ROUTE),
            status=int(str(resp.status).split(None, 1)[0]),
            duration=request_time,
            n_bytes=resp.sent,
            key=environ.get(KEY_NAME),
        )


class _Lines(logging.Handler):
    """Lines of UTF-8, each in one write, to whatever the stream of this name is."""

    def __init__(self, stream: str) -> None:
        super().__init__()
        self._stream = stream

    def emit(self, record: logging.LogRecord) -> None:
        try:
            stream = getattr(sys, self._stream).buffer
            stream.write(f"{self.format(record)}\n".encode())
            stream.flush()
        except Exception:
            self.handleError(record)


class _JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": _time(record).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "pid": record.process,
        }
        line |= getattr(record, _FIELDS, None) or {"message": _plain(record.getMessage())}
        if request_id := getattr(record, "request_id", None):
            line["request_id"] = request_id
        if record.exc_info:
            line["traceback"] = _plain(self.formatException(record.exc_info))
        return _UNSAFE.sub(_escaped, json.dumps(line, ensure_ascii=False))


class _TextFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        time = _time(record).astimezone().strftime("%Y-%m-%d %H:%M:%S")
        text = f"{time} [{record.process}] {record.levelname} {_plain(record.getMessage())}"
        lines = [text]
        if record.exc_info:
            traceback = _plain(self.formatException(record.exc_info))
            lines += [f"    {line}" for line in traceback.split("\n")]  # none begins like a record
        return "\n".join(_UNSAFE.sub(_escaped, line) for line in lines)


def _time(record: logging.LogRecord) -> datetime:
    return datetime.fromtimestamp(record.created, UTC)


def _plain(text: str) -> str:
    return _SECRET.sub("[redacted]", text)


def _escaped(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"
