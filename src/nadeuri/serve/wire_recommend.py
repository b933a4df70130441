"""What goes over the wire about personal recommendations."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from nadeuri.recommend.why import MAX_SHARED
from nadeuri.serve.wire import (
    MAX_BATCH,
    MAX_FILTER_VALUES,
    MAX_HISTORY,
    MAX_K,
    Integer,
    Recommendation,
    Text,
    Wire,
)


class RecommendationRequest(Wire):
    """Who asks for what. With neither a user nor a history the answer is what is popular."""

    user: Text | None = Field(None, description="User id; the stored history is used.")
    history: list[Text] | None = Field(
        None,
        max_length=MAX_HISTORY,
        description="Product codes, oldest first; takes the place of the stored history.",
    )
    k: Integer = Field(10, ge=1, le=MAX_K, description="How many items to return.")
    filters: dict[str, Annotated[list[Text], Field(min_length=1, max_length=MAX_FILTER_VALUES)]] = (
        Field(
            default_factory=dict,
            description="Catalogue field -> accepted values; an item must pass every field.",
        )
    )
    exclude_seen: bool = Field(True, description="Leave out the items of the history.")
    why: bool = Field(
        False,
        description="Say what each item has in common with the history; with a stored one only on "
        "a server that tells of travellers.",
    )


class SharedValue(Wire):
    """A value of a metadata field that an item has in common with products of the history."""

    field: str
    value: str
    count: int = Field(ge=1, description="Products of the history with this value.")


class PersonalRecommendation(Recommendation):
    """One item, and what it has in common with what the traveller looked at."""

    why: list[SharedValue] | None = Field(
        None,
        max_length=MAX_SHARED,
        description="What most products of the history share first, and of values that equally "
        "many share the one that fewer products of the catalogue have; null where not asked for "
        "or not told.",
    )


class RecommendationResponse(Wire):
    """The list, and what of the request was not understood."""

    source: Literal["personalised", "popular"] = Field(
        description="popular: there was no history to go by."
    )
    items: list[PersonalRecommendation] = Field(
        description="Best first; shorter than k if no more fit."
    )
    unknown_user: bool = Field(description="A user was named, and is not known.")
    unknown_items: list[str] = Field(description="Codes of the history not in the catalogue.")
    unknown_filters: dict[str, list[str]] = Field(description="Filter values that no item carries.")


class BatchRequest(Wire):
    """Several requests, answered together."""

    requests: list[RecommendationRequest] = Field(min_length=1, max_length=MAX_BATCH)


class BatchResponse(Wire):
    """Answers, in the order of the requests."""

    responses: list[RecommendationResponse]
