"""A selection by a language model, of which only what the facts bear out is kept."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nadeuri.guide.facts import N_REVIEWS_SHOWN, PlaceFacts
from nadeuri.guide.plan import Plan
from nadeuri.guide.selection.grounding import violations
from nadeuri.guide.selection.prompt import MOST_CANDIDATES, WrittenPick, answer_type, messages
from nadeuri.guide.selection.quotes import is_review
from nadeuri.guide.selection.reasons import quotes_of
from nadeuri.guide.selection.types import Candidate, Pick
from nadeuri.llm import LanguageModel, LanguageModelError

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Asked:
    """What a model chose.

    Attributes:
        order: ids of places, best first; empty where no answer could be used.
        picks: those of them whose reason and quotes are grounded.
        notes: why others are not.
    """

    order: tuple[str, ...]
    picks: Mapping[str, Pick]
    notes: tuple[str, ...]


def ask(question: str, plan: Plan, fitting: Sequence[Candidate], model: LanguageModel) -> Asked:
    """The model's choice among candidates that fit, checked against their facts.

    Args:
        fitting: best first, at least one; the first :data:`MOST_CANDIDATES` are shown to the model.
    """
    shown = fitting[:MOST_CANDIDATES]
    facts = {each.facts.place_id: each.facts for each in shown}
    wanted = answer_type(list(facts), plan.n_wanted)
    try:
        written = model.parse(messages(question, plan, shown), wanted)
    except LanguageModelError as error:
        logger.warning("places selected by the default: %s", error)
        return Asked((), {}, (f"language model not used: {error}",))
    picks, notes = {}, []
    for pick in written.picks:
        own = facts[pick.place_id]
        faults = _faults(pick, own, [each for each in facts.values() if each is not own])
        if faults:
            notes.append(f"{pick.place_id} by the default: {'; '.join(faults)}")
        else:
            picks[pick.place_id] = _pick(pick, own)
    return Asked(tuple(pick.place_id for pick in written.picks), picks, tuple(notes))


def _pick(written: WrittenPick, own: PlaceFacts) -> Pick:
    """With the model's quotes first and, where it has fewer than are shown, others as written."""
    quotes = {quote.review_id: _line(quote.text) for quote in written.quotes}
    for review_id, text in quotes_of(own):
        quotes.setdefault(review_id, text)
    shown = tuple(quotes.items())[:N_REVIEWS_SHOWN]
    return Pick(written.place_id, _line(written.reason), shown)


def _faults(pick: WrittenPick, own: PlaceFacts, others: Sequence[PlaceFacts]) -> list[str]:
    """What of the model's text is not in the facts."""
    foreign = [name for each in others for name in _names(each)]
    faults = list(violations(pick.reason, own, foreign=foreign))
    reviews = {review.review_id: review.text for review in own.reviews}
    ids = [quote.review_id for quote in pick.quotes]
    if len(ids) != len(set(ids)):
        faults.append("a review is quoted twice")
    for quote in pick.quotes:
        if quote.review_id not in reviews:
            faults.append(f"no review {quote.review_id!r}")
        elif not is_review(quote.text, reviews[quote.review_id]):
            faults.append(f"review {quote.review_id} does not say {quote.text!r}")
    return faults


def _line(text: str) -> str:
    return " ".join(text.split())


def _names(facts: PlaceFacts) -> list[str]:
    """What belongs to one place and, unless it has the same, to no other."""
    return [facts.name, *(dish.name for dish in facts.menus), facts.town, facts.village or ""]
