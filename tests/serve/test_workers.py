"""How many workers, from what was measured; and the measurement itself."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from nadeuri.errors import ConfigError
from nadeuri.serve import explained, workers
from nadeuri.serve.trial_worker import Measured
from nadeuri.serve.workers import FILL, MOST_THREADS, choose, plan_workers

MIB = 1 << 20


def measured(shared: int, private: int, per_thread: int | None, threads: int = 4) -> Measured:
    more = None if per_thread is None else per_thread * MIB
    return Measured(shared * MIB, private * MIB, more, threads, 1.0, 10)


@pytest.mark.parametrize(
    ("limit", "threads", "expected"),
    [
        (1000, None, (4, 2)),  # 600: four workers of 150 each
        (1000, 4, (2, 4)),  # of 250: 2.4
        (1000, 1, (4, 1)),  # of 100: 6, but four cores
        (700, None, (2, 2)),  # 360: one of 250 or 200, two of 150
        (2000, None, (4, 4)),
        (420, None, (1, 1)),  # 136: one thread only
        (370, None, None),  # 96
    ],
)
def test_the_formula(limit: int, threads: int | None, expected: tuple[int, int] | None) -> None:
    assert choose(measured(200, 100, 50), limit * MIB, cores=4, threads=threads) == expected


@settings(deadline=None)
@given(
    shared=st.integers(0, 500),
    private=st.integers(1, 500),
    per_thread=st.none() | st.integers(0, 200),
    limit=st.integers(1, 5000),
    cores=st.integers(1, 16),
    threads=st.none() | st.sampled_from([1, 4]),
)
def test_what_is_chosen_fits_and_no_more_would(
    shared: int, private: int, per_thread: int | None, limit: int, cores: int, threads: int | None
) -> None:
    cost = measured(shared, private, per_thread)
    found = choose(cost, limit * MIB, cores, threads)
    room = FILL * limit - shared

    def need(n_workers: int, n_threads: int) -> float:
        return n_workers * (private + (per_thread or 0) * (n_threads - 1))

    if found is None:
        known = threads in (None, 1) or per_thread is not None
        assert not known or need(1, threads or 1) > room
        return
    n_workers, n_threads = found
    assert 1 <= n_workers <= cores
    assert 1 <= n_threads <= 4
    assert threads in (None, n_threads)
    assert need(n_workers, n_threads) <= room
    assert n_workers == cores or need(n_workers + 1, n_threads) > room
    if threads is None and per_thread is not None and 1 < n_threads < 4:
        assert need(n_workers, n_threads + 1) > room
    if n_threads == 1 and threads is None:
        assert per_thread is None or need(1, 2) > room


def machine(root: Path, *, hard: int | None = None, soft: int | None = None) -> Path:
    """Files of a container of version 2 on a machine with 8 GiB."""
    files = {
        "proc/meminfo": f"MemTotal: {8192 * 1024} kB\n",
        "proc/self/cgroup": "0::/\n",
        "proc/self/mountinfo": "41 31 0:38 / /sys/fs/cgroup rw - cgroup2 cgroup rw\n",
        "sys/fs/cgroup/memory.max": f"{hard * MIB if hard else 'max'}\n",
        "sys/fs/cgroup/memory.low": f"{soft * MIB if soft else 0}\n",
        "sys/fs/cgroup/cpu.max": "max 100000\n",
    }
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content)
    return root


@pytest.fixture
def trials(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The threads of each trial; it finds 200 MiB shared, 100 private and 50 for each thread."""
    asked: list[int] = []

    def trial(app: Flask, threads: int) -> Measured:
        asked.append(threads)
        return measured(200, 100, 50, threads)

    monkeypatch.setattr(workers, "measure", trial)
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0, 1, 2})
    return asked


def test_without_a_limit_as_many_as_cores_and_no_trial(tmp_path: Path, trials: list[int]) -> None:
    plan = plan_workers(Flask("x"), root=machine(tmp_path))
    assert (plan.workers, plan.threads, plan.measured, trials) == (3, MOST_THREADS, None, [])
    assert plan.worker_bytes is None


def test_as_asked_for_there_is_no_trial_either(tmp_path: Path, trials: list[int]) -> None:
    plan = plan_workers(Flask("x"), workers=5, threads=2, root=machine(tmp_path, hard=300))
    assert (plan.workers, plan.threads, trials) == (5, 2, [])
    assert plan.reason == "5 workers of 2 threads, as asked for"


def test_the_soft_limit_is_planned_for(tmp_path: Path, trials: list[int]) -> None:
    plan = plan_workers(Flask("x"), threads=4, root=machine(tmp_path, hard=4096, soft=1000))
    assert (plan.workers, plan.threads, plan.warning) == (2, 4, None)
    assert plan.worker_bytes == 300 * MIB
    assert plan.reason == (
        "2 workers of 4 threads: (0.8 x 1000 MiB - 200 shared) / 250 private = 2.4, at most 3 for "
        "the cores; the soft limit of /sys/fs/cgroup/memory.low"
    )


def test_above_a_soft_limit_there_is_one_worker_and_a_warning(
    tmp_path: Path, trials: list[int]
) -> None:
    plan = plan_workers(Flask("x"), root=machine(tmp_path, hard=4096, soft=300))
    assert plan.workers == 1
    assert plan.warning is not None
    assert "soft limit of /sys/fs/cgroup/memory.low" in plan.warning
    assert plan.worker_bytes // MIB == 3076  # of the hard one


def test_one_that_fits_nowhere_is_refused_with_the_number_that_would_do(
    tmp_path: Path, trials: list[int]
) -> None:
    with pytest.raises(ConfigError, match=r"no worker fits: 200 MiB .* adds 100 MiB") as refused:
        plan_workers(Flask("x"), root=machine(tmp_path, hard=300, soft=200))
    assert "0.8 x 300 MiB (hard limit of /sys/fs/cgroup/memory.max) are 240 MiB" in str(
        refused.value
    )
    assert "give the container 375 MiB" in str(refused.value)
    assert plan_workers(Flask("x"), root=machine(tmp_path, hard=375)).workers == 1


def test_explained(tmp_path: Path, trials: list[int]) -> None:
    root = machine(tmp_path, hard=4096, soft=1000)
    plan = plan_workers(Flask("x"), root=root, always_measure=True)
    text = explained.as_text(plan)
    assert "    1000 MiB  soft limit, /sys/fs/cgroup/memory.low" in text
    assert "     100 MiB  private to a worker with one thread, at its peak" in text
    assert plan.reason in text
    said: dict[str, Any] = json.loads(json.dumps(explained.as_json(plan)))
    assert (said["workers"], said["threads"], said["limits"][0]["kind"]) == (3, 3, "soft")
    assert said["measured"]["private_with_threads"] == 200 * MIB
    unlimited = plan_workers(Flask("x"), root=machine(tmp_path), always_measure=True)
    assert "no control group limits memory" in explained.as_text(unlimited)


def test_the_server_planner_loads_no_training_stack() -> None:
    program = (
        "import sys; from nadeuri.serve import explained, workers\n"
        "print({'torch', 'mlflow', 'transformers'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "set()\n"
