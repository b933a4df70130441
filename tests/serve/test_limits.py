"""Limits of memory and CPU, read from files as kernels and container runtimes make them."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nadeuri.serve.limits import Kind, memory_limits, usable_cores

MIB = 1 << 20
MACHINE = 8192 * MIB
NO_LIMIT = 9223372036854771712
VERSION_1 = "36 31 0:33 {root} /sys/fs/cgroup/{name} rw,relatime - cgroup cgroup rw,{options}\n"
VERSION_2 = "41 31 0:38 {root} /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup rw\n"

Groups = list[tuple[int | None, int | None]]


def write(root: Path, files: dict[str, str]) -> Path:
    files = {"proc/meminfo": f"MemTotal:       {MACHINE // 1024} kB\nMemFree: 1 kB\n", **files}
    for name, content in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8")
    return root


def docker_1(own_namespace: bool) -> dict[str, str]:
    """A container of version 1: without a namespace of its own it sees the host's path."""
    path = "/" if own_namespace else "/docker/abc"
    root = "/.." if own_namespace else "/docker/abc"
    mounts = VERSION_1.format(root=root, name="memory", options="memory")
    mounts += VERSION_1.format(root=root, name="cpu,cpuacct", options="cpu,cpuacct")
    return {
        "proc/self/cgroup": f"9:cpu,cpuacct:{path}\n4:memory:{path}\n0::/\n",
        "proc/self/mountinfo": mounts,
    }


def test_a_machine_without_groups(tmp_path: Path) -> None:
    (limit,) = memory_limits(write(tmp_path, {}))
    assert (limit.bytes, limit.kind) == (MACHINE, Kind.MACHINE)
    assert limit.source == "/proc/meminfo"
    assert usable_cores(tmp_path, 3).count == 3


def test_no_linux(tmp_path: Path) -> None:
    assert memory_limits(tmp_path) == []


@pytest.mark.parametrize("own_namespace", [True, False])
def test_a_container_of_version_1(tmp_path: Path, own_namespace: bool) -> None:
    group = "sys/fs/cgroup/memory"
    write(
        tmp_path,
        {
            **docker_1(own_namespace),
            f"{group}/memory.limit_in_bytes": f"{4096 * MIB}\n",
            f"{group}/memory.soft_limit_in_bytes": f"{3072 * MIB}\n",
            f"{group}/memory.stat": f"cache 0\nhierarchical_memory_limit {5120 * MIB}\n",
        },
    )
    found = [(limit.bytes // MIB, limit.kind) for limit in memory_limits(tmp_path)]
    assert found == [
        (3072, Kind.SOFT),
        (4096, Kind.HARD),
        (5120, Kind.HARD),
        (8192, Kind.MACHINE),
    ]
    assert memory_limits(tmp_path)[0].source == f"/{group}/memory.soft_limit_in_bytes"


def test_the_limit_of_a_task_that_its_container_cannot_see(tmp_path: Path) -> None:
    """ECS limits the group of the task, above that of the container."""
    group = "sys/fs/cgroup/memory"
    write(
        tmp_path,
        {
            **docker_1(own_namespace=False),
            f"{group}/memory.limit_in_bytes": f"{NO_LIMIT}\n",
            f"{group}/memory.soft_limit_in_bytes": f"{NO_LIMIT}\n",
            f"{group}/memory.stat": f"hierarchical_memory_limit {2048 * MIB}\n",
        },
    )
    tightest = memory_limits(tmp_path)[0]
    assert (tightest.bytes, tightest.kind) == (2048 * MIB, Kind.HARD)


def test_a_container_of_version_2(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "proc/self/cgroup": "0::/\n",
            "proc/self/mountinfo": VERSION_2.format(root="/"),
            "sys/fs/cgroup/memory.max": f"{4096 * MIB}\n",
            "sys/fs/cgroup/memory.high": "max\n",
            "sys/fs/cgroup/memory.low": f"{3072 * MIB}\n",
            "sys/fs/cgroup/cpu.max": "150000 100000\n",
        },
    )
    found = [(limit.bytes // MIB, limit.kind) for limit in memory_limits(tmp_path)]
    assert found == [(3072, Kind.SOFT), (4096, Kind.HARD), (8192, Kind.MACHINE)]
    cores = usable_cores(tmp_path, 8)
    assert (cores.count, cores.source) == (2, "a quota of 1.5, /sys/fs/cgroup/cpu.max")


def test_a_promise_to_others_is_no_limit(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "proc/self/cgroup": "0::/system.slice/nadeuri.service\n",
            "proc/self/mountinfo": VERSION_2.format(root="/"),
            "sys/fs/cgroup/system.slice/memory.low": f"{64 * MIB}\n",
            "sys/fs/cgroup/system.slice/nadeuri.service/memory.low": "0\n",
            "sys/fs/cgroup/system.slice/nadeuri.service/memory.high": f"{700 * MIB}\n",
        },
    )
    found = [(limit.bytes // MIB, limit.kind) for limit in memory_limits(tmp_path)]
    assert found == [(700, Kind.STALL), (8192, Kind.MACHINE)]


def test_a_path_above_what_is_mounted(tmp_path: Path) -> None:
    """So it looks to a process that was moved out of its namespace."""
    write(
        tmp_path,
        {
            "proc/self/cgroup": "0::/../other\n",
            "proc/self/mountinfo": VERSION_2.format(root="/"),
            "sys/fs/cgroup/memory.max": f"{512 * MIB}\n",
            "sys/fs/other/memory.max": f"{1 * MIB}\n",
        },
    )
    assert memory_limits(tmp_path)[0].bytes == 512 * MIB


@pytest.mark.parametrize(
    ("quota", "affinity", "cores"),
    [("-1", 4, 4), ("200000", 4, 2), ("50000", 4, 1), ("250000", 4, 3), ("900000", 4, 4)],
)
def test_quotas_of_version_1(tmp_path: Path, quota: str, affinity: int, cores: int) -> None:
    group = "sys/fs/cgroup/cpu,cpuacct"
    write(
        tmp_path,
        {
            **docker_1(own_namespace=False),
            f"{group}/cpu.cfs_quota_us": f"{quota}\n",
            f"{group}/cpu.cfs_period_us": "100000\n",
        },
    )
    assert usable_cores(tmp_path, affinity).count == cores


limit = st.none() | st.integers(1, 2 * MACHINE)
names = st.lists(
    st.text("abc 가.-:", min_size=1, max_size=6).filter(lambda name: set(name) != {"."}),
    max_size=4,
)


@settings(max_examples=50, deadline=None)
@given(path=names, n_hidden=st.integers(0, 4), version=st.sampled_from([1, 2]), data=st.data())
def test_the_tightest_of_all_groups_counts(
    path: list[str], n_hidden: int, version: int, data: st.DataObject
) -> None:
    """Whatever part of the hierarchy is mounted, and whatever groups are called."""
    hidden, seen = path[:n_hidden], path[n_hidden:]
    limits: Groups = data.draw(
        st.lists(st.tuples(limit, limit), min_size=len(seen) + 1, max_size=len(seen) + 1)
    )
    escaped = "/" + "/".join(hidden).replace(" ", "\\040")
    hard_name, soft_name = (
        ("memory.limit_in_bytes", "memory.soft_limit_in_bytes")
        if version == 1
        else ("memory.max", "memory.high")
    )
    line = "4:memory:" if version == 1 else "0::"
    mount = "sys/fs/cgroup/memory" if version == 1 else "sys/fs/cgroup"
    files = {
        "proc/self/cgroup": f"{line}/{'/'.join(path)}\n",
        "proc/self/mountinfo": "25 24 0:23 / /dev/shm rw - tmpfs tmpfs rw\n"
        + (
            VERSION_1.format(root=escaped, name="memory", options="memory")
            if version == 1
            else VERSION_2.format(root=escaped)
        ),
    }
    unlimited = str(NO_LIMIT) if version == 1 else "max"
    for depth, (hard, soft) in enumerate(limits):
        folder = "/".join([mount, *seen[:depth]])
        files[f"{folder}/{hard_name}"] = f"{unlimited if hard is None else hard}\n"
        files[f"{folder}/{soft_name}"] = f"{unlimited if soft is None else soft}\n"
    with TemporaryDirectory() as root:
        found = memory_limits(write(Path(root), files))
    expected = min([MACHINE, *(value for pair in limits for value in pair if value is not None)])
    assert found[0].bytes == expected
    assert [each.bytes for each in found] == sorted(each.bytes for each in found)
    assert found[-1].kind is Kind.MACHINE


def test_this_machine() -> None:
    limits = memory_limits()
    physical = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    assert limits[-1].kind is Kind.MACHINE
    assert limits[-1].bytes == physical
    assert 1 <= usable_cores().count <= len(os.sched_getaffinity(0))
