"""A real PostgreSQL, where there is one."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from sqlalchemy import MetaData

from nadeuri.database import Database

NOBODY = 65534


@pytest.fixture
def postgres(postgres_server: str) -> Iterator[str]:
    """URL of a database without tables."""
    yield postgres_server
    database = Database(postgres_server, MetaData())
    with closing(database), database.writing() as connection:
        connection.exec_driver_sql("DROP SCHEMA public CASCADE")
        connection.exec_driver_sql("CREATE SCHEMA public")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """URL of a database in a PostgreSQL server of our own."""
    if not all(map(shutil.which, ("initdb", "postgres", "pg_isready", "setpriv"))):
        pytest.skip("no PostgreSQL here")
    with tempfile.TemporaryDirectory(prefix="nadeuri-postgres-") as folder:
        as_nobody = []
        if os.getuid() == 0:  # which the server refuses to run as
            as_nobody = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
            os.chown(folder, NOBODY, NOBODY)
        with closing(socket.socket()) as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        data = f"{folder}/data"
        initdb = ["initdb", "--auth=trust", "--username=nadeuri", "--no-sync", "-D", data]
        quiet: Any = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": folder}
        subprocess.run([*as_nobody, *initdb], check=True, **quiet)
        server = ["postgres", "-D", data, "-p", str(port), "-h", "127.0.0.1", "-k", folder]
        with subprocess.Popen([*as_nobody, *server], **quiet) as running:
            while running.poll() is None and not _answers(port):
                time.sleep(0.05)
            yield f"postgresql://nadeuri@127.0.0.1:{port}/postgres"
            running.send_signal(signal.SIGQUIT)


def _answers(port: int) -> bool:
    command = ["pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)]
    return subprocess.run(command).returncode == 0
