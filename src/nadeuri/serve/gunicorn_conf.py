"""gunicorn's settings, for ``nadeuri serve`` and for gunicorn itself.

gunicorn -c python:nadeuri.serve.gunicorn_conf "nadeuri.serve.app:create_app('ARTEFACT')"

Connections are not kept open. In gunicorn 26.2 a kept connection loses a request that arrives while
the unread body of a refused one is drained, and idle ones hold up a graceful stop for its whole
time-out (docs/decisions/closed-connections.md).
"""

from __future__ import annotations

import gc
import sys
from typing import Any

from nadeuri.errors import NadeuriError
from nadeuri.serve.metrics import METRICS_OF_APP
from nadeuri.serve.room import ROOMS_OF_APP, start_rooms, stop_rooms

preload_app = True  # the artefact is read once; workers share its memory
worker_class = "nadeuri.serve.admitting.AdmittingWorker"
worker_connections = 800  # below the usual limit of files; the kernel keeps `backlog` beside
threads = 4
keepalive = 0
graceful_timeout = 30
control_socket_disable = True  # it would be made below $HOME, which may be read-only
logger_class = "nadeuri.serve.logs.GunicornLogger"
timeout = 120  # a worker that starts its rooms gives no sign of life meanwhile
limit_request_line = 8190  # the most that gunicorn allows: Hangul takes nine bytes in a URL
limit_request_fields = 100
limit_request_field_size = 8190

_WORKER_BOOT_ERROR = 3  # gunicorn's code for "do not start another"


def set_aside(*, thaw: bool = False) -> None:
    """Set what is loaded aside before workers are forked.

    A worker's garbage collector would write to every object and so copy the page that it is on.

    Args:
        thaw: look for garbage among what was set aside before, too.
    """
    if thaw:
        gc.unfreeze()
    gc.collect()
    gc.freeze()


def when_ready(_server: object) -> None:
    """Before the first fork."""
    set_aside()


def post_worker_init(worker: Any) -> None:
    """Start the worker's rooms; where that fails, so does the server, with one line."""
    try:
        start_rooms(worker.wsgi)
        worker.wsgi.extensions[METRICS_OF_APP].serve(worker.wsgi.extensions[ROOMS_OF_APP])
    except NadeuriError as error:
        worker.log.error("%s", error)
        sys.exit(_WORKER_BOOT_ERROR)


def worker_exit(_server: object, worker: Any) -> None:
    """Stop the worker's rooms."""
    if worker.booted:
        stop_rooms(worker.wsgi)


def pre_request(worker: Any, _req: object) -> None:
    """Count the request among those under way."""
    worker.wsgi.extensions[METRICS_OF_APP].begin()


def post_request(worker: Any, _req: object, environ: dict[str, Any], resp: Any) -> None:
    """Count the answer."""
    worker.wsgi.extensions[METRICS_OF_APP].end(environ, resp.status_code if resp else 0)


def child_exit(server: Any, worker: Any) -> None:
    """Keep what the worker counted."""
    server.app.wsgi().extensions[METRICS_OF_APP].forget(worker.pid)
