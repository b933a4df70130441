"""Learning rate as a function of the step."""

from __future__ import annotations


def lr_factor(schedule: str, step: int, warmup_steps: int, total_steps: int) -> float:
    """Factor on the base rate at ``step`` (from 0).

    Both schedules warm up linearly over ``warmup_steps``; ``constant`` then stays at 1, ``linear``
    falls to 0 at ``total_steps`` (BERT4Rec, Sun et al. 2019, section 4.4).
    """
    if step < warmup_steps:
        return (step + 1) / warmup_steps
    if schedule == "constant":
        return 1.0
    return max(0.0, (total_steps - step) / max(1, total_steps - warmup_steps))
