"""What the guide answers with: the types that the pipeline, the API and the chat page share."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from nadeuri.guide.plan import MOST_PLACES, Plan

Kind = Literal["places", "statistic", "clarification", "chat", "out_of_scope", "nothing_found"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Dish(_Part):
    """A line of a menu."""

    name: str
    price: int | None = Field(None, description="won")


class Quote(_Part):
    """What a guest wrote, its spelling corrected at most."""

    review_id: str
    source: str
    date: str = Field(description="ISO date")
    text: str


class Card(_Part):
    """A recommended place as it is shown; every word of it is from the graph."""

    place_id: str
    name: str
    category: str
    address: str
    latitude: float
    longitude: float
    rating: float | None = None
    n_reviews: int = 0
    hours: str | None = Field(None, description="opening hours in Korean")
    menus: tuple[Dish, ...] = ()
    reviews: tuple[Quote, ...] = Field((), max_length=2)
    reason: str = Field(description="why it fits, in Korean")


class RunQuery(_Part):
    """A query that was run, shown on demand."""

    cypher: str
    parameters: dict[str, JsonValue] = {}


class Step(_Part):
    """What a node of the pipeline did."""

    name: str
    ms: float = Field(ge=0)
    by: Literal["default", "language_model"] = "default"
    notes: tuple[str, ...] = Field((), description="spellings guessed, why a model was not used")


class Usage(_Part):
    """Tokens that a language model was paid for in this turn."""

    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0


class Answer(_Part):
    """The answer to one question."""

    kind: Kind
    text: str = Field(description="what is said, in Korean")
    cards: tuple[Card, ...] = Field((), max_length=MOST_PLACES)
    choices: tuple[str, ...] = Field((), description="answers that a clarification offers")
    plan: Plan | None = None
    queries: tuple[RunQuery, ...] = ()
    steps: tuple[Step, ...] = ()
    usage: Usage = Usage()


class Progress(_Part):
    """What the pipeline is doing now."""

    step: str
    text: str = Field(description="for the traveller, in Korean")


class Turn(_Part):
    """A question and its answer, as the memory keeps them."""

    question: str
    answer: Answer
