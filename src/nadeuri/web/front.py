"""Streamlit's own files as a browser wants them: compressed once, in Korean, loaded early.

Streamlit leaves compression to a proxy, finds out by asking where its server is, and loads the
parts of a page one after the other, each when the one before it has arrived. That is 2.7 MB in 90
requests and four rounds until a first word is seen.
"""

from __future__ import annotations

import asyncio
import gzip
import re
from collections.abc import Collection, Iterator, Mapping
from html import escape
from pathlib import Path

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

PARTS = ("Html", "PageLink", "Button", "TextInput", "Selectbox")
"""Names of the scripts that draw what nearly every page shows first."""
FONT = "MaterialSymbols-Rounded"
"""Of the icons: until it is there, an icon is a hole."""
FOREVER = "public, immutable, max-age=31536000"
"""The names of the files carry a hash of what is in them."""

_KINDS = {".js": "text/javascript", ".css": "text/css", ".woff2": "font/woff2"}
_COMPRESSED_KINDS = (".woff2",)
_LEVEL = 6
_STATIC_IMPORT = re.compile(r'(?:\bfrom|\bimport)\s*["`\']\./([\w.-]+\.js)["`\']')
_OTHER_FONT = re.compile(r'<link\s[^>]*rel="preload"[^>]*SourceSans[^>]*>')
_NO_SCRIPT = re.compile(r"<noscript>.*?</noscript>", re.DOTALL)
_NO_SCRIPT_TEXT = "<noscript>이 페이지를 보려면 자바스크립트를 켜 주세요.</noscript>"
_BACKEND = """<script>
      window.__streamlit = {
        BACKEND_BASE_URL: new URL(".", window.location.href).href,
        HOST_CONFIG: { allowedOrigins: [window.location.origin], useExternalAuthToken: false },
      }
    </script>
    """
"""Says where the server is, which Streamlit would find out in two rounds of requests.

A page's address is the server's and one more name, whatever a proxy puts before both.
"""


class Front:
    """Answers for Streamlit's files and for the address of each page; passes on all else.

    A file is read and compressed when it is first asked for, and kept: 7 MB if all of them are.

    Args:
        app: Streamlit.
        folder: of its static files, with ``index.html``.
        paths: addresses of pages, each with one slash, which comes first.
        title: of a page until its script has run.
    """

    def __init__(self, app: ASGIApp, *, folder: Path, paths: Collection[str], title: str) -> None:
        self._app = app
        self._files = {f"/{name}": path for name, path in _files(folder).items()}
        self._kept: dict[str, Response] = {}
        self._paths = frozenset(paths)
        self._index = Response(
            index(folder, title), media_type="text/html", headers={"cache-control": "no-cache"}
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI has it."""
        answer = None
        if scope["type"] == "http" and scope["method"] == "GET":
            answer = await self._answer(scope)
        await (answer or self._app)(scope, receive, send)

    async def _answer(self, scope: Scope) -> Response | None:
        path = scope["path"]
        if path in self._paths:
            return self._index
        file = self._files.get(path)
        if file is None or "gzip" not in Headers(scope=scope).get("accept-encoding", ""):
            return None
        if path not in self._kept:
            self._kept[path] = await asyncio.to_thread(_packed, file)
        return self._kept[path]


def index(folder: Path, title: str) -> str:
    """Streamlit's page, which a browser reads first, for pages in Korean.

    Args:
        folder: of Streamlit's static files.
        title: of a page until its script has run.
    """
    page = (folder / "index.html").read_text(encoding="utf-8")
    page = page.replace('<html lang="en">', '<html lang="ko">')
    page = page.replace("<title>Streamlit</title>", f"<title>{escape(title)}</title>")
    page = _NO_SCRIPT.sub(_NO_SCRIPT_TEXT, page)
    page = _OTHER_FONT.sub("", page)
    early = "\n    ".join(_early(_files(folder), page))
    page = page.replace("</head>", f"{early}\n  </head>")
    return page.replace("<script", f"{_BACKEND}<script", 1)


def _early(files: Mapping[str, Path], page: str) -> Iterator[str]:
    """Links to what a page needs besides what Streamlit itself lets load early."""
    for name in _with_imports(files, PARTS):
        if name not in page:
            yield f'<link rel="modulepreload" crossorigin href="./{name}">'
    for name in files:
        if name.endswith(".woff2") and FONT in name:
            yield (f'<link rel="preload" as="font" type="font/woff2" crossorigin href="./{name}">')


def _with_imports(files: Mapping[str, Path], parts: Collection[str]) -> list[str]:
    """The scripts of these names, and all that they import."""
    folder = "static/js"
    found: list[str] = []
    wanted = [name for part in parts for name in files if name.startswith(f"{folder}/{part}.")]
    while wanted:
        name = wanted.pop()
        if name in files and name not in found:
            found.append(name)
            script = files[name].read_text(encoding="utf-8")
            wanted += [f"{folder}/{other}" for other in _STATIC_IMPORT.findall(script)]
    return found


def _files(folder: Path) -> dict[str, Path]:
    """Name, as an address below the page's has it, to file."""
    return {
        path.relative_to(folder).as_posix(): path
        for path in sorted(folder.glob("static/*/*"))
        if path.suffix in _KINDS
    }


def _packed(file: Path) -> Response:
    content = file.read_bytes()
    headers = {"cache-control": FOREVER, "vary": "accept-encoding"}
    if file.suffix not in _COMPRESSED_KINDS:
        content = gzip.compress(content, _LEVEL, mtime=0)
        headers["content-encoding"] = "gzip"
    return Response(content, media_type=_KINDS[file.suffix], headers=headers)
