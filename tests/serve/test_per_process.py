"""What each process opens for itself."""

from __future__ import annotations

import multiprocessing
import os
from dataclasses import dataclass, field

from nadeuri.serve.per_process import OnePerProcess


@dataclass
class Opened:
    process: int = field(default_factory=os.getpid)
    closed: bool = False

    def close(self) -> None:
        self.closed = True


def test_one_until_it_is_closed() -> None:
    held = OnePerProcess(Opened)
    first = held.get()
    assert held.get() is first
    held.close()
    assert first.closed
    assert held.get() is not first
    held.close()
    held.close()


def test_a_fork_opens_its_own_and_leaves_the_other_alone() -> None:
    held = OnePerProcess(Opened)
    first = held.get()
    context = multiprocessing.get_context("fork")
    told = context.SimpleQueue()

    def child() -> None:
        inherited = first
        own = held.get()
        held.close()
        told.put((own is not inherited, own.process == os.getpid(), own.closed, inherited.closed))

    process = context.Process(target=child)
    process.start()
    assert told.get() == (True, True, True, False)
    process.join()
    assert held.get() is first
