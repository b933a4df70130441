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
from nadeuri.serve.room import start_rooms, stop_rooms

preload_app = True  # the artefact is read once; workers share its memory
worker_class = "gthread"
threads = 4  # so that a slow sender does not hold up the worker
keepalive = 0
graceful_timeout = 30
control_socket_disable = True  # it would be made below $HOME, which may be read-only
accesslog = "-"
timeout = 120  # a worker that starts its rooms gives no sign of life meanwhile
access_log_format = '%(h)s "%(r)s" %(s)s %(b)s bytes %(D)s us %({x-request-id}o)s'
limit_request_line = 8190  # the most that gunicorn allows: Hangul takes nine bytes in a URL

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
    except NadeuriError as error:
        worker.log.error("%s", error)
        sys.exit(_WORKER_BOOT_ERROR)


def worker_exit(_server: object, worker: Any) -> None:
    """Stop the worker's rooms."""
    if worker.booted:
        stop_rooms(worker.wsgi)
