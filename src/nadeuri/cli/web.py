"""``nadeuri web``: the chat page of the place guide."""

from __future__ import annotations

import os
import sys
from importlib.resources import files
from importlib.util import find_spec

import click

from nadeuri.errors import MissingExtraError

FONT = "Pretendard, 'Noto Sans KR', 'Apple SD Gothic Neo', 'Malgun Gothic', NanumGothic, sans-serif"
ACCENT = "#d9630f"


@click.command("web")
@click.option(
    "--api",
    default="http://127.0.0.1:8000",
    show_default=True,
    help='Address of the API that "nadeuri serve" runs.',
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8501, show_default=True, type=click.IntRange(1, 65535))
def command(api: str, host: str, port: int) -> None:
    """Run the chat page of the place guide until Ctrl-C or SIGTERM.

    The page asks the API over HTTP and keeps nothing itself: conversations are in the API's memory.

    Example: nadeuri web --api http://127.0.0.1:8000 --port 8501
    """
    from nadeuri.web.api import GuideApi

    GuideApi(api)  # or an error, before a server is started
    if find_spec("streamlit") is None:
        raise MissingExtraError("streamlit", "web")
    options = {
        "server.address": host,
        "server.port": str(port),
        "server.headless": "true",
        "server.fileWatcherType": "none",
        "browser.gatherUsageStats": "false",
        "client.toolbarMode": "minimal",
        "client.showErrorDetails": "none",
        "theme.font": FONT,
        "theme.light.primaryColor": ACCENT,
        "theme.dark.primaryColor": ACCENT,
    }
    flags = [f"--{name}={value}" for name, value in options.items()]
    page = str(files("nadeuri.web").joinpath("app.py"))
    os.execv(  # noqa: S606 (this interpreter, so that signals reach Streamlit itself)
        sys.executable, [sys.executable, "-m", "streamlit", "run", page, *flags, "--", api]
    )
