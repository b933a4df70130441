"""Pittsburgh end to end: all places of OpenStreetMap and Foursquare, mapped one to one.

Blocking, scorer, assignment. No label of Pittsburgh is used: the scorer learned from the Geo-ER
cities (Singapore, Edinburgh, Toronto; OpenStreetMap with Foursquare and with Yelp), on the
candidates that our own blocking finds there and on the published pairs. Truth of a candidate is its
published label; and, as matches are one to one, a place with a published match is taken to match
nothing else. Candidates of other places are left out. That both sources and both kinds of pairs
teach more than fewer of them was found by holding back one of the three cities at a time. A pair
counts as found from a calibrated probability of one half.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from nadeuri import columns
from nadeuri.embed import local_embedder
from nadeuri.match.candidates import candidate_pairs
from nadeuri.match.features import PairFeatures
from nadeuri.match.mapping import ScoredPairs, score_pairs
from nadeuri.match.meaning import Meanings
from nadeuri.match.overlap import NgramSpace
from nadeuri.match.records import read_records
from nadeuri.match.scorer import LIKELY, PairScorer
from nadeuri.match.surroundings import Surroundings
from places import geoer
from places.labelled import ENCODER, Labelled, Quality, poi_table
from speed.part import Part, over_seeds

FILES = {"left": "osm_poi_2383.csv", "right": "fsq_poi_2474.csv"}

Features = npt.NDArray[np.float32]
Truths = npt.NDArray[np.bool_]
Pairs = frozenset[tuple[str, str]]


def read_tables(data: Path) -> tuple[pa.Table, pa.Table]:
    """The places of OpenStreetMap and of Foursquare."""
    left, right = (_read(data / "pittsburgh" / name) for name in FILES.values())
    return left, right


def read_gold(data: Path) -> Pairs:
    """The true pairs of ids."""
    with (data / "pittsburgh" / "gold.csv").open(encoding="utf-8", newline="") as file:
        return frozenset((row["a"], row["b"]) for row in csv.DictReader(file))


@cache
def scorer(data: Path, seed: int) -> PairScorer:
    """A scorer that knows the other cities, each of which is held back once."""
    features, truths, folds = [], [], []
    for fold, city in enumerate(geoer.CITIES):
        for source in geoer.SOURCES:
            found, same = _candidates(data, source, city)
            features.append(found)
            truths.append(same)
            folds.append(np.full(len(same), fold))
    return PairScorer.fit(
        np.concatenate(features),
        np.concatenate(truths),
        np.concatenate(folds),
        encoder=ENCODER,
        seed=seed,
    )


@cache
def scored(data: Path, seed: int) -> ScoredPairs:
    """Candidates of Pittsburgh and their probabilities."""
    return score_pairs(*read_tables(data), scorer(data, seed))


def measure(data: Path) -> Part:
    """Precision, recall and F1 of the mapping; recall and number of candidates of the blocking."""
    part = Part("mapping")
    gold = read_gold(data)
    found = [quality_of(scored(data, seed).mapping(), gold) for seed in geoer.SEEDS]
    figures: dict[str, float] = {}
    for name in ("precision", "recall", "f1"):
        figures |= over_seeds(f"pittsburgh.{name}", [getattr(each, name) for each in found])
    pairs = scored(data, geoer.SEEDS[0])
    candidates = {
        (pairs.left_ids[i], pairs.right_ids[j])
        for i, j in zip(pairs.left.tolist(), pairs.right.tolist(), strict=True)
    }
    figures["pittsburgh.blocking_recall"] = len(gold & candidates) / len(gold)
    figures["pittsburgh.candidates_per_record"] = len(candidates) / len(pairs.left_ids)
    asked = [
        pc.sum(pc.equal(scored(data, seed).mapping()[columns.DECISION], columns.ASK)).as_py()
        for seed in geoer.SEEDS
    ]
    share = [number / len(pairs.left_ids) for number in asked]
    figures |= over_seeds("pittsburgh.asked_share", share)
    part.add({"set": "pittsburgh", "protocol": "end to end"}, figures)
    return part


def quality_of(mapping: pa.Table, gold: Pairs) -> Quality:
    """Of the pairs that are likely."""
    found = {
        (left, right)
        for left, right, probability in zip(
            *(mapping[name].to_pylist() for name in (columns.LEFT, columns.RIGHT)),
            mapping[columns.PROBABILITY].to_pylist(),
            strict=True,
        )
        if right is not None and probability >= LIKELY
    }
    return Quality.of(len(found & gold), len(found), len(gold))


@cache
def _candidates(data: Path, source: str, city: str) -> tuple[Features, Truths]:
    """Features and truth of the pairs of a Geo-ER city whose truth is known."""
    labelled = geoer.read_city(data, source, city)
    left, right = read_records(labelled.left), read_records(labelled.right)
    grams, around = NgramSpace(left, right), Surroundings(left.points, right.points)
    meanings = Meanings(left, right, local_embedder(ENCODER))
    li, ri = candidate_pairs(left, right, grams, around, meanings=meanings)
    keys = np.union1d(li * len(right) + ri, labelled.li * len(right) + labelled.ri)
    li, ri = keys // len(right), keys % len(right)
    known, same = _truth(labelled, li, ri)
    features = PairFeatures(left, right, grams, around, meanings=meanings)
    return features.matrix(li, ri)[known], same[known]


def _truth(
    labelled: Labelled, li: npt.NDArray[np.int64], ri: npt.NDArray[np.int64]
) -> tuple[Truths, Truths]:
    """Of each candidate, whether its truth is known, and what it is."""
    width = labelled.right.num_rows
    labels = dict(
        zip((labelled.li * width + labelled.ri).tolist(), labelled.same.tolist(), strict=True)
    )
    said = [labels.get(key) for key in (li * width + ri).tolist()]
    same = np.array([truth is True for truth in said])
    known = np.array([truth is not None for truth in said])
    known |= np.isin(li, labelled.li[labelled.same]) | np.isin(ri, labelled.ri[labelled.same])
    return known, same


def _read(file: Path) -> pa.Table:
    with file.open(encoding="utf-8", newline="") as lines:
        return poi_table(
            [
                {
                    columns.PLACE_ID: row["index"],
                    columns.NAME: row["name"],
                    columns.LATITUDE: float(row["latitude"]),
                    columns.LONGITUDE: float(row["longitude"]),
                    columns.ADDRESS: row["address"],
                    columns.POSTAL_CODE: row["postalcode"],
                }
                for row in csv.DictReader(lines)
            ]
        )
