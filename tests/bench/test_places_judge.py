"""The simulated judge, and what is counted of its work."""

from __future__ import annotations

import pytest

from nadeuri import columns
from nadeuri.match.judge.cascade import Candidate, Doubt
from nadeuri.match.store.versions import Decision
from places.judge import World, cascade, figures_of, unasked, verify_all
from places.simulated import SimulatedJudge

N = 400


@pytest.fixture(scope="module")
def world() -> World:
    """Every second place has a match; the others have a near and a far neighbour."""
    left = {f"a{n}": {columns.PLACE_ID: f"a{n}", columns.NAME: f"left {n}"} for n in range(N)}
    right = {f"g{n}": {columns.PLACE_ID: f"g{n}", columns.NAME: f"right {n}"} for n in range(N)}
    gold = {f"a{n}": f"g{n}" for n in range(0, N, 2)}
    candidates = {
        f"a{n}": (
            Candidate(f"g{n}", 0.6 if n % 4 < 2 else 0.97, 100.0 if n % 3 else 900.0),
            Candidate(f"g{(n + 1) % N}", 0.2, 5000.0),
        )
        for n in range(N)
    }
    decided = {
        left: Decision(
            left,
            some[0].right,
            columns.ASK if some[0].probability < 0.9 else columns.ACCEPT,
            None,
            some[0].probability,
            columns.SCORER,
        )
        for left, some in candidates.items()
    }
    argmax = {left: some[0].right for left, some in candidates.items()}
    return World(left, right, argmax, candidates, decided, gold)


def test_a_perfect_judge_removes_all_that_is_wrong(world: World) -> None:
    effect = verify_all(world, world.argmax, 1.0, 0, "relation")
    assert (effect.removed, effect.lost, effect.f1) == (1.0, 0.0, 1.0)
    assert effect.calls == 1000


def test_the_missions_wording_keeps_what_is_near(world: World) -> None:
    effect = verify_all(world, world.argmax, 1.0, 0, "yes_no")
    assert effect.lost == 0
    assert effect.removed == pytest.approx(1 / 3, abs=0.01)


def test_a_judge_that_errs_removes_less_and_loses_some(world: World) -> None:
    effect = verify_all(world, world.argmax, 0.9, 0, "relation")
    assert effect.removed == pytest.approx(0.9, abs=0.06)
    assert effect.lost == pytest.approx(0.1, abs=0.06)
    assert effect == verify_all(world, world.argmax, 0.9, 0, "relation")
    assert effect != verify_all(world, world.argmax, 0.9, 1, "relation")


def test_the_cascade_asks_about_doubts_only(world: World) -> None:
    effect = cascade(world, world.best, 1.0, 0, "relation")
    assert effect.removed == pytest.approx(0.5)
    assert effect.calls == pytest.approx(500 + 250)  # a selection each, a check of what was chosen
    assert unasked(world, world.best).calls == 0


def test_errors_are_spread_over_all_options() -> None:
    gold = {f"a{n}": "g1" for n in range(600)}
    doubts = [
        Doubt(left, (Candidate("g1", 0.6), Candidate("g2", 0.5), Candidate("g3", 0.4)))
        for left in gold
    ]
    judge = SimulatedJudge(gold, 0.0, seed=3)
    left = {each: {columns.NAME: each} for each in gold}
    right = {each: {columns.NAME: each} for each in ("g1", "g2", "g3")}
    verdicts = judge.judge(doubts, left, right)
    chosen = [each.said[0].right for each in verdicts.values()]
    assert "g1" not in chosen
    assert all(chosen.count(option) > 150 for option in ("g2", "g3", None))
    assert all(
        each.relation == columns.SAME
        for each in verdicts.values()
        if each.said[0].right is not None
    )


def test_figures_carry_the_names_that_are_asked_for(world: World) -> None:
    figures = figures_of([world, world])
    assert {"judge.wrong_removed_share", "judge.true_lost_share", "judge.calls_per_1000"} <= set(
        figures
    )
    assert (
        figures["judge.wrong_removed_share"]
        == figures["judge.scorer.cascade.right_9_of_10.wrong_removed_share"]
    )
    assert figures["judge.true_lost_share.seeds"] == 2
