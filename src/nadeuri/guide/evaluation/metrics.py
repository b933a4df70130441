"""Figures of answered questions: of plans, of what was found, and of the time that it took."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np

from nadeuri.guide.evaluation.run import AnsweredTurn

TOTAL = "total"
"""Name of the whole turn among the stages."""

Figures = dict[str, float]


def figures(turns: Sequence[AnsweredTurn]) -> Figures:
    """Figures by name; those that nothing was there to measure on are absent.

    ``plan_exact``
        share of the turns whose plan is the gold plan in all fields (none, where to ask back).
    ``slot_precision``, ``slot_recall``, ``slot_f1``
        of the values that plans state, over all turns together.
    ``answer_kind``
        share of the turns that were answered in the right way: with places, a number, a question.
    ``execution_accuracy``
        share of the recommendations whose plan selects exactly the gold places, and of the
        statistics whose text says what is true.
    ``empty_rate``
        share of the recommendations without a place although some fit.
    ``constraint_satisfaction``, ``hard_constraint_satisfaction``
        share of the recommended places that meet the gold plan, and that meet what must hold.
    ``n_recommended``
        mean number of places, where some fit.
    ``grounding_violations``
        things said that no fact backs, in all.
    """
    judged = [turn.judgement for turn in turns]
    gold = sum(len(each.gold_slots) for each in judged)
    stated = sum(len(each.slots) for each in judged)
    both = sum(len(each.gold_slots & each.slots) for each in judged)
    cards = sum(each.n_cards for each in judged)
    known: list[tuple[str, float, int]] = [
        ("plan_exact", sum(each.is_plan for each in judged), len(judged)),
        ("slot_precision", both, stated),
        ("slot_recall", both, gold),
        ("slot_f1", 2 * both, gold + stated),
        ("answer_kind", sum(each.is_kind for each in judged), len(judged)),
        ("constraint_satisfaction", sum(each.n_meeting for each in judged), cards),
        ("hard_constraint_satisfaction", sum(each.n_allowed for each in judged), cards),
    ]
    for name, values in (
        ("execution_accuracy", [each.is_executed for each in judged]),
        ("empty_rate", [each.is_empty for each in judged]),
        ("n_recommended", [each.n_cards if each.n_fitting else None for each in judged]),
    ):
        some = [float(value) for value in values if value is not None]
        known.append((name, sum(some), len(some)))
    found = {name: total / n for name, total, n in known if n}
    return found | {"grounding_violations": float(sum(len(each.faults) for each in judged))}


def grouped(
    turns: Iterable[AnsweredTurn], names: Callable[[AnsweredTurn], Iterable[str]]
) -> dict[str, list[AnsweredTurn]]:
    """Turns by each of the names that they have."""
    found: dict[str, list[AnsweredTurn]] = defaultdict(list)
    for turn in turns:
        for name in names(turn):
            found[name].append(turn)
    return dict(found)


def stage_ms(turns: Iterable[AnsweredTurn]) -> Mapping[str, tuple[float, float]]:
    """Milliseconds of each stage at the 50th and the 95th percentile, where it ran."""
    spent: dict[str, list[float]] = defaultdict(list)
    for turn in turns:
        for step in turn.answer.steps:
            spent[step.name].append(step.ms)
        spent[TOTAL].append(turn.ms)
    return percentiles(spent)


def percentiles(spent: Mapping[str, Sequence[float]]) -> dict[str, tuple[float, float]]:
    """The 50th and the 95th percentile of the values of each name."""
    return {
        name: (float(np.percentile(values, 50)), float(np.percentile(values, 95)))
        for name, values in spent.items()
    }
