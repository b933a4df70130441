"""Fodors-Zagats: restaurants of two guides, without coordinates.

``f1``: trees learn from the published training and validation parts and are scored on the test
part, the protocol of the published results (189 pairs, saturated). ``end_to_end``: all places of
both guides are mapped by the same scorer and compared with all 112 gold pairs; most of these were
in its training part, so this checks blocking and assignment and is no measure of a new city.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pyarrow as pa

from nadeuri import columns
from nadeuri.match.mapping import score_pairs
from nadeuri.match.scorer import LIKELY, PairScorer, entity_folds
from places.geoer import PARTS, SEEDS
from places.labelled import ENCODER, Labelled, numbered, poi_table, quality, read_ditto
from places.pittsburgh import Pairs, quality_of
from speed.part import Part, over_seeds

FOLDER = "fodors-zagats"

_NAMES = {
    columns.NAME: "name",
    columns.ADDRESS: "addr",
    columns.CITY: "city",
    columns.PHONE: "phone",
    columns.CATEGORY: "type",
}


def read_pairs(data: Path) -> Labelled:
    """The published pairs."""
    pairs, parts = [], []
    for part in PARTS:
        with (data / FOLDER / "ditto" / f"{part}.txt").open(encoding="utf-8") as file:
            found = list(map(read_ditto, file))
        pairs += found
        parts += [part] * len(found)
    li, lefts = numbered([left for left, _, _ in pairs], "f")
    ri, rights = numbered([right for _, right, _ in pairs], "z")
    same = np.array([label for _, _, label in pairs])
    return Labelled(
        _table(lefts), _table(rights), np.array(li), np.array(ri), same, np.array(parts)
    )


def measure(data: Path) -> Part:
    """F1 on the test part, and of the mapping of all places."""
    part = Part("mapping")
    pairs = read_pairs(data)
    known, test = pairs.rows("train", "valid"), pairs.rows("test")
    folds = entity_folds(pairs.li[known], pairs.ri[known])
    tables, gold = read_tables(data), read_gold(data)
    on_test, mapped = [], []
    for seed in SEEDS:
        scorer = PairScorer.fit(
            pairs.features[known], pairs.same[known], folds, encoder=ENCODER, seed=seed
        )
        found = scorer.probability(pairs.features[test]) >= LIKELY
        on_test.append(quality(pairs.same[test], found).f1)
        mapped.append(quality_of(score_pairs(*tables, scorer).mapping(), gold).f1)
    figures = {
        **over_seeds("fodors_zagats.f1", on_test),
        **over_seeds("fodors_zagats.end_to_end_f1", mapped),
    }
    part.add({"set": "fodors-zagats"}, figures)
    return part


def read_tables(data: Path) -> tuple[pa.Table, pa.Table]:
    """The restaurants of Fodors and of Zagats."""
    fodors, zagats = (_places(data / FOLDER / f"{name}.csv") for name in ("fodors", "zagats"))
    return fodors, zagats


def read_gold(data: Path) -> Pairs:
    """The true pairs of ids."""
    file = data / FOLDER / "match_fodors_zagats_more_attrs.csv"
    with file.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    return frozenset((r["fodors_id"], r["zagats_id"]) for r in rows if r["gold"] == "1")


def _places(file: Path) -> pa.Table:
    with file.open(encoding="utf-8", newline="") as lines:
        return _table([{columns.PLACE_ID: row["id"], **row} for row in csv.DictReader(lines)])


def _table(rows: list[dict[str, str]]) -> pa.Table:
    """A table of POIs; Ditto's quotes around texts (`` ` a ' ``) are taken off."""
    return poi_table(
        [
            {
                columns.PLACE_ID: row[columns.PLACE_ID],
                **{ours: row[theirs].strip("`' ") for ours, theirs in _NAMES.items()},
            }
            for row in rows
        ]
    )
