"""What checking by a judge is worth: wrong mappings removed, true ones lost, questions asked.

On Pittsburgh (2,383 places of OSM, 2,474 of Foursquare, 1,237 gold pairs), with the scorer that was
trained on other cities, and a simulated judge that is perfect or right nine times of ten.

A *mapping before* gives every left place its likeliest candidate, without any threshold or check:

- ``argmax``: nearest in name and distance, as the baseline of the data sets' README does;
- ``scorer``: the likeliest by the learned scorer.

A *wrong mapping removed* is a pair of the mapping before that is not gold and is not in the mapping
after; a *true one lost* is a gold pair of the mapping before that is not in the mapping after. Both
are shares of the wrong and of the true pairs before. Questions are per 1,000 left places. A mapping
after may have other pairs than the one before; its precision, recall and F1 count them all.

Ways to get to the mapping after:

- ``unchecked``: it is the mapping before; ``unasked``: the scorer alone, which leaves unmapped what
  it is not sure of;
- ``verify_all``: every pair of the mapping before is checked alone. This is the mission's second
  step as it stands, whose reference is that 87% of the wrong mappings are removed;
- ``verify_all.yes_no``: the same with the mission's wording, "nearby or the same", taken literally;
- ``cascade``: what ``nadeuri match run`` does. The scorer accepts and rejects, and only what it is
  not sure of is asked: a choice among the candidates, then a check of the chosen one.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from rapidfuzz import fuzz, process

from nadeuri import columns
from nadeuri.match.judge.cascade import Candidate, Doubt
from nadeuri.match.judge.prompts import Place
from nadeuri.match.judge.questions import Mode
from nadeuri.match.mapping import ScoredPairs
from nadeuri.match.propose import by_judge, candidates_by_left, propose
from nadeuri.match.store.settle import settle
from nadeuri.match.store.versions import Decision
from places.pittsburgh import read_gold, read_tables, scored
from places.simulated import SimulatedJudge
from speed.part import Part, over_seeds, show

SEEDS = (0, 1, 2)
ACCURACIES = {"perfect": 1.0, "right_9_of_10": 0.9}
SUFFIXES: dict[str, Mode] = {"": "relation", ".yes_no": "yes_no"}
HEADLINES = ("wrong_removed_share", "true_lost_share", "calls_per_1000")


@dataclass(frozen=True)
class World:
    """Two tables, what the scorer makes of them, and what is right.

    Attributes:
        left, right: rows by id.
        argmax: right place by left place, nearest in name and distance.
        candidates: of each left place, the likeliest first.
        decided: by the scorer.
        gold: right place by left place.
    """

    left: Mapping[str, Place]
    right: Mapping[str, Place]
    argmax: Mapping[str, str]
    candidates: Mapping[str, tuple[Candidate, ...]]
    decided: Mapping[str, Decision]
    gold: Mapping[str, str]

    @property
    def best(self) -> dict[str, str]:
        """The likeliest candidate of each left place."""
        return {left: some[0].right for left, some in self.candidates.items() if some}


@dataclass(frozen=True)
class Effect:
    """What became of a mapping.

    Attributes:
        removed, lost: shares of the wrong and of the true pairs of the mapping before.
        calls: questions per 1,000 left places.
        precision, recall, f1: of the mapping after.
    """

    removed: float
    lost: float
    calls: float
    precision: float
    recall: float
    f1: float


def verify_all(
    world: World, before: Mapping[str, str], accuracy: float, seed: int, mode: Mode
) -> Effect:
    """Check every pair of a mapping alone."""
    metres = {
        (left, each.right): each.metres for left, some in world.candidates.items() for each in some
    }
    doubts = [
        Doubt(left, (Candidate(right, 1.0, metres.get((left, right))),))
        for left, right in before.items()
    ]
    judge = SimulatedJudge(world.gold, accuracy, seed, mode)
    verdicts = judge.judge(doubts, world.left, world.right)
    after = {
        left: right for left, right in before.items() if verdicts[left].relation == columns.SAME
    }
    return _effect(world, before, after, judge.n_asked)


def cascade(
    world: World, before: Mapping[str, str], accuracy: float, seed: int, mode: Mode
) -> Effect:
    """What the scorer is sure of, and the judge's word on the rest."""
    doubts = [
        Doubt(left, world.candidates[left])
        for left, decision in world.decided.items()
        if decision.decision == columns.ASK
    ]
    judge = SimulatedJudge(world.gold, accuracy, seed, mode)
    verdicts = judge.judge(doubts, world.left, world.right)
    judged = {
        left: by_judge(each, world.candidates, "simulated") for left, each in verdicts.items()
    }
    settled = settle({**world.decided, **judged}, {}, {})
    after = {
        left: each.right
        for left, each in settled.decisions.items()
        if each.is_mapped and each.right is not None
    }
    return _effect(world, before, after, judge.n_asked)


def unasked(world: World, before: Mapping[str, str]) -> Effect:
    """The scorer alone: what it is not sure of stays unmapped."""
    after = {
        left: each.right
        for left, each in world.decided.items()
        if each.is_mapped and each.right is not None
    }
    return _effect(world, before, after, 0)


def _effect(
    world: World, before: Mapping[str, str], after: Mapping[str, str], n_asked: int
) -> Effect:
    gold = set(world.gold.items())
    first, last = set(before.items()), set(after.items())
    n_right = len(last & gold)
    precision, recall = n_right / max(len(last), 1), n_right / len(gold)
    return Effect(
        removed=len(first - gold - last) / max(len(first - gold), 1),
        lost=len((first & gold) - last) / max(len(first & gold), 1),
        calls=1000 * n_asked / len(world.left),
        precision=precision,
        recall=recall,
        f1=2 * precision * recall / max(precision + recall, 1e-9),
    )


def figures_of(worlds: Sequence[World]) -> dict[str, float]:
    """All figures by name, over the worlds, the n-th of which the n-th seed's judge looks at.

    The unprefixed ones are of the cascade with the judge that is right nine times of ten, against
    the scorer's likeliest candidates.
    """
    figures: dict[str, float] = {}
    for name in ("argmax", "scorer"):
        befores = [world.argmax if name == "argmax" else world.best for world in worlds]
        pairs = list(zip(worlds, befores, strict=True))
        ways: dict[str, list[Effect]] = {
            "unchecked": [_effect(world, before, before, 0) for world, before in pairs],
            "unasked": [unasked(world, before) for world, before in pairs],
        }
        for kind, accuracy in ACCURACIES.items():
            for way, judged in (("verify_all", verify_all), ("cascade", cascade)):
                for suffix, mode in SUFFIXES.items():
                    ways[f"{way}{suffix}.{kind}"] = [
                        judged(world, before, accuracy, seed, mode)
                        for seed, (world, before) in enumerate(pairs)
                    ]
        for way, effects in ways.items():
            figures |= _named(f"judge.{name}.{way}", effects)
        if name == "scorer":
            headline = _named("judge", ways["cascade.right_9_of_10"])
            figures |= {
                figure: value
                for figure, value in headline.items()
                if figure.split(".")[1] in HEADLINES
            }
    return figures


def measure(data: Path) -> Part:
    """Figures of the judge on Pittsburgh; ``data`` is the folder of the place data sets."""
    part = Part("judge")
    worlds = [_world(data, seed) for seed in SEEDS]
    asked = [
        sum(each.decision == columns.ASK for each in world.decided.values()) for world in worlds
    ]
    part.add(
        {"set": "pittsburgh", "seeds": list(SEEDS), "places": len(worlds[0].left), "asked": asked},
        figures_of(worlds),
    )
    return part


def _world(data: Path, seed: int) -> World:
    left, right = read_tables(data)
    pairs = scored(data, seed)
    candidates = candidates_by_left(pairs.candidates())
    rows = [{row[columns.PLACE_ID]: row for row in table.to_pylist()} for table in (left, right)]
    proposals = propose(
        pairs.mapping(),
        candidates,
        rows[0].keys(),
        {},
        least=pairs.thresholds.reject_below,
        scorer="other cities",
    )
    return World(
        rows[0],
        rows[1],
        _nearest(left, right, pairs),
        candidates,
        proposals.decisions,
        dict(read_gold(data)),
    )


def _nearest(left: pa.Table, right: pa.Table, pairs: ScoredPairs) -> dict[str, str]:
    """The candidate nearest in name and distance: 1 km counts as much as wholly other words."""
    lefts, rights = (table[columns.NAME].to_pylist() for table in (left, right))
    alike = process.cpdist(
        [lefts[at].casefold() for at in pairs.left],
        [rights[at].casefold() for at in pairs.right],
        scorer=fuzz.token_sort_ratio,
    )
    score = alike / 100 - np.nan_to_num(pairs.metres) / 1000
    order = np.lexsort((pairs.right, -score, pairs.left))
    found, first = np.unique(pairs.left[order], return_index=True)
    best = pairs.right[order[first]]
    return {pairs.left_ids[at]: pairs.right_ids[to] for at, to in zip(found, best, strict=True)}


def _named(prefix: str, effects: Sequence[Effect]) -> dict[str, float]:
    named = {
        "wrong_removed_share": [each.removed for each in effects],
        "true_lost_share": [each.lost for each in effects],
        "calls_per_1000": [each.calls for each in effects],
        "precision": [each.precision for each in effects],
        "recall": [each.recall for each in effects],
        "f1": [each.f1 for each in effects],
    }
    return {
        figure: value
        for name, values in named.items()
        for figure, value in over_seeds(f"{prefix}.{name}", values).items()
    }


def main() -> None:
    """Print the figures: ``python -m places.judge DATA`` in the folder ``bench``."""
    part = measure(Path(sys.argv[1]))
    show(part)
    print(part.details[0]["asked"], "places of", part.details[0]["places"], "are asked about")


if __name__ == "__main__":
    main()
