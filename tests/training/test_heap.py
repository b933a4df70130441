import os
import subprocess
import sys

import pytest

PROBE = """
import resource, sys
import torch
from nadeuri.training import heap

def resident():
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * resource.getpagesize()

if "keep" in sys.argv:
    heap.keep_free_pages()
before = resident()
blocks = [torch.ones(30 * 2**20, dtype=torch.uint8) for _ in range(8)]
del blocks
print(resident() - before)
heap.give_back_free_pages()
print(resident() - before)
"""
BLOCKS = 8 * 30 * 2**20


@pytest.mark.slow
@pytest.mark.skipif(
    sys.platform != "linux" or "glibc" not in (os.confstr("CS_GNU_LIBC_VERSION") or ""),
    reason="only glibc's heap can be told what to keep",
)
def test_free_pages_are_kept_until_they_are_given_back() -> None:
    def probe(*arguments: str) -> list[int]:
        command = [sys.executable, "-c", PROBE, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        return [int(line) for line in done.stdout.split()]

    freed, given_back = probe("keep")
    assert freed > 0.9 * BLOCKS
    assert given_back < 0.2 * BLOCKS
    assert probe()[0] < 0.5 * BLOCKS  # so without the call the test could not pass
