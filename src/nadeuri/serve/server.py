"""Run the API under gunicorn, in this process."""

from __future__ import annotations

import ipaddress
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

from nadeuri.serve import gunicorn_conf
from nadeuri.serve.admitting import AdmittingWorker
from nadeuri.serve.draining import DrainingArbiter


class _Server(BaseApplication):  # type: ignore[misc]
    """gunicorn over an application that is already built (so its errors come before forking)."""

    def __init__(self, app: Flask, options: dict[str, Any], *, drain_s: float) -> None:
        self._app = app
        self._drain_s = drain_s
        self._options = options
        super().__init__()

    def load_config(self) -> None:
        shared = {k: v for k, v in vars(gunicorn_conf).items() if k in self.cfg.settings}
        for name, value in {**shared, **self._options}.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return self._app

    def run(self) -> None:
        DrainingArbiter(self, drain_s=self._drain_s).run()


def run(
    app: Flask,
    *,
    host: str,
    port: int,
    workers: int,
    recycle_after: int = 0,
    drain_s: float = 0.0,
    private_limit: int | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT; requests under way are finished. Does not return.

    Args:
        recycle_after: requests after which a worker is replaced, give or take a tenth; 0: never.
        drain_s: seconds to serve on after SIGTERM, without being ready.
        private_limit: bytes of private memory beyond which a worker is replaced.

    Raises:
        SystemExit: at the end, with gunicorn's code: 0 after a signal, 1 if it cannot start.
    """
    options = {
        "bind": f"{_bracketed(host)}:{port}",
        "workers": workers,
        "max_requests": recycle_after,
        "max_requests_jitter": recycle_after // 10,
    }
    AdmittingWorker.private_limit = private_limit
    _Server(app, options, drain_s=drain_s).run()


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host  # IPv6


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches ``host``."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
