"""What a language model is asked when it selects places, and the type that its answer must have."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, Field, create_model, model_validator

from nadeuri.guide.cards import hours_text
from nadeuri.guide.facts import N_REVIEWS_SHOWN, PlaceFacts
from nadeuri.guide.plan import Plan
from nadeuri.guide.selection.fit import dishes_asked
from nadeuri.guide.selection.quotes import is_quotable
from nadeuri.guide.selection.reasons import distance_text, guests_text, price_text, share_text
from nadeuri.guide.selection.types import Candidate
from nadeuri.llm import Message

MOST_CANDIDATES = 6
"""Candidates that a model sees: the best by the default's order."""

_MOST_QUESTION = 500  # characters
_MOST_REVIEW = 300
_MOST_DISHES = 12
_MOST_KEYWORDS = 8
_MOST_SIGHTS = 3
_LEAST_SHARE = 0.05  # of visits: rarer ones are no reason to come


class WrittenQuote(BaseModel):
    """A review, its spelling corrected."""

    review_id: str = Field(max_length=100)
    text: str = Field(max_length=500)


class WrittenPick(BaseModel):
    """A place that the model chose."""

    place_id: str
    reason: str = Field(min_length=1, max_length=1_000)
    quotes: list[WrittenQuote] = Field([], max_length=N_REVIEWS_SHOWN)


class WrittenSelection(BaseModel):
    """What the model is asked for; :func:`answer_type` names the places."""

    picks: list[WrittenPick]

    @model_validator(mode="after")
    def _names_no_place_twice(self) -> Self:
        ids = [pick.place_id for pick in self.picks]
        if len(ids) != len(set(ids)):
            raise ValueError("a place is picked twice")
        return self


def answer_type(place_ids: Sequence[str], n_wanted: int) -> type[WrittenSelection]:
    """The type of an answer with at least one and at most ``n_wanted`` of these places."""
    one_of = Literal[tuple(place_ids)]  # type: ignore[valid-type]
    pick = create_model("Pick", __base__=WrittenPick, place_id=(one_of, ...))  # type: ignore[arg-type]
    picks = Annotated[list[pick], Field(min_length=1, max_length=n_wanted)]
    return create_model("Selection", __base__=WrittenSelection, picks=(picks, ...))


def messages(question: str, plan: Plan, candidates: Sequence[Candidate]) -> list[Message]:
    """The rules, an example, and the question with its candidates as data."""
    texts = _texts()
    example = json.loads(texts["example"]["asked"])
    asked = {
        "n_wanted": plan.n_wanted,
        "plan": plan.model_dump(
            exclude_defaults=True, exclude={"intent", "relation", "n_wanted", "shown"}
        ),
        "candidates": [_shown(plan, each.facts) for each in candidates],
    }
    return [
        {"role": "system", "content": texts["rules"].format(n_wanted=plan.n_wanted).strip()},
        {"role": "user", "content": _request(texts["example"]["question"], example)},
        {"role": "assistant", "content": texts["example"]["answer"]},
        {"role": "user", "content": _request(question[:_MOST_QUESTION], asked)},
    ]


def _shown(plan: Plan, facts: PlaceFacts) -> dict[str, Any]:
    """The facts of a candidate that a reason may be made of, as they are to be written."""
    asked = dishes_asked(plan, facts)
    dishes = [*asked, *(dish for dish in facts.menus if dish not in asked)][:_MOST_DISHES]
    sights = [each for each in facts.sights if plan.near and each[0] == plan.near.attraction]
    shown = {
        "place_id": facts.place_id,
        "name": facts.name,
        "category": facts.category,
        "address": facts.address,
        "hours": hours_text(facts),
        "menus": [
            dish.name if dish.price is None else f"{dish.name} {price_text(dish.price)}"
            for dish in dishes
        ],
        "companions": _told(facts.companions),
        "purposes": _told(facts.purposes),
        "guests": {
            guests_text(segment): share_text(share)
            for segment, share in facts.guests.items()
            if segment in plan.segments or segment.dimension == "age"
        },
        "keywords": dict(list(_told(facts.keywords).items())[:_MOST_KEYWORDS]),
        "takes_reservations": facts.takes_reservations,
        "visits_with_reservation": facts.reservation_share and share_text(facts.reservation_share),
        "visits_with_waiting": facts.waiting_share and share_text(facts.waiting_share),
        "sights": {
            name: distance_text(metres) for name, metres in (sights or facts.sights)[:_MOST_SIGHTS]
        },
        "rating": facts.rating and f"{facts.rating:.1f}점 (평가 {facts.n_ratings:,}개)",
        "reviews": [
            {"review_id": review.review_id, "text": review.text[:_MOST_REVIEW]}
            for review in facts.reviews
            if is_quotable(review.text)
        ],
    }
    return {name: value for name, value in shown.items() if value not in (None, {}, [], ())}


def _told(shares: Any) -> dict[str, str]:
    return {name: share_text(share) for name, share in shares.items() if share >= _LEAST_SHARE}


def _request(question: str, asked: dict[str, Any]) -> str:
    return json.dumps({"question": question, **asked}, ensure_ascii=False)


@cache
def _texts() -> dict[str, Any]:
    """The tables of ``prompt.toml``."""
    text = files("nadeuri.guide.selection").joinpath("prompt.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
