"""The web server of the pages: Streamlit behind files that are compressed, early and in Korean.

python -m nadeuri.web.server '{"server.port": 8501}' http://127.0.0.1:8000
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.middleware import Middleware
from streamlit import App
from streamlit.file_util import get_static_dir

from nadeuri.web import app
from nadeuri.web.front import Front
from nadeuri.web.navigation import BRAND


def build_server() -> App:
    """The pages, which read from the command line where the API is."""
    front = Middleware(
        Front,
        folder=Path(get_static_dir()),
        paths=["/", *(f"/{entry.url_path}" for entry in app.PAGES)],
        title=BRAND,
    )
    return App(Path(app.__file__), lifespan=_warm, middleware=[front])


@asynccontextmanager
async def _warm(_: App) -> AsyncIterator[None]:
    """Load what the first visitor would wait for, while there is none."""
    loading = asyncio.create_task(asyncio.to_thread(_load_charts))
    yield
    await loading


def _load_charts() -> None:
    import plotly.graph_objects  # noqa: F401 (a second of work, done once)


if __name__ == "__main__":
    # uvicorn stops in order and then raises the signal again, by which the process would die
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    options = json.loads(sys.argv.pop(1))  # what remains is read by the pages
    build_server().run(config=options)
