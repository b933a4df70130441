"""Choose at most three places that truly fit, each with a reason."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from nadeuri.guide.plan import Plan
from nadeuri.guide.selection.asking import Asked, ask
from nadeuri.guide.selection.fit import misfits, ranked
from nadeuri.guide.selection.reasons import Writer
from nadeuri.guide.selection.types import Candidate, Selection
from nadeuri.llm import LanguageModel


def select(
    question: str,
    plan: Plan,
    candidates: Sequence[Candidate],
    *,
    model: LanguageModel | None = None,
) -> Selection:
    """The places to recommend, best first: at most ``plan.n_wanted``, fewer where fewer fit.

    Args:
        question: the traveller's words, for the model alone.
        candidates: a place that comes twice counts once.
        model: chooses among the candidates that fit and writes the reasons. What it writes is
            checked: the default takes the place of picks that say what is in no fact, and of all
            of it where it fails; the notes say why.
    """
    unique = list({each.facts.place_id: each for each in reversed(candidates)}.values())
    faults = {each.facts.place_id: misfits(plan, each) for each in unique}
    notes = [f"{place_id} left out: {', '.join(own)}" for place_id, own in faults.items() if own]
    fitting = ranked(plan, [each for each in unique if not faults[each.facts.place_id]])
    default = tuple(each.facts.place_id for each in fitting[: plan.n_wanted])
    asked = Asked((), {}, ())
    if model is not None and fitting:
        asked = ask(question, plan, fitting, model)
    facts = {each.facts.place_id: each.facts for each in fitting}
    writer = Writer(plan)
    picks = tuple(
        asked.picks.get(place_id) or writer.pick(facts[place_id])
        for place_id in asked.order or default
    )
    by: Literal["default", "language_model"] = "language_model" if asked.picks else "default"
    return Selection(picks, by, (*sorted(notes), *asked.notes))
