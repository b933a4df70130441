"""The trial of a newly published artefact, in a process of its own, before it is served.

The process is forked from the server's master: it has the libraries and the model that is served,
so that it costs little more memory than the new model and measures both side by side. Whatever the
new one does there, a crash in native code or all of the memory, does not happen to the master.
"""

from __future__ import annotations

import os
import signal
import statistics
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from pydantic import BaseModel, ConfigDict, ValidationError

from nadeuri.artifact import read_manifest
from nadeuri.errors import NadeuriError
from nadeuri.serve.app import build_app, open_rooms
from nadeuri.serve.example_requests import ExampleRequest, example_requests
from nadeuri.serve.room import Room

_WARM_UP, _ROUNDS = 2, 15
_NICENESS = 5  # travellers' requests come first, so that a trial on a busy machine takes long
_BLOCK_BYTES = 1 << 16


@dataclass(frozen=True)
class Limits:
    """What a new artefact may cost.

    Attributes:
        slowdown: times the median of the model that is served, for each operation. What is
            compared is processor time, for on a busy machine a request also waits for others.
        floor_s: a median below it is fast enough, whatever the other one's.
        time_s: of the whole trial.
    """

    slowdown: float = 3.0
    floor_s: float = 0.02
    time_s: int = 300


class Verdict(BaseModel):
    """How a trial ended.

    Attributes:
        version: of the artefact; None where its manifest cannot be read.
        refusal: why it must not be served; None if it may.
    """

    model_config = ConfigDict(frozen=True)

    version: str | None
    refusal: str | None


def judge(path: Path, current: Room, limits: Limits) -> Verdict:
    """Open an artefact, ask it the examples of its room, and time it beside the one served.

    It is refused if it is of another kind, damaged, cannot be opened, answers an example with
    anything but 200 and a body of the documented form, or is slower than ``limits`` allow.

    Args:
        current: the room that is served.
    """
    version = None
    try:
        manifest = read_manifest(path)
        version = manifest.version
        if manifest.kind != current.served.kind:
            served = current.served.kind
            return Verdict(
                version=version,
                refusal=f"{path}: holds a {manifest.kind} artefact, {served} is served from there",
            )
        (room,) = open_rooms([path])
        refusal = _compare(_Client(room), _Client(current), limits)
    except NadeuriError as error:
        refusal = str(error)
    except Exception as error:  # whatever a bad model makes a library raise
        traceback.print_exc()
        refusal = f"{path}: {type(error).__name__} while it was opened: {error}"
    return Verdict(version=version, refusal=refusal)


class _Client:
    """Asks a room its own examples."""

    def __init__(self, room: Room) -> None:
        self._client = build_app([room]).test_client()
        self.examples = {
            each.operation.path: each for each in example_requests(room.every_operation)
        }

    def seconds(self, example: ExampleRequest) -> float:
        """Processor time that the answer took.

        Raises:
            _UnsoundAnswerError: it is not one of 200, or not of the documented form.
        """
        started = time.process_time()
        response = self._client.open(
            example.url,
            method=example.method,
            data=example.body,
            content_type=None if example.body is None else "application/json",
        )
        elapsed = time.process_time() - started
        asked = f"{example.method} {example.operation.path}"
        if response.status_code != 200:
            raise _UnsoundAnswerError(f"{asked} is answered with {response.status}")
        model = example.operation.response
        try:
            if model is not None:
                model.model_validate_json(response.data)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = ".".join(map(str, first["loc"]))
            raise _UnsoundAnswerError(
                f"the answer to {asked} is not of its documented form ({where}: {first['msg']})"
            ) from error
        return elapsed


class _UnsoundAnswerError(NadeuriError):
    """A smoke request failed."""


def _compare(new: _Client, current: _Client, limits: Limits) -> str | None:
    """Why the new one must not be served, if so."""
    for path, example in new.examples.items():
        times: list[float] = []
        reference: list[float] = []
        for _ in range(_WARM_UP + _ROUNDS):  # in turns, so that both meet the same neighbours
            times.append(new.seconds(example))
            if path in current.examples:
                reference.append(current.seconds(current.examples[path]))
        median, allowed = statistics.median(times[_WARM_UP:]), limits.floor_s
        if reference:
            allowed = max(allowed, limits.slowdown * statistics.median(reference[_WARM_UP:]))
        if median > allowed:
            return (
                f"{example.method} {path} takes {1000 * median:.1f} ms of the "
                f"processor, more than the {1000 * allowed:.1f} ms that are allowed"
            )
    return None


class Trial:
    """:func:`judge` in a forked process.

    Args:
        let_go: called there first, to close what only the server may hold, such as its socket.

    Raises:
        OSError: no process can be made.
    """

    def __init__(
        self, path: Path, current: Room, limits: Limits, let_go: Callable[[], object]
    ) -> None:
        self._limits = limits
        self._written = b""
        self._exit_code: int | None = None
        self._pipe, writing = os.pipe()
        try:
            self._pid = os.fork()
        except OSError:
            os.close(self._pipe)
            os.close(writing)
            raise
        if self._pid == 0:
            _run(writing, lambda: judge(path, current, limits), let_go, limits)
        os.close(writing)
        os.set_blocking(self._pipe, False)

    def verdict(self) -> Verdict | None:
        """What came out; None while it is not over. Does not wait."""
        try:
            while block := os.read(self._pipe, _BLOCK_BYTES):
                self._written += block
        except BlockingIOError:
            return None
        os.close(self._pipe)
        self.reap(wait=True)
        try:
            return Verdict.model_validate_json(self._written)
        except ValidationError:
            return Verdict(version=None, refusal=f"its trial {self._how_it_ended()}")

    def reap(self, *, wait: bool = False) -> None:
        """Take note of how the process ended, if it has."""
        if self._exit_code is not None:
            return
        try:
            pid, status = os.waitpid(self._pid, 0 if wait else os.WNOHANG)
        except ChildProcessError:  # gunicorn waits for any child, and was faster
            self._exit_code = 0
            return
        if pid:
            self._exit_code = os.waitstatus_to_exitcode(status)

    def stop(self) -> None:
        """Break it off."""
        self.reap()
        if self._exit_code is None:
            os.kill(self._pid, signal.SIGKILL)
            self.reap(wait=True)
        os.close(self._pipe)

    def _how_it_ended(self) -> str:
        code = self._exit_code or 0
        if code == -signal.SIGALRM:
            return f"took longer than {self._limits.time_s} s"
        return f"was ended by {signal.Signals(-code).name}" if code < 0 else "gave no verdict"


def _run(
    pipe: int, judged: Callable[[], Verdict], let_go: Callable[[], object], limits: Limits
) -> NoReturn:
    """The life of the forked process; it never returns into the server's code."""
    try:
        for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
            if callable(signal.getsignal(number)):
                signal.signal(number, signal.SIG_DFL)
        signal.alarm(limits.time_s)
        let_go()
        _be_the_first_to_go()
        content = judged().model_dump_json().encode()
        while content:
            content = content[os.write(pipe, content) :]
    except BaseException:  # nothing may climb up from here
        traceback.print_exc()
    finally:
        os._exit(0)


def _be_the_first_to_go() -> None:
    """Leave processor and memory to the workers: where memory runs out, this process is ended."""
    os.nice(_NICENESS)
    try:
        Path("/proc/self/oom_score_adj").write_text("1000")
    except OSError:
        return  # a kernel that does not let us: then the largest process is ended
