"""Geo-ER: pairs of OpenStreetMap with Foursquare and Yelp in three cities.

Balsebre et al., "Geospatial Entity Resolution", WWW 2022. Two protocols:

``published``: trees learn from the published training and validation parts of a city and are
scored on its test part. The parts share places, so this says little of a city never seen.

``loco`` (leave one city out): trees learn from all labelled pairs of the *other two* cities of the
same pair of sources; number of trees and calibration come from those two alone, each held back
once. A pair counts as found from a calibrated probability of one half. Scored on the published test
part of the third city (the headline, as the baseline) and on all its pairs. How a pair compares
with others is taken over all pairs that are given of the city, whose labels stay unseen.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from statistics import fmean

import numpy as np
import pyarrow as pa

from nadeuri import columns
from nadeuri.match.scorer import LIKELY, PairScorer, entity_folds
from places.labelled import ENCODER, Labelled, Quality, numbered, poi_table, quality, read_ditto
from speed.part import Part, over_seeds

SOURCES = {"fsq": "osm_fsq", "yelp": "osm_yelp"}
CITIES = ("sin", "edi", "tor")
PARTS = ("train", "valid", "test")
SEEDS = (0, 1, 2)

_NAMES = {"name": columns.NAME, "address": columns.ADDRESS, "postalCode": columns.POSTAL_CODE}


@cache
def read_city(data: Path, source: str, city: str) -> Labelled:
    """All pairs of a city; records that are equal in every field are one place."""
    pairs, parts = [], []
    for part in PARTS:
        with (data / "geoer" / SOURCES[source] / city / f"{part}.txt").open(
            encoding="utf-8"
        ) as file:
            found = list(map(read_ditto, file))
        pairs += found
        parts += [part] * len(found)
    li, lefts = numbered([left for left, _, _ in pairs], "l")
    ri, rights = numbered([right for _, right, _ in pairs], "r")
    left, right = _table(lefts), _table(rights)
    same = np.array([label for _, _, label in pairs])
    return Labelled(left, right, np.array(li), np.array(ri), same, np.array(parts))


def _table(places: Sequence[Mapping[str, str]]) -> pa.Table:
    return poi_table(
        [
            {
                columns.PLACE_ID: place[columns.PLACE_ID],
                **{ours: place[theirs] for theirs, ours in _NAMES.items()},
                columns.LATITUDE: float(place["latitude"]),
                columns.LONGITUDE: float(place["longitude"]),
            }
            for place in places
        ]
    )


def fit_on(cities: Sequence[Labelled], seed: int) -> PairScorer:
    """A scorer of all pairs of some cities, each of which is held back once."""
    return PairScorer.fit(
        np.concatenate([city.features for city in cities]),
        np.concatenate([city.same for city in cities]),
        np.repeat(np.arange(len(cities)), [len(city.same) for city in cities]),
        encoder=ENCODER,
        seed=seed,
    )


def measure_loco(data: Path) -> Part:
    """F1 of every city that no labels of were seen, and the mean of the six."""
    part = Part("mapping")
    by_seed: dict[tuple[int, str], list[float]] = defaultdict(list)
    for source in SOURCES:
        for held_out in CITIES:
            others = [read_city(data, source, city) for city in CITIES if city != held_out]
            city = read_city(data, source, held_out)
            found: dict[str, list[Quality]] = {"test": [], "all": []}
            for seed in SEEDS:
                scorer = fit_on(others, seed)
                mapped = scorer.probability(city.features) >= LIKELY
                for scored, rows in (("test", city.rows("test")), ("all", city.rows(*PARTS))):
                    result = quality(city.same[rows], mapped[rows])
                    found[scored].append(result)
                    by_seed[seed, scored].append(result.f1)
            name = f"geoer.{source}.{held_out}"
            figures = {
                **over_seeds(f"{name}.f1", [each.f1 for each in found["test"]]),
                f"{name}.precision": fmean(each.precision for each in found["test"]),
                f"{name}.recall": fmean(each.recall for each in found["test"]),
                **over_seeds(f"{name}.all_pairs_f1", [each.f1 for each in found["all"]]),
            }
            part.add(
                {"set": "geoer", "protocol": "loco", "source": source, "city": held_out}, figures
            )
    test, everything = ([fmean(by_seed[seed, each]) for seed in SEEDS] for each in ("test", "all"))
    part.add(
        {"set": "geoer", "protocol": "loco"},
        {
            **over_seeds("geoer.loco_mean_f1", test),
            **over_seeds("geoer.loco_mean_all_pairs_f1", everything),
        },
    )
    return part


def measure_published(data: Path) -> Part:
    """F1 on the published test parts."""
    part = Part("mapping")
    for source in SOURCES:
        for name in CITIES:
            city = read_city(data, source, name)
            known, test = city.rows("train", "valid"), city.rows("test")
            folds = entity_folds(city.li[known], city.ri[known])
            values = []
            for seed in SEEDS:
                scorer = PairScorer.fit(
                    city.features[known], city.same[known], folds, encoder=ENCODER, seed=seed
                )
                mapped = scorer.probability(city.features[test]) >= LIKELY
                values.append(quality(city.same[test], mapped).f1)
            part.add(
                {"set": "geoer", "protocol": "published", "source": source, "city": name},
                over_seeds(f"geoer.published.{source}.{name}.f1", values),
            )
    return part
