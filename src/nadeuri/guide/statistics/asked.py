"""What a statistic question asks for: which measure, and in which form the answer comes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from nadeuri.guide.plan import Measure, Plan

Form = Literal["ranking", "towns", "count", "average", "each"]

FACTS: frozenset[Measure] = frozenset({"hours", "address", "menus", "reviews"})
"""Measures that are no number: they are told place by place."""

MOST_PLACES = 3
"""Places of a ranking, and of an answer place by place unless more are named."""
_MOST_NAMED = 9

_SUBJECTS: dict[Measure, tuple[str, ...]] = {
    "usage_share": ("segments",),
    "visit_share": ("companions", "purposes"),
    "quality": ("qualities",),
    "price": ("menus", "price"),
}
"""The fields of a plan that say what is measured: they do not select places."""

_WITHOUT_SUBJECT: dict[Measure, Measure] = {
    "usage_share": "n_reviews",
    "visit_share": "n_reviews",
    "quality": "rating",
}
"""What is meant where no guests, visits or qualities are named: how many come, how good it is."""


@dataclass(frozen=True)
class Asked:
    """A statistic question, without contradictions.

    Attributes:
        measure: what is measured.
        form: ``ranking``: the first places by the measure; ``towns``: the first towns by their
            number of places; ``count``: how many places; ``average``: one number for all places;
            ``each``: place by place.
        ascending: whether the lowest come first.
        selecting: the plan that selects the places: without what is measured.
        only: ids of the places asked about, where they were shown before.
        refused: ids of places to leave out.
        most_places: told at once.
    """

    measure: Measure
    form: Form
    ascending: bool
    selecting: Plan
    only: tuple[str, ...] | None
    refused: tuple[str, ...]
    most_places: int


def asked_of(plan: Plan, shown: Sequence[str] = ()) -> Asked:
    """What a plan of intent ``statistic`` asks for.

    Args:
        shown: ids of the places shown before, in order; positions beyond it are left out.
    """
    statistic = plan.statistic
    assert statistic is not None, "a plan of intent statistic has one"
    measure, pick = statistic.measure, statistic.pick
    if not any(getattr(plan, name) for name in _SUBJECTS.get(measure, ())):
        measure = _WITHOUT_SUBJECT.get(measure, measure)
    if measure == "reviews" and pick != "value":
        measure = "n_reviews"
    only = _asked_about(plan, shown)
    named = max(len(only or ()), len(plan.places))
    return Asked(
        measure,
        _form(measure, is_superlative=pick != "value", is_named=named > 0 or only is not None),
        pick == "lowest",
        Plan() if only is not None else _selecting(plan, measure),
        only,
        tuple(shown) if plan.without.shown else (),
        min(max(MOST_PLACES, named), _MOST_NAMED),
    )


def _asked_about(plan: Plan, shown: Sequence[str]) -> tuple[str, ...] | None:
    if plan.relation != "about_shown":
        return None
    if not plan.shown:
        return tuple(shown)
    return tuple(shown[at - 1] for at in plan.shown if at <= len(shown))


def _form(measure: Measure, *, is_superlative: bool, is_named: bool) -> Form:
    if measure == "n_places":
        return "towns" if is_superlative else "count"
    if is_superlative and (measure == "hours" or measure not in FACTS):
        return "ranking"
    return "each" if is_named or measure in FACTS else "average"


def _selecting(plan: Plan, measure: Measure) -> Plan:
    """The plan without what is measured. Guests never select: every place has some of all."""
    measured = (*_SUBJECTS.get(measure, ()), "segments")
    return plan.model_copy(update={name: Plan.model_fields[name].default for name in measured})
