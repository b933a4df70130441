"""Readings of real processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import psutil

from nadeuri.serve.memory import descendants, process_memory

PROGRAM = """
import json, os
from nadeuri.serve.memory import process_memory

inherited = b"x" * (40 << 20)
if os.fork():
    raise SystemExit(os.waitstatus_to_exitcode(os.wait()[1]))
readings = [process_memory()]
own = b"y" * (20 << 20)
for_an_answer = b"z" * (30 << 20)
del for_an_answer
readings.append(process_memory())
print(json.dumps([[each.rss, each.private, each.peak_private] for each in readings]))
"""


def test_what_is_inherited_is_not_private_and_what_was_given_back_counts() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True
    )
    before, after = json.loads(done.stdout)
    mib = 1 << 20
    assert before[0] > 40 * mib
    assert before[1] < 10 * mib
    # the kernel counts what is resident in batches: a little is missing now and then
    assert 19 * mib <= after[1] - before[1] < 25 * mib
    assert 49 * mib <= after[2] - before[1] < 55 * mib


def test_agrees_with_psutil() -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", "print(flush=True); input()"], stdin=-1, stdout=-1
    )
    with child:
        assert child.stdout is not None
        child.stdout.readline()
        ours, theirs = process_memory(child.pid), psutil.Process(child.pid).memory_full_info()
        assert (ours.rss, ours.private) == (theirs.rss, theirs.uss)
        assert ours.private < ours.pss <= ours.rss <= ours.peak_rss
        child.communicate(b"\n")


def test_descendants() -> None:
    script = "sleep 30 & echo $!; wait"
    with subprocess.Popen(["/bin/sh", "-c", f"sh -c '{script}'; true"], stdout=-1) as shell:
        assert shell.stdout is not None
        sleeping = int(shell.stdout.readline())
        found = list(descendants(shell.pid))
        assert len(found) == 2
        assert found[1] == sleeping
        assert shell.pid in descendants(os.getpid())
        os.kill(sleeping, 15)
