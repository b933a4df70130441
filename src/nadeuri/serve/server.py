"""Run the API under gunicorn, in this process."""

from __future__ import annotations

import sys
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

from nadeuri.serve import gunicorn_conf
from nadeuri.serve.arbiter import ReloadingArbiter
from nadeuri.serve.reload import Reloader


class _Server(BaseApplication):  # type: ignore[misc]
    """gunicorn over an application that is already built (so its errors come before forking)."""

    def __init__(self, app: Flask, options: dict[str, Any], reloader: Reloader) -> None:
        self._app = app
        self._options = options
        self._reloader = reloader
        super().__init__()

    def load_config(self) -> None:
        shared = {k: v for k, v in vars(gunicorn_conf).items() if k in self.cfg.settings}
        for name, value in {**shared, **self._options}.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return self._app

    def run(self) -> None:
        try:
            ReloadingArbiter(self, self._reloader).run()
        except RuntimeError as error:  # as gunicorn's own run
            sys.exit(f"Error: {error}")


def run(app: Flask, *, host: str, port: int, workers: int, reloader: Reloader) -> None:
    """Serve until SIGTERM or SIGINT; requests under way are finished. Does not return.

    Args:
        reloader: decides, from then on, what is served instead of ``app``.

    Raises:
        SystemExit: at the end, with gunicorn's code: 0 after a signal, 1 if it cannot start.
    """
    _Server(app, {"bind": f"{_bracketed(host)}:{port}", "workers": workers}, reloader).run()


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host  # IPv6
