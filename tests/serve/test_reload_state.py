"""The state crosses from the master to its workers, whole."""

from __future__ import annotations

import os
from datetime import UTC, datetime

from nadeuri.serve.reload_state import ReloadState, SharedReloadState
from nadeuri.serve.wire import RefusedArtifact


def refusal(reason: str) -> RefusedArtifact:
    return RefusedArtifact(
        model="meta_bert4rec",
        kind="recommender",
        version=None,
        reason=reason,
        refused=datetime(2026, 1, 2, tzinfo=UTC),
    )


def test_a_worker_reads_what_the_master_writes_after_the_fork() -> None:
    shared = SharedReloadState()
    reading, writing = os.pipe()
    go, gone = os.pipe()
    if os.fork() == 0:
        os.read(go, 1)
        os.write(writing, shared.refusals()[0].reason.encode())
        os._exit(0)
    shared.write(ReloadState(refusals=[refusal("손상된 파일")]))
    os.write(gone, b"x")
    assert os.read(reading, 1000).decode() == "손상된 파일"
    os.wait()
    for descriptor in (reading, writing, go, gone):
        os.close(descriptor)


def test_a_reader_never_sees_half_a_state() -> None:
    shared = SharedReloadState()
    states = [ReloadState(refusals=[refusal("가" * 100 * n)]) for n in range(1, 9)]
    shared.write(states[0])
    pid = os.fork()
    if pid == 0:
        for _ in range(300):
            for state in states:
                shared.write(state)
        os._exit(0)
    while os.waitpid(pid, os.WNOHANG) == (0, 0):
        seen = shared.read()
        assert seen == states[len(seen.refusals[0].reason) // 100 - 1]
