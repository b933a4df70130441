"""Run the API under gunicorn, in this process."""

from __future__ import annotations

import ipaddress
import sys
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

from nadeuri.serve import gunicorn_conf
from nadeuri.serve.admitting import AdmittingWorker
from nadeuri.serve.arbiter import ReloadingArbiter
from nadeuri.serve.draining import DrainingArbiter
from nadeuri.serve.reload import Reloader


class _Arbiter(DrainingArbiter, ReloadingArbiter):
    """A master that announces its stop, and replaces the application under its workers."""


class _Server(BaseApplication):  # type: ignore[misc]
    """gunicorn over an application that is already built (so its errors come before forking)."""

    def __init__(
        self, app: Flask, options: dict[str, Any], reloader: Reloader, *, drain_s: float
    ) -> None:
        self._app = app
        self._options = options
        self._reloader = reloader
        self._drain_s = drain_s
        super().__init__()

    def load_config(self) -> None:
        shared = {k: v for k, v in vars(gunicorn_conf).items() if k in self.cfg.settings}
        for name, value in {**shared, **self._options}.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return self._app

    def run(self) -> None:
        try:
            _Arbiter(self, self._reloader, drain_s=self._drain_s).run()
        except RuntimeError as error:  # as gunicorn's own run
            sys.exit(f"Error: {error}")


def run(
    app: Flask,
    *,
    host: str,
    port: int,
    workers: int,
    threads: int,
    reloader: Reloader,
    recycle_after: int = 0,
    drain_s: float = 0.0,
    private_limit: int | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT; requests under way are finished. Does not return.

    Args:
        threads: of each worker, for requests that are answered soon.
        reloader: decides, from then on, what is served instead of ``app``.
        recycle_after: requests after which a worker is replaced, give or take a tenth; 0: never.
        drain_s: seconds to serve on after SIGTERM, without being ready.
        private_limit: bytes of private memory beyond which a worker is replaced.

    Raises:
        SystemExit: at the end, with gunicorn's code: 0 after a signal, 1 if it cannot start.
    """
    options = {
        "bind": f"{_bracketed(host)}:{port}",
        "workers": workers,
        "threads": threads,
        "max_requests": recycle_after,
        "max_requests_jitter": recycle_after // 10,
    }
    AdmittingWorker.private_limit = private_limit
    _Server(app, options, reloader, drain_s=drain_s).run()


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host  # IPv6


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches ``host``."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
