"""Streamlit's files as the pages' server gives them out."""

from __future__ import annotations

import asyncio
import gzip
import re
from pathlib import Path
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send
from streamlit.file_util import get_static_dir

from nadeuri.web.front import FONT, PARTS, Front, index

FOLDER = Path(get_static_dir())
SCRIPT = next(FOLDER.glob("static/js/Html.*.js"))
GZIP = [(b"accept-encoding", b"gzip, deflate, br")]
STREAMLIT = b"Streamlit itself"


async def streamlit(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": STREAMLIT})


@pytest.fixture(scope="module")
def front() -> Front:
    return Front(streamlit, folder=FOLDER, paths=["/", "/planner"], title="나들이 & <벗>")


def get(front: Front, path: str, headers: Any = (), method: str = "GET") -> tuple[Any, bytes]:
    """Headers and body."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": method, "path": path, "headers": headers}
    asyncio.run(front(scope, receive, send))
    start, body = sent
    assert start["status"] == 200
    return {name.decode(): value.decode() for name, value in start["headers"]}, body["body"]


def test_a_script_is_compressed_once_and_kept_by_browsers(front: Front) -> None:
    path = f"/{SCRIPT.relative_to(FOLDER).as_posix()}"
    headers, body = get(front, path, GZIP)
    assert gzip.decompress(body) == SCRIPT.read_bytes()
    assert headers["content-encoding"] == "gzip"
    assert headers["content-type"].startswith("text/javascript")
    assert "immutable" in headers["cache-control"]
    assert headers["vary"] == "accept-encoding"
    assert get(front, path, GZIP)[1] is body


def test_a_font_is_sent_as_it_is(front: Front) -> None:
    font = next(FOLDER.glob(f"static/media/{FONT}*.woff2"))
    headers, body = get(front, f"/static/media/{font.name}", GZIP)
    assert body == font.read_bytes()
    assert "content-encoding" not in headers
    assert headers["content-type"] == "font/woff2"


@pytest.mark.parametrize(
    ("path", "headers", "method"),
    [
        (f"/static/js/{SCRIPT.name}", [], "GET"),  # of a client that cannot unpack it
        (f"/static/js/{SCRIPT.name}", GZIP, "HEAD"),
        ("/static/js/../../index.html", GZIP, "GET"),
        ("/static/js/%2e%2e/secret", GZIP, "GET"),
        ("//planner", GZIP, "GET"),
        ("/elsewhere", GZIP, "GET"),
        ("/_stcore/health", GZIP, "GET"),
    ],
)
def test_all_else_is_streamlits(front: Front, path: str, headers: Any, method: str) -> None:
    assert get(front, path, headers, method)[1] == STREAMLIT


@pytest.mark.parametrize("path", ["/", "/planner"])
def test_a_page_says_where_its_server_is_and_what_it_will_need(front: Front, path: str) -> None:
    headers, body = get(front, path)
    page = body.decode()
    assert headers["cache-control"] == "no-cache"
    assert '<html lang="ko">' in page
    assert "<title>나들이 &amp; &lt;벗&gt;</title>" in page
    assert page.index("window.__streamlit") < page.index('<script type="module"')
    assert "You need to enable JavaScript" not in page
    assert "SourceSans" not in page
    early = re.findall(r'(?:modulepreload|preload)"[^>]*href="\./([^"]+)"', page)
    assert len(early) == len(set(early))
    assert all((FOLDER / name).is_file() for name in early)
    for part in (*PARTS, FONT):
        assert any(f"/{part}." in name for name in early), part


def test_an_index_that_has_changed_is_still_one(tmp_path: Path) -> None:
    """Of a later Streamlit: what is not found is not replaced."""
    (tmp_path / "index.html").write_text("<html><head></head><body></body></html>")
    assert index(tmp_path, "나들이").startswith("<html><head>")
