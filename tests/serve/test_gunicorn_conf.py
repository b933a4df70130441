"""gunicorn's hooks."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import gc, os, sys
from nadeuri.serve import gunicorn_conf

loaded = [[number] for number in range(400_000)]  # some 25 MiB
if sys.argv[1] == "ready":
    gunicorn_conf.when_ready(None)

def own_kib():
    with open("/proc/self/smaps_rollup") as lines:
        return sum(int(line.split()[1]) for line in lines if line.startswith("Private_Dirty"))

if os.fork():
    sys.exit(os.waitstatus_to_exitcode(os.wait()[1]))
before = own_kib()
gc.collect()
print(own_kib() - before)
"""


@pytest.mark.parametrize(("hook", "is_shared"), [("ready", True), ("not called", False)])
def test_a_worker_does_not_copy_what_was_loaded_before_the_fork(hook: str, is_shared: bool) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, hook], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert (int(done.stdout) < 8_000) == is_shared
