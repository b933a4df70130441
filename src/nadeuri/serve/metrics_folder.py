"""The folder in which the processes of a server count, and the variable that names it."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nadeuri.errors import ConfigError

FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
"""Must name the folder before ``prometheus_client`` is imported, which reads it then."""

_SHARED_MEMORY = Path("/dev/shm")  # noqa: S108  (what is made in it has a random name)


@contextmanager
def shared_folder() -> Iterator[Path]:
    """A folder for the metrics of this process and its children; removed when this process is done.

    Raises:
        ConfigError: nothing can be written where temporary files go.
    """
    place = _SHARED_MEMORY if os.access(_SHARED_MEMORY, os.W_OK) else None
    try:
        folder = Path(tempfile.mkdtemp(prefix="nadeuri-metrics-", dir=place))
    except OSError as error:
        raise ConfigError(f"no folder for metrics: {error}; mount a tmpfs at /tmp") from error
    owner = os.getpid()
    try:
        yield folder
    finally:
        if os.getpid() == owner:  # children leave this block as well
            shutil.rmtree(folder, ignore_errors=True)
