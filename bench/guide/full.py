"""Cost of the guide at full size: load, vectors, disk, memory, and milliseconds of each stage."""

from __future__ import annotations

import itertools
import time

from guide.world import World, peak_mib
from nadeuri.guide.evaluation.metrics import TOTAL, percentiles
from nadeuri.guide.evaluation.read import PARTS, read_shipped
from nadeuri.guide.pipeline import open_guide
from speed.part import Part

N_WARM = 10
"""Turns before the clock counts: the first ones read the disk."""


def measure(world: World) -> Part:
    """What ``world`` took, and how long it takes to answer the shipped questions."""
    part = Part("full")
    begun = time.perf_counter()
    asked = [read_shipped(name) for name in PARTS]
    with open_guide(world.guide, clock=lambda: asked[0].now) as guide:
        opened_s = time.perf_counter() - begun
        spent: dict[str, list[float]] = {}
        numbers = itertools.count()
        for conversation in (each for some in asked for each in some.conversations):
            for turn in conversation.turns:
                begun = time.perf_counter()
                answer = guide.ask(turn.question, thread=conversation.id)
                if next(numbers) < N_WARM:
                    continue
                spent.setdefault(TOTAL, []).append(1_000 * (time.perf_counter() - begun))
                for step in answer.steps:
                    spent.setdefault(step.name, []).append(step.ms)
    stages = percentiles(spent)
    p50, p95 = stages.pop(TOTAL)
    part.add(
        {"measured": "full", "turns": next(numbers) - N_WARM, "stages": stages},
        {
            "full.load_s": world.load.seconds,
            "full.peak_mib": world.load.peak_mib,
            "full.embed_reviews_s": world.embed.seconds,
            "full.disk_mib": world.disk_mib,
            "full.open_s": opened_s,
            "full.answering_mib": peak_mib(),
            "full.p50_ms": p50,
            "full.p95_ms": p95,
            **{f"full.{name}_p95_ms": p95 for name, (_, p95) in stages.items()},
        },
    )
    return part
