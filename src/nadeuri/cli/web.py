"""``nadeuri web``: the pages: the place guide, the planner, and reviews of the mapping."""

from __future__ import annotations

import json
import os
import sys
from importlib.util import find_spec
from pathlib import Path

import click

from nadeuri.errors import MissingExtraError


@click.command("web")
@click.option(
    "--api",
    default="http://127.0.0.1:8000",
    show_default=True,
    help='Address of the API that "nadeuri serve" runs.',
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8501, show_default=True, type=click.IntRange(1, 65535))
@click.option(
    "--home",
    type=click.Path(path_type=Path),
    help="Work folder whose experiments are shown where MLFLOW_TRACKING_URI is not set, such as "
    "work/try [default: NADEURI_HOME, else work]",
)
def command(api: str, host: str, port: int, home: Path | None) -> None:
    """Run the web pages until Ctrl-C or SIGTERM: guide, planner, and reviews of the mapping.

    They ask the API over HTTP and keep nothing themselves: conversations and decisions are in the
    API's memory, a traveller's plan is in the page's address. An API that wants a key is sent the
    one in NADEURI_API_KEY.

    Example: nadeuri web --api http://127.0.0.1:8000 --port 8501
    """
    from nadeuri.web.api import GuideApi
    from nadeuri.web.theme import theme_options

    GuideApi(api)  # or an error, before a server is started
    if find_spec("streamlit") is None:
        raise MissingExtraError("streamlit", "web")
    options = {
        "server.address": host,
        "server.port": port,
        "server.headless": True,
        "server.fileWatcherType": "none",
        "browser.gatherUsageStats": False,
        "client.toolbarMode": "minimal",
        "client.showErrorDetails": "none",
        **theme_options(),
    }
    server = [sys.executable, "-m", "nadeuri.web.server", json.dumps(options), api, *_home(home)]
    os.execv(sys.executable, server)  # noqa: S606 (this interpreter; signals reach Streamlit itself)


def _home(home: Path | None) -> list[str]:
    """For the page's settings: an address with a password in it stays in the environment."""
    return [] if home is None else [str(home.absolute())]
