"""How many workers and threads: from what a worker costs in memory, and the container's limit.

workers = clamp((0.8 x limit - shared) / private per worker, 1, cores)

The limit is the tightest of all, soft ones included. A soft limit alone kills nobody, but what is
above it is not promised: the plan keeps below, so that the hard limit is never near. The fifth that
is kept free is for what a trial does not see: the kernel's own memory, odd requests, fragmentation.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from flask import Flask

from nadeuri.errors import ConfigError
from nadeuri.serve import gunicorn_conf
from nadeuri.serve.limits import ROOT, Cores, Kind, MemoryLimit, memory_limits, usable_cores
from nadeuri.serve.trial_worker import Measured, TrialError, measure

FILL = 0.8
"""Which part of a limit is planned for."""
MOST_THREADS = gunicorn_conf.threads
LEAST_THREADS = 2
"""Of a worker, where memory allows: one slow sender must not hold it up."""
_MIB = 1 << 20


@dataclass(frozen=True)
class Plan:
    """How the server is to be run, and why.

    Attributes:
        measured: None where nothing had to be.
        limit: the one that counted; None where none did.
        limits: all that were found, the tightest first.
        warning: what is not as it should be, in one line.
    """

    workers: int
    threads: int
    reason: str
    cores: Cores
    limit: MemoryLimit | None = None
    limits: Sequence[MemoryLimit] = ()
    measured: Measured | None = None
    warning: str | None = None

    @property
    def worker_bytes(self) -> int | None:
        """What each worker may grow to in private memory; None where nothing limits it."""
        if self.limit is None or self.measured is None:
            return None
        return _room(self.limit, self.measured) // self.workers


def plan_workers(
    app: Flask,
    *,
    workers: int | None = None,
    threads: int | None = None,
    always_measure: bool = False,
    root: Path = ROOT,
) -> Plan:
    """Choose workers and threads.

    Measures a trial worker where workers are to be chosen and a control group limits memory.

    Args:
        app: loaded; its rooms are not yet started in this process.
        workers: so many, whatever they cost; None to choose.
        threads: of each worker; None to choose.
        always_measure: to explain a choice that would not need it.
        root: where ``/proc`` and ``/sys`` are.

    Raises:
        ConfigError: not even one worker fits.
        TrialError: a trial worker failed.
    """
    cores = usable_cores(root)
    limits = memory_limits(root)
    limited = bool(limits) and limits[0].kind is not Kind.MACHINE
    measured = None
    if always_measure or (limited and workers is None):
        measured = _measure(app, threads or MOST_THREADS, limits[0] if limits else None)
    if workers is not None:
        return Plan(
            workers=workers,
            threads=threads or MOST_THREADS,
            reason=f"{_number(workers, threads or MOST_THREADS)}, as asked for",
            cores=cores,
            limit=limits[0] if limits else None,
            limits=limits,
            measured=measured,
        )
    if not limited or measured is None:
        return Plan(
            workers=cores.count,
            threads=threads or MOST_THREADS,
            reason=f"{_number(cores.count, threads or MOST_THREADS)}: as many as cores "
            f"({cores.source}); no control group limits memory",
            cores=cores,
            limit=limits[0] if limits else None,
            limits=limits,
            measured=measured,
        )
    return _fitting(measured, limits, cores, threads)


def choose(
    measured: Measured, limit_bytes: int, cores: int, threads: int | None
) -> tuple[int, int] | None:
    """Workers and threads within a limit; None where not even one worker fits.

    More workers keep more cores busy; more threads only hide slow senders. So the number of workers
    comes first, as long as each has :data:`LEAST_THREADS`.

    Args:
        threads: exactly so many; None to choose.
    """
    room = FILL * limit_bytes - measured.shared
    fits = {
        count: min(cores, int(room // max(1, private)))
        for count in ([threads] if threads else range(1, measured.threads + 1))
        if (private := measured.private_of(count)) is not None
    }
    several = {count: n for count, n in fits.items() if count >= LEAST_THREADS and n > 0}
    best = max((several or fits).items(), key=lambda each: (each[1], each[0]), default=(1, 0))
    return (best[1], best[0]) if best[1] > 0 else None


def _measure(app: Flask, threads: int, limit: MemoryLimit | None) -> Measured:
    try:
        return measure(app, threads)
    except TrialError as error:
        if limit is None:
            raise
        raise TrialError(
            f"{error}; {mib(limit.bytes)} MiB is the {_named(limit)}: raise it, serve fewer "
            "models, or set --workers to serve without a trial"
        ) from error


def _fitting(
    measured: Measured, limits: Sequence[MemoryLimit], cores: Cores, threads: int | None
) -> Plan:
    """The plan that keeps the tightest limit; above a soft one, if need be, a single worker.

    Raises:
        ConfigError: not even one worker fits.
    """
    limit, warning = limits[0], None
    chosen = choose(measured, limit.bytes, cores.count, threads)
    if chosen is not None:
        why = _formula(measured, limit, cores, chosen[1])
    else:
        warning = _above_soft(measured, limit)
        limit = next(each for each in limits if each.kind is not Kind.SOFT)
        chosen = choose(measured, limit.bytes, cores.count, threads)
        if chosen is None:
            raise ConfigError(_nothing_fits(measured, limit, threads))
        chosen, why = (1, chosen[1]), f"even one is more than the {limits[0].kind.value} holds"
    return Plan(
        workers=chosen[0],
        threads=chosen[1],
        reason=f"{_number(*chosen)}: {why}",
        cores=cores,
        limit=limit,
        limits=limits,
        measured=measured,
        warning=warning,
    )


def _nothing_fits(measured: Measured, limit: MemoryLimit, threads: int | None) -> str:
    private = measured.private_of(threads or 1) or measured.private
    needed = math.ceil((measured.shared + private) / FILL / _MIB)
    return (
        f"no worker fits: {mib(measured.shared)} MiB are shared and a worker adds {mib(private)} "
        f"MiB, but {FILL} x {mib(limit.bytes)} MiB ({_named(limit)}) are "
        f"{mib(FILL * limit.bytes)} MiB; give the container {needed} MiB, or serve fewer models"
    )


def _above_soft(measured: Measured, limit: MemoryLimit) -> str:
    return (
        f"one worker needs {mib(measured.shared + measured.private)} MiB, more than {FILL} x "
        f"{mib(limit.bytes)} MiB ({_named(limit)}): {limit.kind.consequence}; raise it"
    )


def _room(limit: MemoryLimit, measured: Measured) -> int:
    return max(0, int(FILL * limit.bytes) - measured.shared)


def _formula(measured: Measured, limit: MemoryLimit, cores: Cores, threads: int) -> str:
    private = measured.private_of(threads) or measured.private
    return (
        f"({FILL} x {mib(limit.bytes)} MiB - {mib(measured.shared)} shared) / {mib(private)} "
        f"private = {_room(limit, measured) / max(1, private):.1f}, at most {cores.count} for the "
        f"cores; the {_named(limit)}"
    )


def _named(limit: MemoryLimit) -> str:
    return f"{limit.kind.value} of {limit.source}"


def _number(workers: int, threads: int) -> str:
    return f"{workers} worker{'s' * (workers > 1)} of {threads} thread{'s' * (threads > 1)}"


def mib(n_bytes: float) -> int:
    """Bytes as whole MiB."""
    return round(n_bytes / _MIB)
