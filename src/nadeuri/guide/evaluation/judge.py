"""One answer beside its gold plan: is the plan the same, are the places those of the oracle?"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from nadeuri import columns
from nadeuri.guide.answer import Answer
from nadeuri.guide.cypher import candidates
from nadeuri.guide.evaluation.grounded import ungrounded
from nadeuri.guide.evaluation.oracle.fitting import allowed, fitting
from nadeuri.guide.evaluation.oracle.statistics import truth
from nadeuri.guide.evaluation.oracle.tables import PlaceTables
from nadeuri.guide.evaluation.told import tells
from nadeuri.guide.facts import facts_of
from nadeuri.guide.plan import Plan
from nadeuri.guide.selection.grounding import violations
from nadeuri.guide.store import GraphReader

Slot = tuple[str, str]
"""A field of a plan and one of its values."""


@dataclass
class Shown:
    """What a conversation has shown so far, as the oracle keeps count of it.

    Attributes:
        place_ids: of the last recommendation, in order.
        refused: places that the traveller did not want to see again.
    """

    place_ids: tuple[str, ...] = ()
    refused: frozenset[str] = frozenset()

    def hear(self, gold: Plan | None) -> None:
        """Take in what the next question refuses, before it is answered."""
        if gold is None or gold.intent not in ("recommend", "statistic"):
            return
        if gold.relation == "new":
            self.refused = frozenset()
        if gold.without.shown:
            self.refused |= set(self.place_ids)

    def see(self, answer: Answer) -> None:
        """Take in what is shown."""
        if answer.cards:
            self.place_ids = tuple(card.place_id for card in answer.cards)


@dataclass(frozen=True)
class Judgement:
    """What is right about an answer; None where there is nothing to judge.

    Attributes:
        is_kind: whether it is of the right kind: places, a statistic, a question back, ...
        is_plan: whether the plan is the gold plan in all fields.
        gold_slots, slots: values that the gold plan and the guide's own plan state.
        is_executed: whether the guide's plan selects the gold places, or its text says what is
            true of a statistic.
        n_fitting: places that meet the gold plan.
        n_cards, n_meeting, n_allowed: places shown for a gold plan, those of them that meet it, and
            those that meet all that must hold.
        faults: what a card says that no fact backs, or a place that was refused.
    """

    is_kind: bool
    is_plan: bool
    gold_slots: frozenset[Slot] = frozenset()
    slots: frozenset[Slot] = frozenset()
    is_executed: bool | None = None
    n_fitting: int | None = None
    n_cards: int = 0
    n_meeting: int = 0
    n_allowed: int = 0
    faults: tuple[str, ...] = field(default=())

    @property
    def is_empty(self) -> bool | None:
        """Whether no place was shown although some fit."""
        return None if not self.n_fitting else self.n_cards == 0


def judge(
    gold: Plan | None, answer: Answer, shown: Shown, tables: PlaceTables, reader: GraphReader
) -> Judgement:
    """Judge an answer.

    Args:
        gold: None where the guide has to ask back.
        shown: before the answer, but after :meth:`Shown.hear`.
        reader: the graph that the guide answers from.
    """
    plan = answer.plan
    n_shown = len(shown.place_ids)
    is_plan = _same(plan, gold, n_shown)
    gold_slots, slots = slots_of(gold, n_shown), slots_of(plan, n_shown)
    faults = tuple(_faults(answer, shown, tables, reader))
    if gold is None or gold.intent not in ("recommend", "statistic"):
        is_kind = answer.kind == ("clarification" if gold is None else gold.intent)
        return Judgement(is_kind, is_plan, gold_slots, slots, faults=faults)
    if gold.intent == "statistic":
        is_true = answer.kind == "statistic" and _is_true(gold, answer.text, shown, tables)
        is_kind = answer.kind == "statistic"
        return Judgement(is_kind, is_plan, gold_slots, slots, is_true, faults=faults)
    fit = fitting(tables, gold)
    left = fit - shown.refused
    ids = [card.place_id for card in answer.cards]
    return Judgement(
        answer.kind == ("places" if left else "nothing_found"),
        is_plan,
        gold_slots,
        slots,
        plan is not None and plan.intent == "recommend" and _selected(plan, tables, reader) == fit,
        n_fitting=len(left),
        n_cards=len(ids),
        n_meeting=sum(place_id in left for place_id in ids),
        n_allowed=sum(place_id in allowed(tables, gold) - shown.refused for place_id in ids),
        faults=faults,
    )


def slots_of(plan: Plan | None, n_shown: int = 0) -> frozenset[Slot]:
    """The values that a plan states, each with its field: ``("without.categories", "술집")``.

    Args:
        n_shown: places shown before; a question about shown places without positions is about all.
    """
    if plan is None:
        return frozenset()
    stated = _about_all(plan, n_shown).model_dump(mode="json", exclude_defaults=True)
    return frozenset(_flat(stated))


def _flat(value: dict[str, Any], within: str = "") -> Iterator[Slot]:
    for name, each in value.items():
        if isinstance(each, dict):
            yield from _flat(each, f"{within}{name}.")
        else:
            for one in each if isinstance(each, list) else [each]:
                yield f"{within}{name}", json.dumps(one, ensure_ascii=False, sort_keys=True)


def _same(plan: Plan | None, gold: Plan | None, n_shown: int) -> bool:
    if plan is None or gold is None:
        return plan is gold
    return _about_all(plan, n_shown) == _about_all(gold, n_shown)


def _about_all(plan: Plan, n_shown: int) -> Plan:
    """A question about shown places that names none is about all of them."""
    if plan.relation != "about_shown" or plan.shown:
        return plan
    return plan.model_copy(update={"shown": tuple(range(1, n_shown + 1))})


def _selected(plan: Plan, tables: PlaceTables, reader: GraphReader) -> frozenset[str]:
    """Ids of the places that the compiled query finds in the graph, all of them."""
    query = candidates(plan, limit=len(tables.places))
    rows = reader.query(query.cypher, query.parameters, limit=len(tables.places))
    return frozenset(str(row[columns.PLACE_ID]) for row in rows)


def _is_true(gold: Plan, text: str, shown: Shown, tables: PlaceTables) -> bool:
    about: Sequence[str] | None = None
    if gold.relation == "about_shown":
        asked = _about_all(gold, len(shown.place_ids)).shown
        about = [shown.place_ids[at - 1] for at in asked if at <= len(shown.place_ids)]
        if not about or len(about) < len(asked):
            return False
    return tells(text, truth(tables, gold, about=about))


def _faults(
    answer: Answer, shown: Shown, tables: PlaceTables, reader: GraphReader
) -> Iterator[str]:
    """By the selection's check of the reason, by the evaluation's own check, and refused places."""
    for card in answer.cards:
        written = [row[columns.REVIEW_ID] for row in tables.reviews_of(card.place_id)]
        facts = facts_of(reader, [card.place_id], reviews={card.place_id: written})
        yield from violations(card.reason, facts[card.place_id])
        yield from ungrounded(card, tables, answer.plan)
        if card.place_id in shown.refused:
            yield f"{card.place_id}: was refused before"
