"""Run the trials of a study: a process for each, several at a time, and again if one is killed."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any

from nadeuri.data.sequences import Dataset
from nadeuri.errors import ArtifactError, ConfigError, NadeuriError
from nadeuri.progress import progress
from nadeuri.recommend.tune import worker
from nadeuri.recommend.tune.locks import locked
from nadeuri.recommend.tune.queue import LOCK, Trial, TrialQueue
from nadeuri.recommend.tune.space import Space
from nadeuri.recommend.tune.worker import Study
from nadeuri.report.pages import replace_file

STUDY = "study.json"
POLL_S = 2.0
"""How often to look for trials that processes of another shell have ended."""
MOST_DEATHS = 3
"""How often a trial may lose its process before it is given up."""


def check_folder(folder: Path, kind: str, space: Space, dataset: Dataset) -> None:
    """Keep one study per folder: note what it varies, or compare with what was noted.

    Raises:
        ConfigError: the folder has another study's trials in it.
    """
    described: dict[str, Any] = {
        "study": kind,
        "data": dataset.fingerprint,
        "experiment": space.base.model_dump(mode="json"),
        "axes": [{"name": axis.name, "values": list(axis.values)} for axis in space.axes],
        "as_is": list(space.as_is),
        "settings": {
            name: value
            for name, value in vars(space).items()
            if isinstance(value, str | int | float)
        },
    }
    path = folder / STUDY
    with locked(folder / LOCK):
        if not path.is_file():
            replace_file(path, json.dumps(described, indent=1, ensure_ascii=False) + "\n")
            return
    try:
        noted = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ArtifactError(f"{path}: not JSON ({error}); delete the folder") from error
    for key, value in json.loads(json.dumps(described)).items():
        if noted.get(key) != value:
            raise ConfigError(
                f"--out {folder}: holds trials of a study with another {key!r} (see {STUDY} "
                "there); give another --out, or delete the folder"
            )


def run_study(study: Study, *, workers: int, description: str) -> tuple[Trial, ...]:
    """Run everything that the study's plan wants and return the trials with their ends.

    Other processes may work on the same study; this one waits for the trials that they run.

    Args:
        workers: trials at a time, each in a process of its own; 0 runs one after the other in this
            process, which spares small ones the seconds that a process takes to start.
        description: before the progress bar.

    Raises:
        NadeuriError: processes do not even start.
    """
    queue = TrialQueue(study.folder, study.plan)
    queue.fill()
    endings = _endings(study, queue, workers) if workers else _endings_here(study, queue)
    for _ in progress(endings, description, queue.unfinished()):
        pass
    return queue.trials()


def _endings_here(study: Study, queue: TrialQueue) -> Iterator[None]:
    """Run the trials in this process; yields once for every trial that ended."""
    while taken := queue.take():
        with suppress(OSError):  # not Linux: the peak is then the process's and not the trial's
            Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # proc(5): peak RSS
        worker.run(study, taken)
        yield


def _endings(study: Study, queue: TrialQueue, workers: int) -> Iterator[None]:
    """Keep processes running; yields once for every trial that ended, wherever it ran."""
    context = get_context("spawn")  # a forked torch may hang
    threads = max(1, len(os.sched_getaffinity(0)) // workers)
    running: list[SpawnProcess] = []
    deaths: Counter[int | None] = Counter()
    left = queue.unfinished()
    try:
        while left:
            while len(running) < min(workers, left) and queue.has_work():
                process = context.Process(target=worker.main, args=(study, threads, os.getpid()))
                process.start()
                running.append(process)
            wait([process.sentinel for process in running], timeout=POLL_S)
            for process in [process for process in running if not process.is_alive()]:
                running.remove(process)
                process.join()
                if process.exitcode:
                    _bury(queue, process, deaths)
            now = queue.unfinished()
            yield from (None for _ in range(left - now))
            left = now
    finally:
        for process in running:
            process.terminate()
            process.join()


def _bury(queue: TrialQueue, process: SpawnProcess, deaths: Counter[int | None]) -> None:
    """A process was killed or crashed: its trial is run again, but not for ever."""
    lost = [t for t in queue.trials() if t.state == "running" and t.last_holder == process.pid]
    number = lost[0].number if lost else None
    deaths[number] += 1
    if deaths[number] < MOST_DEATHS:
        return
    code = process.exitcode or 0
    how = f"signal {-code}" if code < 0 else f"exit code {code}"
    if number is None:
        raise NadeuriError(f"tune: the workers end before they have a trial ({how}); see above")
    queue.abandon(number, f"lost its process {MOST_DEATHS} times, last by {how} (out of memory?)")
