import os
import resource
import subprocess
import sys

import pytest

PROBE = """
import resource, sys
import torch
from nadeuri.recommend import heap

if "keep" in sys.argv:
    heap.keep_free_pages()

def step():
    for megabytes in (5, 9, 3):
        torch.empty(megabytes, 2**20, dtype=torch.uint8).zero_()

def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt

def resident():
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * resource.getpagesize()

for _ in range(3):
    step()
before = faults()
for _ in range(20):
    step()
print(faults() - before)
many = [torch.zeros(2**20, dtype=torch.uint8) for _ in range(100)]
last = torch.zeros(2**20, dtype=torch.uint8)
del many
before = resident()
heap.give_back_free_pages()
print(before - resident())
"""


@pytest.mark.skipif(
    sys.platform != "linux" or "glibc" not in os.confstr("CS_GNU_LIBC_VERSION"),
    reason="only glibc's heap can be told what to keep",
)
def test_pages_stay_within_an_epoch_and_go_back_after_it() -> None:
    def probe(*arguments: str) -> list[int]:
        done = subprocess.run(
            [sys.executable, "-c", PROBE, *arguments], capture_output=True, text=True, check=True
        )
        return [int(line) for line in done.stdout.split()]

    page = resource.getpagesize()
    faults, given_back = probe("keep")
    assert faults < 9 * 2**20 / page  # not once more what one step touches
    assert given_back > 90 * 2**20
    assert probe()[0] > 10 * faults
