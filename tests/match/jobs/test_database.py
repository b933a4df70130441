"""Databases by URL, and the lock against overlapping runs."""

from __future__ import annotations

import sys
import time
from contextlib import closing
from pathlib import Path
from subprocess import PIPE, Popen

import pytest
from batch_chaos import KIND, request

from nadeuri.database import LockedError
from nadeuri.errors import ConfigError, DataError
from nadeuri.match.jobs.requests import Request
from nadeuri.match.jobs.store import JobStore


def test_one_run_at_a_time(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/deep/jobs.sqlite"
    with JobStore(url) as store, JobStore(url) as other:
        with store.exclusive(), store.exclusive():
            store.add([request(1)], KIND, 1000, 0.0)  # it is ours
            with pytest.raises(LockedError, match="another run is at work"):
                other.add([request(2)], KIND, 1000, 0.0)
            assert other.counts() == {"waiting": 1}  # looking is free
        other.add([request(2)], KIND, 1000, 0.0)


HOLDER = """
import sys
from nadeuri.match.jobs.store import JobStore
with JobStore(sys.argv[1]).exclusive():
    print("held", flush=True)
    sys.stdin.read()
"""


def check_killed_holder_frees_the_lock(url: str) -> None:
    command = [sys.executable, "-c", HOLDER, url]
    with Popen(command, stdin=PIPE, stdout=PIPE, text=True) as holder, JobStore(url) as store:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(LockedError):
            store.retry()
        holder.kill()
        holder.wait()
        for _ in range(100):  # PostgreSQL notices a moment later
            try:
                store.retry()
            except LockedError:
                time.sleep(0.05)
            else:
                return
    raise AssertionError("still locked")


def test_killed_holder_frees_the_lock(tmp_path: Path) -> None:
    check_killed_holder_frees_the_lock(f"sqlite:///{tmp_path}/jobs.sqlite")


@pytest.mark.slow
def test_killed_holder_frees_the_lock_of_postgres(postgres: str) -> None:
    check_killed_holder_frees_the_lock(postgres)


@pytest.mark.slow
def test_who_has_lost_the_lock_can_write_no_more(postgres: str) -> None:
    with JobStore(postgres) as store, JobStore(postgres) as other:
        with store.exclusive():
            with other._database.reading() as connection:
                backend = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype='advisory'"
                assert connection.exec_driver_sql(backend).scalar()
            other.add([request(1)], KIND, 1000, 0.0)  # may do so now
            with pytest.raises(DataError, match="run again"):
                store.add([request(2)], KIND, 1000, 0.0)
        store.add([request(3)], KIND, 1000, 0.0)
        assert store.counts() == {"waiting": 2}


def test_a_database_that_cannot_be_written(tmp_path: Path) -> None:
    with JobStore(f"sqlite:///{tmp_path}/jobs.sqlite") as store:
        with store._database.writing() as connection:
            connection.exec_driver_sql("PRAGMA query_only=ON")
        with pytest.raises(DataError, match=r"jobs.sqlite: .*; run again"):
            store.add([request(1)], KIND, 1000, 0.0)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("jobs.sqlite", "no URL of a database"),
        ("sqlite://", "in memory"),
        ("sqlite:///:memory:", "in memory"),
        ("oracle://host/db", "no driver"),
        ("postgresql://user:secret@127.0.0.1:9/db", r"no database there"),
    ],
)
def test_no_such_database(url: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message) as raised:
        JobStore(url)
    assert "secret" not in str(raised.value)
    assert len(str(raised.value).splitlines()) == 1


def test_no_database_in_that_file(tmp_path: Path) -> None:
    (tmp_path / "jobs.sqlite").write_text("not a database, but long enough to look at" * 100)
    with pytest.raises(ConfigError, match="no database there"):
        JobStore(f"sqlite:///{tmp_path}/jobs.sqlite")


def test_an_error_undoes_all_of_a_transaction(tmp_path: Path) -> None:
    with closing(JobStore(f"sqlite:///{tmp_path}/jobs.sqlite")) as store:
        with pytest.raises(DataError, match="not the id of its body"):
            store.add([request(1), Request("other", request(2).body)], "select", 1000, 0.0)
        assert store.counts() == {}
