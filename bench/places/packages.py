"""Packages found for itineraries of the sample world, beside recall, Jaccard and LCS.

    python bench/places/packages.py choose     # constants of the rate, on a world of their own
    python bench/places/packages.py measure    # top-1 in three scenarios, on three other worlds
    python bench/places/packages.py speed      # milliseconds for 1,000 to 100,000 packages

An itinerary is a package's day plan after edits; the question is whether that package comes first.
Places go from the map service's id to the agency's by the gold mapping. Scenarios: ``heavy`` edits
(half of the stops dropped, a quarter replaced, half as many added, days and stops shuffled),
``short`` (two days planned), ``noise`` (usual edits, and 35% of the mapped stops are wrong: half of
them unmapped, half mapped to another place nearby). Where several packages tie, the expected
top-1 of a random order among them counts, for every method alike.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import product

import numpy as np
import pyarrow as pa
from numpy.random import Generator

from nadeuri.data.sample.catalogue import build_catalogue
from nadeuri.data.sample.pois.databases import Databases, build_databases
from nadeuri.data.sample.pois.drawn import Poi
from nadeuri.data.sample.pois.itineraries import HEAVY, SHORT, USUAL, Edits, edit_plan, neighbour
from nadeuri.data.sample.pois.plans import Plan, Pool
from nadeuri.data.sample.pois.trips import (
    Package,
    city_pools,
    draw_packages,
    package_stop_table,
)
from nadeuri.data.sample.sizes import SIZES
from nadeuri.match.packages import Itinerary, PackageIndex, Stop, Weights

DEVELOPMENT_SEED = 100
SEEDS = (11, 12, 13)
SCENARIOS: dict[str, tuple[Edits, float]] = {
    "heavy": (HEAVY, 0.0),
    "short": (SHORT, 0.0),
    "noise": (USUAL, 0.35),
}
"""Edits, and the share of the mapped stops that are wrong."""

N_ITINERARIES, N_CHOICES = 400, 150
"""Per scenario: to measure, and to choose with."""

N_AGENCY, N_GOOGLE = 6_000, 7_500
SIZES_OF_INDEX = (1_000, 10_000, 100_000)
N_TIMED = 300

GRID = {
    "near": (0.0, 0.15, 0.3, 0.5, 0.7),
    "decay_metres": (50.0, 100.0, 200.0),
    "beta": (1.0, 2.0, 3.0),
    "day": (0.0, 0.1, 0.2),
    "together": (0.0, 0.1, 0.2, 0.3),
    "order": (0.0, 0.2, 0.3, 0.4, 0.5),
}

Score = Callable[[Itinerary], Mapping[str, float]]


@dataclass(frozen=True)
class World:
    """Packages and the places they go to.

    Attributes:
        shown: by city, what a traveller finds on the map.
        sold: by city, what the agency has.
    """

    databases: Databases
    packages: list[Package]
    stops: pa.Table
    shown: Mapping[str, Pool]
    sold: Mapping[str, Pool]


def measure() -> dict[str, float]:
    """Top-1 in percent: mean and standard deviation over worlds, per scenario and method."""
    figures: dict[str, float] = {}
    runs: dict[str, list[float]] = {}
    for seed in SEEDS:
        world = make_world(seed)
        index = PackageIndex(world.stops, world.databases.agency)
        methods: dict[str, Score] = {
            "top1": partial(_rates, index),
            "recall_top1": Plain(world, _recall),
            "jaccard_top1": Plain(world, _jaccard),
            "lcs_top1": Plain(world, _lcs),
        }
        for scenario in SCENARIOS:
            cases = list(itineraries(world, scenario, seed))
            for method, score in methods.items():
                name = f"packages.{scenario}.{method}"
                runs.setdefault(name, []).append(100 * top1(score, cases))
    for name, values in runs.items():
        figures[name] = float(np.mean(values))
        figures[f"{name}.sd"] = float(np.std(values, ddof=1))
        figures[f"{name}.seeds"] = len(values)
    return figures


def choose() -> Weights:
    """The best constants on the development world, by one pass of coordinate ascent."""
    world = make_world(DEVELOPMENT_SEED)
    cases = {
        name: list(itineraries(world, name, DEVELOPMENT_SEED, N_CHOICES)) for name in SCENARIOS
    }

    def quality(weights: Weights) -> float:
        index = PackageIndex(world.stops, world.databases.agency, weights)
        return float(np.mean([top1(partial(_rates, index), found) for found in cases.values()]))

    best, found = Weights(), quality(Weights())
    print(f"{found:.4f} {best}")
    for name, values in GRID.items():
        for value in values:
            tried = replace(best, **{name: value})
            reached = quality(tried)
            print(f"{reached:.4f} {name} = {value}")
            if reached > found:
                best, found = tried, reached
    print(f"{found:.4f} {best}")
    return best


def speed() -> dict[str, float]:
    """Milliseconds a call, one thread: median and 95th percentile, and seconds to build.

    ``cpu_ms`` is the processor's time alone: what it takes on a machine with nothing else to do.
    """
    figures: dict[str, float] = {}
    world = make_world(SEEDS[0])
    cases = [
        itinerary
        for scenario in SCENARIOS
        for itinerary, _ in itineraries(world, scenario, SEEDS[0], N_TIMED // len(SCENARIOS))
    ]
    for n in SIZES_OF_INDEX:
        stops = package_stop_table(_many(world, n), world.databases.agency_ids)
        started = time.perf_counter()
        index = PackageIndex(stops, world.databases.agency)
        index.match(cases[0])
        figures[f"packages.speed.{n}.build_s"] = time.perf_counter() - started
        clocks = {"ms": time.perf_counter, "cpu_ms": time.thread_time}
        taken: dict[str, list[float]] = {name: [] for name in clocks}
        for itinerary in cases:
            before = {name: clock() for name, clock in clocks.items()}
            index.match(itinerary)
            for name, clock in clocks.items():
                taken[name].append(1000 * (clock() - before[name]))
        for name, values in taken.items():
            figures[f"packages.speed.{n}.p50_{name}"] = float(np.percentile(values, 50))
            figures[f"packages.speed.{n}.p95_{name}"] = float(np.percentile(values, 95))
    return figures


def make_world(seed: int) -> World:
    """The packages of a full catalogue (some 1,500) in all cities."""
    size = SIZES["full"]
    databases = build_databases(N_AGENCY, N_GOOGLE, size.cities, seed)
    sold = city_pools(databases.pois, databases.agency_ids)
    catalogue = build_catalogue(size, np.random.default_rng(seed)).table
    packages = draw_packages(catalogue, sold, seed)
    return World(
        databases,
        packages,
        package_stop_table(packages, databases.agency_ids),
        city_pools(databases.pois, databases.google_ids),
        sold,
    )


def itineraries(
    world: World, scenario: str, seed: int, n: int = N_ITINERARIES
) -> Iterator[tuple[Itinerary, str]]:
    """Itineraries of a scenario with the code of the package they came from."""
    edits, wrong = SCENARIOS[scenario]
    rng = np.random.default_rng([seed, list(SCENARIOS).index(scenario)])
    for _ in range(n):
        package = world.packages[int(rng.integers(len(world.packages)))]
        plan = edit_plan(rng, package.plan, edits, world.shown[package.city_code])
        yield _mapped(rng, world, package, plan, wrong), package.code


def top1(score: Score, cases: Sequence[tuple[Itinerary, str]]) -> float:
    """Share of the itineraries whose package has the highest score."""
    hits = []
    for itinerary, truth in cases:
        scores = score(itinerary)
        highest = max(scores.values(), default=0.0)
        first = [code for code, value in scores.items() if value == highest and value > 0]
        hits.append((truth in first) / len(first) if first else 0.0)
    return float(np.mean(hits))


class Plain:
    """A baseline: a score of two sequences of place ids, for all packages that share a place."""

    def __init__(
        self, world: World, score: Callable[[Sequence[str], Sequence[str]], float]
    ) -> None:
        ids = world.databases.agency_ids
        self.score = score
        self.places = {
            package.code: [ids[poi.number] for day in package.plan for poi in day]
            for package in world.packages
        }
        self.sold_by: dict[str, set[str]] = {}
        for code, places in self.places.items():
            for place in places:
                self.sold_by.setdefault(place, set()).add(code)

    def __call__(self, itinerary: Itinerary) -> dict[str, float]:
        asked = [str(stop.place_id) for stop in itinerary.mapped]
        codes = sorted({code for place in asked for code in self.sold_by.get(place, ())})
        return {code: self.score(asked, self.places[code]) for code in codes}


def _rates(index: PackageIndex, itinerary: Itinerary) -> dict[str, float]:
    return {match.package: match.rate for match in index.match(itinerary)}


def _recall(asked: Sequence[str], places: Sequence[str]) -> float:
    return len(set(asked) & set(places)) / len(set(asked))


def _jaccard(asked: Sequence[str], places: Sequence[str]) -> float:
    return len(set(asked) & set(places)) / len(set(asked) | set(places))


def _lcs(asked: Sequence[str], places: Sequence[str]) -> float:
    """Longest common subsequence as a share of the itinerary."""
    lengths = np.zeros((len(asked) + 1, len(places) + 1), dtype=int)
    for i, j in product(range(len(asked)), range(len(places))):
        lengths[i + 1, j + 1] = (
            lengths[i, j] + 1
            if asked[i] == places[j]
            else max(lengths[i, j + 1], lengths[i + 1, j])
        )
    return float(lengths[-1, -1]) / len(asked)


def _mapped(rng: Generator, world: World, package: Package, plan: Plan, wrong: float) -> Itinerary:
    """The plan in the agency's ids; what the map service lacks is left out."""
    ids, shown = world.databases.agency_ids, world.databases.google_ids
    sold = world.sold[package.city_code]
    stops = []
    for day, pois in enumerate(plan, 1):
        for order, poi in enumerate((poi for poi in pois if poi.number in shown), 1):
            place_id = ids.get(poi.number)
            if place_id is not None and rng.random() < wrong:
                place_id = _wrong(rng, poi, sold, ids)
            stops.append(Stop(place_id, day, order, poi.words.name))
    return Itinerary(tuple(stops))


def _wrong(rng: Generator, poi: Poi, sold: Pool, ids: Mapping[int, str]) -> str | None:
    if rng.random() < 0.5:
        return None
    other = neighbour(rng, poi, sold, {poi.number})
    return ids[other.number] if other is not None else None


def _many(world: World, n: int) -> list[Package]:
    """``n`` packages: those of the world, and more drawn in the same way under other codes."""
    packages = list(world.packages)
    catalogue = build_catalogue(SIZES["full"], np.random.default_rng(0)).table
    for seed in range(1_000, 1_000 + n // len(packages)):
        packages += [
            replace(one, row={**one.row, "package": f"{one.code}-{seed}"})
            for one in draw_packages(catalogue, world.sold, seed)
        ]
    return packages[:n]


def main() -> int:
    part = sys.argv[1] if len(sys.argv) > 1 else "measure"
    if part == "choose":
        choose()
        return 0
    for name, value in {"measure": measure, "speed": speed}[part]().items():
        print(f"{name:<40}{value:10.3f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
