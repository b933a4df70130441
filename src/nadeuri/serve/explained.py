"""A plan of workers in words and as JSON, for ``nadeuri serve --explain``."""

from __future__ import annotations

from typing import Any

from nadeuri.serve.workers import FILL, Plan, mib


def as_text(plan: Plan) -> str:
    """Limits and where they were found, what was measured, and the choice; several lines."""
    lines = ["Memory limits, the tightest first:"]
    for limit in plan.limits:
        lines.append(f"  {mib(limit.bytes):>8} MiB  {limit.kind.value}, {limit.source}")
        lines.append(f"{'':15}{limit.kind.consequence}")
    if not plan.limits:
        lines.append("  none is known")
    lines += ["Processors:", f"  {plan.cores.count:>8}      {plan.cores.source}"]
    if plan.measured is not None:
        measured = plan.measured
        lines += [
            f"Measured in {measured.seconds:g} s by a trial worker that answered "
            f"{measured.n_requests} requests:",
            f"  {mib(measured.shared):>8} MiB  shared: loaded once, inherited by each worker",
            f"  {mib(measured.private):>8} MiB  private to a worker with one thread, at its peak",
        ]
        if measured.per_thread is not None and measured.threads > 1:
            lines.append(f"  {mib(measured.per_thread):>8} MiB  more for each further thread")
        elif measured.threads > 1:
            lines.append(f"{'':15}with {measured.threads} threads it was killed or took too long")
    lines += ["Choice:", f"  {plan.reason}"]
    if plan.worker_bytes is not None:
        lines.append(f"  each worker may grow to {mib(plan.worker_bytes)} MiB of its own")
    if plan.warning:
        lines.append(f"  warning: {plan.warning}")
    return "\n".join(lines)


def as_json(plan: Plan) -> dict[str, Any]:
    """The same; all sizes in bytes."""
    measured = plan.measured
    return {
        "workers": plan.workers,
        "threads": plan.threads,
        "reason": plan.reason,
        "warning": plan.warning,
        "fill": FILL,
        "limits": [
            {"bytes": each.bytes, "kind": each.kind.name.lower(), "source": each.source}
            for each in plan.limits
        ],
        "cores": {"count": plan.cores.count, "source": plan.cores.source},
        "measured": None
        if measured is None
        else {
            "shared": measured.shared,
            "private": measured.private,
            "private_with_threads": measured.private_of(plan.threads),
            "per_thread": measured.per_thread,
            "threads": measured.threads,
            "seconds": measured.seconds,
            "n_requests": measured.n_requests,
        },
        "worker_bytes": plan.worker_bytes,
    }
