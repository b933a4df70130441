"""The typed plan: everything of a question to the place guide that a query can be made from.

It is what the rules read out of a question and what a language model is asked for: the descriptions
of the fields are part of the JSON schema that the model gets.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

Intent = Literal["recommend", "statistic", "chat", "out_of_scope"]
Relation = Literal["new", "refine", "about_shown"]
Sort = Literal["rating", "n_reviews", "distance", "price", "usage_share"]
Reservation = Literal["possible", "not_needed"]
Dimension = Literal["weekday", "hour", "age", "gender", "residence"]
Weekday = Literal["월", "화", "수", "목", "금", "토", "일"]
Pick = Literal["highest", "lowest", "value"]
Measure = Literal[
    "usage_share",
    "visit_share",
    "rating",
    "n_reviews",
    "price",
    "waiting_share",
    "waiting_minutes",
    "reservation",
    "quality",
    "n_places",
    "hours",
    "address",
    "menus",
    "reviews",
]

MOST_PLACES = 3
"""No more places are recommended at once."""
MOST_METRES = 5_000
"""The graph knows no distances beyond."""
MINUTES_A_DAY = 24 * 60
MOST_NAMES = 100
"""No list of a plan is longer."""

_Name = Annotated[str, Field(min_length=1, max_length=60)]


def _in_order(values: tuple[object, ...]) -> tuple[object, ...]:
    """Sorted, without repeats: two plans that say the same are equal."""
    return tuple(sorted(set(values), key=repr))


_Names = Annotated[tuple[_Name, ...], Field(max_length=MOST_NAMES), AfterValidator(_in_order)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Area(_Part):
    """A city, a town or a village of Jeju; the finest part that is named counts."""

    city: _Name | None = Field(None, description="제주시 or 서귀포시")
    town: _Name | None = Field(None, description="읍, 면 or 동, such as 애월읍 or 연동")
    village: _Name | None = Field(None, description="리, such as 협재리; only with its town")

    @property
    def name(self) -> str:
        """As one says it: 제주시, 애월읍, 애월읍 수산리."""
        parts = (self.town, self.village) if self.town or self.village else (self.city,)
        return " ".join(filter(None, parts))


class PriceRange(_Part):
    """Won for one dish, both ends inclusive; null is an open end."""

    min_won: int | None = Field(None, ge=0, le=10_000_000)
    max_won: int | None = Field(None, ge=0, le=10_000_000)

    @model_validator(mode="after")
    def _is_a_range(self) -> Self:
        if self.min_won is not None and self.max_won is not None and self.min_won > self.max_won:
            raise ValueError(f"min_won {self.min_won} is above max_won {self.max_won}")
        return self


class Near(_Part):
    """Within a distance of a sight."""

    attraction: _Name
    metres: int = Field(2_000, ge=1, le=MOST_METRES)


class OpenAt(_Part):
    """When the place has to be open."""

    weekday: Weekday | None = None
    minute: int | None = Field(
        None, ge=0, lt=MINUTES_A_DAY, description="minutes after midnight: 1320 for 밤 10시"
    )


class Segment(_Part):
    """Guests whose share in a place's usage matters."""

    dimension: Dimension
    value: _Name = Field(description="a value of the dimension, as the vocabulary lists it")


class Without(_Part):
    """What the traveller does not want."""

    areas: tuple[Area, ...] = Field((), max_length=MOST_NAMES)
    categories: _Names = ()
    menus: _Names = ()
    places: _Names = Field((), description="places by name")
    shown: bool = Field(False, description="none of the places shown before (거기 말고, 다른 데)")


class Statistic(_Part):
    """What a question asks to know, of the places that the other fields of the plan select."""

    measure: Measure = Field(
        description="usage_share: share of the guests in `segments`; visit_share: share of visits "
        "for `purposes` or with `companions`; quality: how often reviews say `qualities`; "
        "n_places: how many places there are; reviews: what they say; "
        "price: of `menus`, or of the main dishes"
    )
    pick: Pick = Field(
        "value",
        description="highest or lowest: which place has it; value: how much it is, on average "
        "where several places are selected",
    )
    month: int | None = Field(None, ge=1, le=12, description="only of this calendar month")


class Plan(_Part):
    """What a traveller asked of the place guide. Lists are alternatives; fields add up."""

    intent: Intent = Field(
        "recommend",
        description="recommend: places to go to; statistic: a fact, a number or a superlative from "
        "the data; chat: greetings and small talk; out_of_scope: anything but places to eat and "
        "drink on Jeju",
    )
    relation: Relation = Field(
        "new",
        description="refine: the plan before, changed (its unchanged fields are repeated here); "
        "about_shown: a question about places shown before",
    )
    areas: Annotated[tuple[Area, ...], Field(max_length=MOST_NAMES), AfterValidator(_in_order)] = (
        Field((), description="where; empty for all of Jeju")
    )
    categories: _Names = Field((), description="kinds of place, as the vocabulary lists them")
    menus: _Names = Field((), description="dishes; a menu fits whose name contains one of them")
    price: PriceRange | None = Field(None, description="what one dish may cost")
    companions: _Names = Field((), description="who comes along")
    purposes: _Names = Field((), description="occasions of the visit")
    segments: Annotated[
        tuple[Segment, ...], Field(max_length=MOST_NAMES), AfterValidator(_in_order)
    ] = Field((), description="guests whose usage matters: ages of the party, locals, women, ...")
    party_size: int | None = Field(None, ge=1, le=1_000, description="how many come")
    near: Near | None = None
    open_at: OpenAt | None = None
    qualities: _Names = Field((), description="review keywords that the place should have")
    no_waiting: bool = Field(False, description="hardly ever a queue")
    reservation: Reservation | None = Field(
        None, description="possible: takes reservations; not_needed: one may walk in"
    )
    without: Without = Without()
    sort: Sort | None = Field(
        None, description="only where an order is asked for; price: cheapest first"
    )
    n_wanted: int = Field(MOST_PLACES, ge=1, le=MOST_PLACES, description="places to recommend")
    statistic: Statistic | None = Field(None, description="with intent statistic, and only there")
    places: _Names = Field((), description="places that are named, as they are written")
    shown: Annotated[tuple[Annotated[int, Field(ge=1, le=9)], ...], AfterValidator(_in_order)] = (
        Field((), description="positions, from 1, of places shown before that are asked about")
    )

    @model_validator(mode="after")
    def _asks_a_statistic_or_not(self) -> Self:
        if (self.intent == "statistic") != (self.statistic is not None):
            raise ValueError(f"intent {self.intent} and statistic {self.statistic} contradict")
        return self

    @property
    def is_empty(self) -> bool:
        """Whether it asks for places and says nothing about them."""
        return self.intent == "recommend" and not (self.stated - {"relation", "n_wanted"})

    @property
    def stated(self) -> frozenset[str]:
        """Names of the fields that differ from their default."""
        return frozenset(
            name
            for name, field in type(self).model_fields.items()
            if getattr(self, name) != field.default
        )
