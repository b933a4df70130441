"""Review vectors at full size: seconds and memory to embed them, disk, and how fast a search is.

    python bench/guide/reviews.py                          # 900,000 reviews made from nsmc
    python bench/guide/reviews.py --places FOLDER          # reviews of a sample world
    python bench/guide/reviews.py --reviews 20000          # a quick look; not recorded

Reviews made from nsmc are pairs and cuts of its Korean film reviews, no two alike: right for speed,
wrong for anything else. Embedding runs in a process of its own, so that its peak memory is its own;
that of the processes it starts is added, as if each had been as large as the largest.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).parents[1]))

from nadeuri import columns
from nadeuri.embed import UseEmbedder
from nadeuri.guide.embed_reviews import embed_reviews
from nadeuri.guide.hyde import query_vector, template_reviews
from nadeuri.guide.plan import Plan
from nadeuri.guide.reviews import ReviewVectors
from record import ROOT, record

FULL_REVIEWS = 900_000
N_PLACES = 9_252
NSMC = ROOT.parent / "shared" / "data" / "guide" / "nsmc" / "nsmc_sample.jsonl"

_BATCH = 32_768
_SOME_PLACES = 300
_SEARCHES = 40


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--places", type=Path, help="folder with reviews.parquet")
    parser.add_argument("--reviews", type=int, default=FULL_REVIEWS)
    parser.add_argument("--processes", type=int, help="default: one for each usable core")
    parser.add_argument("--store", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.store is not None:
        _embed(options.store, options.places, options.reviews, options.processes)
        return
    with tempfile.TemporaryDirectory(prefix="nadeuri-bench-") as folder:
        store = Path(folder) / "reviews"
        command = [sys.executable, __file__, *sys.argv[1:], "--store", str(store)]
        answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
        built = json.loads(answer.splitlines()[-1])
        built["mib"] = sum(file.stat().st_size for file in store.iterdir()) / 2**20
        searched = _search(ReviewVectors(store))
    figures = {f"full.embed_reviews_{name}": round(value, 1) for name, value in built.items()}
    figures |= {f"full.search_reviews_{name}": round(value, 1) for name, value in searched.items()}
    for name, value in figures.items():
        print(f"{name:36} {value:,}")
    if built["n"] < FULL_REVIEWS:
        print(f"not recorded: that wants at least {FULL_REVIEWS:,} reviews")
        return
    print(f"recorded in {record('guide', figures)}")


def _embed(store: Path, places: Path | None, n_reviews: int, processes: int | None) -> None:
    """Build the artefact, print what it took as one line of JSON."""
    begun = time.perf_counter()
    batches = _made_up(n_reviews) if places is None else _read(places, n_reviews)
    summary = embed_reviews(store, batches, UseEmbedder(), processes=processes)
    seconds = time.perf_counter() - begun
    own, children = (
        resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    n_children = 0 if processes == 1 else processes or len(os.sched_getaffinity(0))
    cpu = sum(usage.ru_utime + usage.ru_stime for usage in (own, children))
    peak_kib = own.ru_maxrss + n_children * children.ru_maxrss
    print(
        json.dumps(
            {
                "n": summary.n_reviews,
                "distinct": summary.n_embedded,
                "s": seconds,
                "cpu_s": cpu,
                "per_cpu_s": summary.n_embedded / cpu,
                "peak_mib": peak_kib / 2**10,
            }
        )
    )


def _read(folder: Path, n_reviews: int) -> Iterator[pa.Table]:
    """Reviews of a sample world, as many as are wanted."""
    names = [columns.REVIEW_ID, columns.PLACE_ID, columns.TEXT]
    left = n_reviews
    for batch in pq.ParquetFile(folder / "reviews.parquet").iter_batches(_BATCH, columns=names):
        yield pa.Table.from_batches([batch.slice(0, left)])
        left -= min(left, len(batch))


def _made_up(n_reviews: int) -> Iterator[pa.Table]:
    """Reviews from nsmc: text, some words of another one, and a number that tells them apart."""
    with NSMC.open(encoding="utf-8") as lines:
        texts = [json.loads(line)["review"] for line in lines]
    random = np.random.default_rng(0)
    for start in range(0, n_reviews, _BATCH):
        numbers = range(start, min(start + _BATCH, n_reviews))
        first, second = random.integers(0, len(texts), (2, len(numbers)))
        places = random.integers(0, N_PLACES, len(numbers))
        yield pa.table(
            {
                columns.REVIEW_ID: [f"R{number:07}" for number in numbers],
                columns.PLACE_ID: [f"P{place:05}" for place in places],
                columns.TEXT: [
                    f"{texts[a][:60]} {texts[b][:10]} {number}"
                    for a, b, number in zip(first, second, numbers, strict=True)
                ],
            }
        )


def _search(store: ReviewVectors) -> dict[str, float]:
    """Milliseconds of a search on one core: over all places, and over some hundred."""
    embedder = UseEmbedder()
    random = np.random.default_rng(0)
    plans = [Plan(companions=(name,)) for name in columns.COMPANIONS]
    queries = [query_vector(template_reviews(plan), embedder) for plan in plans]
    n_some = min(_SOME_PLACES, len(store.place_ids))
    timed: dict[str, list[float]] = {"all": [], "some": []}
    for number in range(_SEARCHES):
        query = queries[number % len(queries)]
        some = random.choice(store.place_ids, n_some, replace=False).tolist()
        wanted: dict[str, Sequence[str] | None] = {"all": None, "some": some}
        for name, place_ids in wanted.items():
            begun = time.perf_counter()
            store.best(query, place_ids)
            timed[name].append(1_000 * (time.perf_counter() - begun))
    return {
        f"{name}_p{share}_ms": float(np.percentile(values[3:], share))  # the first read the disk
        for name, values in timed.items()
        for share in (50, 95)
    }


if __name__ == "__main__":
    main()
