"""Run the API under gunicorn, in this process."""

from __future__ import annotations

from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

from nadeuri.serve import gunicorn_conf


class _Server(BaseApplication):  # type: ignore[misc]
    """gunicorn over an application that is already built (so its errors come before forking)."""

    def __init__(self, app: Flask, options: dict[str, Any]) -> None:
        self._app = app
        self._options = options
        super().__init__()

    def load_config(self) -> None:
        shared = {k: v for k, v in vars(gunicorn_conf).items() if k in self.cfg.settings}
        for name, value in {**shared, **self._options}.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return self._app


def run(app: Flask, *, host: str, port: int, workers: int, threads: int | None = None) -> None:
    """Serve until SIGTERM or SIGINT; requests under way are finished. Does not return.

    Args:
        threads: of each worker; None for those of :mod:`~nadeuri.serve.gunicorn_conf`.

    Raises:
        SystemExit: at the end, with gunicorn's code: 0 after a signal, 1 if it cannot start.
    """
    options = {"bind": f"{_bracketed(host)}:{port}", "workers": workers}
    if threads is not None:
        options["threads"] = threads
    _Server(app, options).run()


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host  # IPv6
