"""Time and memory of mapping two large tables of made-up places.

100,000 places on either side, half of them the same: names of three to four words, with letters
changed and words dropped on the right, positions some 30 m off; one place in ten has no position.
The scorer is the one that comes with the package. It runs in a process of its own, whose peak
memory is that of the whole job, from the tables to the mapping; ``f1`` only shows that the mapping
is one.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from guide.world import peak_mib
from nadeuri import columns
from places.labelled import poi_table
from places.pittsburgh import quality_of
from speed.part import Part

N_PLACES = 100_000
N_WORDS = 20_000
SQUARE_DEGREES = 3.0
SEED = 0

_CONSONANTS, _VOWELS = "bcdfghjklmnprstvwz", "aeiou"
_KINDS = (
    "restaurant",
    "cafe",
    "hotel",
    "park",
    "museum",
    "market",
    "temple",
    "bar",
    "shop",
    "school",
)


def measure(n_places: int = N_PLACES) -> Part:
    """Map the tables in a process of their own."""
    part = Part("scale")
    command = [sys.executable, str(Path(__file__).parent.parent / "places.py"), "scale-worker"]
    done = subprocess.run(
        [*command, "--places", str(n_places)], check=True, capture_output=True, text=True
    )
    measured = json.loads(done.stdout.splitlines()[-1])
    name = f"scale_{n_places // 1000}k"
    part.add({"set": "scale", **measured}, {f"{name}.{key}": measured[key] for key in measured})
    return part


def work(n_places: int) -> None:
    """The process under measurement: prints seconds, peak memory and F1 as JSON."""
    from nadeuri.match.mapping import score_pairs
    from nadeuri.match.scorer import default_scorer

    left, right = make_tables(n_places)
    scorer = default_scorer()
    wall, cpu = time.perf_counter(), time.process_time()
    pairs = score_pairs(left, right, scorer)
    mapping = pairs.mapping()
    took = (time.perf_counter() - wall, time.process_time() - cpu)
    gold = frozenset((f"l{i}", f"r{i}") for i in range(n_places // 2))
    measured = {
        "seconds": took[0],
        "cpu_seconds": took[1],
        "peak_mib": peak_mib(),
        "candidates_per_record": len(pairs.left) / n_places,
        "f1": quality_of(mapping, gold).f1,
    }
    print(json.dumps(measured), flush=True)


def make_tables(n_places: int, seed: int = SEED) -> tuple[pa.Table, pa.Table]:
    """Two tables; left ``l7`` is right ``r7`` for the first half."""
    random = np.random.default_rng(seed)
    words = [_word(random) for _ in range(N_WORDS)]
    n_all = n_places + n_places // 2
    names = [_name(words, random) for _ in range(n_all)]
    points = random.random((n_all, 2)) * SQUARE_DEGREES
    mine = range(n_places)
    theirs = [*range(n_places // 2), *range(n_places, n_all)]
    moved = points + random.normal(0, 0.0002, points.shape)
    heard = [_misspelt(name, random) for name in names]
    return (
        _table("l", names, points, mine, random),
        _table("r", heard, moved, theirs, random),
    )


def _table(
    prefix: str,
    names: list[str],
    points: npt.NDArray[np.float64],
    which: range | list[int],
    random: np.random.Generator,
) -> pa.Table:
    known = random.random(len(names)) < 0.9
    return poi_table(
        [
            {
                columns.PLACE_ID: f"{prefix}{i}",
                columns.NAME: names[i],
                columns.LATITUDE: 40 + points[i, 0] if known[i] else None,
                columns.LONGITUDE: points[i, 1] if known[i] else None,
            }
            for i in which
        ]
    )


def _word(random: np.random.Generator) -> str:
    return "".join(
        _CONSONANTS[random.integers(len(_CONSONANTS))] + _VOWELS[random.integers(len(_VOWELS))]
        for _ in range(random.integers(2, 5))
    )


def _name(words: list[str], random: np.random.Generator) -> str:
    ranks = np.minimum(random.zipf(1.2, 2) + random.integers(0, N_WORDS // 2, 2), N_WORDS - 1)
    return f"{words[ranks[0]]} {words[ranks[1]]} {_KINDS[random.integers(len(_KINDS))]}"


def _misspelt(name: str, random: np.random.Generator) -> str:
    words = name.split()
    if random.random() < 0.2:
        del words[random.integers(1, len(words))]
    text = list(" ".join(words))
    if random.random() < 0.5:
        text[random.integers(len(text))] = _VOWELS[random.integers(len(_VOWELS))]
    return "".join(text)
