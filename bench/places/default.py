"""The scorer that comes with the package: trained on a sample world, and what it does elsewhere.

The world has more places than the demo's. Trees learn from the labels of its training and
validation cities, and its test cities are mapped to see what was learned. They are of the same
invented world: real quality is measured by the other parts.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from nadeuri import columns
from nadeuri.data.sample.pois.databases import build_databases
from nadeuri.data.sample.sizes import size_named
from nadeuri.match.evaluate import agreement
from nadeuri.match.mapping import map_places
from nadeuri.match.scorer import LIKELY, PairScorer
from nadeuri.match.train import train
from places.labelled import ENCODER
from record import ROOT
from speed.part import Part

FOLDER = ROOT / "src" / "nadeuri" / "match" / "default"
N_AGENCY, N_GOOGLE = 8_000, 10_000
SEED = 20
TEST = "test"


def write() -> Part:
    """Train it, write it into the package and measure it on the test cities."""
    world = build_databases(N_AGENCY, N_GOOGLE, size_named("full").cities, SEED)
    in_test = pc.equal(world.gold[columns.SPLIT], TEST)
    labels = world.gold.filter(pc.invert(in_test))
    trained = train(world.agency, world.google, labels, encoder=ENCODER)
    found = _quality(trained.scorer, world.agency, world.google, world.gold.filter(in_test))
    metrics = {name.removeprefix("default."): value for name, value in found.items()}
    trained.scorer.save(FOLDER, metrics=metrics)
    part = Part("default")
    part.add(
        {
            "set": "sample",
            "n_pairs": trained.n_pairs,
            "n_same": trained.n_same,
            "n_missed": trained.n_missed,
        },
        found,
    )
    return part


def _quality(
    scorer: PairScorer, left: pa.Table, right: pa.Table, gold: pa.Table
) -> dict[str, float]:
    """Precision, recall and F1 of likely pairs; and the share that is asked about."""
    mapped = map_places(left, right, scorer)
    tested = mapped.filter(pc.is_in(mapped[columns.LEFT], pc.unique(gold[columns.LEFT])))
    likely = tested.filter(
        pc.and_(
            pc.is_valid(tested[columns.RIGHT]),
            pc.greater_equal(tested[columns.PROBABILITY], LIKELY),
        )
    )
    pairs = zip(*(likely[name].to_pylist() for name in (columns.LEFT, columns.RIGHT)), strict=True)
    found = agreement(dict(pairs), gold)
    asked = pc.sum(pc.equal(tested[columns.DECISION], columns.ASK)).as_py()
    return {
        "default.precision": found.precision,
        "default.recall": found.recall,
        "default.f1": found.f1,
        "default.asked_share": asked / max(tested.num_rows, 1),
    }
