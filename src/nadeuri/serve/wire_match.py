"""What goes over the wire about places, packages and reviews of the mapping."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, ConfigDict, Field, model_validator

from nadeuri import columns
from nadeuri.serve.wire import (
    FROM_DIGITS,
    MAX_CITY,
    MAX_TEXT,
    NOT_BLANK,
    Integer,
    Wire,
    nfc,
)

MAX_STOPS = 200
MAX_PACKAGES = 20
MAX_DAY, MAX_ORDER = 365, 1000
MAX_QUERY = 100
MAX_PLACES = 50
MAX_REVIEWS = 100
MAX_OFFSET = 1_000_000
MAX_REVIEWER = 100
_NO_CONTROL = r"[^\x00-\x1f\x7f-\x9f]"
_NEITHER_CONTROL_NOR_SPACE = (
    r"[^\x00-\x20\x7f-\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]"
)
ONE_LINE = f"^{_NO_CONTROL}*{_NEITHER_CONTROL_NOR_SPACE}{_NO_CONTROL}*$"
"""Not blank, and without NUL, which databases refuse."""

PlaceId = Annotated[str, Field(min_length=1, max_length=MAX_TEXT), BeforeValidator(nfc)]
Relation = Literal["same", "contains", "nearby", "different"]


class StopRequest(Wire):
    """A stop of a traveller's itinerary."""

    place_id: PlaceId | None = Field(
        description="Null: a place of which only the name is known; it is not compared."
    )
    name: Annotated[str, Field(max_length=MAX_TEXT), BeforeValidator(nfc)] = Field(
        "", description="As it is shown; what is known of the place if absent."
    )
    day: Integer = Field(ge=1, le=MAX_DAY, description="Of the trip, from 1.")
    order: Integer = Field(ge=1, le=MAX_ORDER, description="Within the day.")


class PackagesRequest(Wire):
    """An itinerary to find packages for."""

    stops: list[StopRequest] = Field(min_length=1, max_length=MAX_STOPS)
    ids: Literal["google", "agency"] = Field(
        "google", description="Whose ids the stops have: the map service's or the agency's."
    )
    k: Integer = Field(5, ge=1, le=MAX_PACKAGES, description="How many packages to return.")
    city: Annotated[str, Field(min_length=1, max_length=MAX_TEXT), BeforeValidator(nfc)] | None = (
        Field(None, description="Only packages of this city, by its code.")
    )


class PlacedStop(Wire):
    """A stop and where it is; what is unknown is null."""

    place_id: str | None
    name: str = Field(description="Empty if unknown.")
    day: int
    order: int
    latitude: float | None
    longitude: float | None


class UnmappedStop(PlacedStop):
    """A stop that took no part in the comparison."""

    reason: Literal["no_id", "unknown", "no_mapping"] = Field(
        description="no_id: it names no place; unknown: no such place is known; no_mapping: nobody "
        "knows which of the agency's places it is."
    )


class MatchedPair(Wire):
    """A stop of the itinerary and the stop of the package that stands for it."""

    stop: PlacedStop
    package_stop: PlacedStop = Field(description="Its id is the agency's.")
    metres: float = Field(ge=0, description="Between the two; 0 where they are the same place.")
    exact: bool = Field(description="The same place, not one nearby.")


class PackageAnswer(Wire):
    """A package and how well it fits; what the catalogue does not say is null."""

    item: str = Field(description="Product code.")
    name: str | None
    city: str | None = Field(description="Its code; /v1/places/cities has the names.")
    nights: int | None
    price: float | None
    rate: float = Field(ge=0, le=1, description="The match rate, which the packages are sorted by.")
    recall: float = Field(ge=0, le=1, description="Share of the itinerary that it covers.")
    precision: float = Field(ge=0, le=1, description="Share of it that the itinerary asks for.")
    day_coverage: float = Field(
        ge=0, le=1, description="Mean share of a day that one day of the package covers."
    )
    order_agreement: float = Field(
        ge=0, le=1, description="Largest share of what is matched that comes in one order."
    )
    matched: list[MatchedPair] = Field(description="In the order of the itinerary.")
    missing: list[PlacedStop] = Field(description="Stops of the itinerary that it lacks.")
    extra: list[PlacedStop] = Field(description="Its stops that the itinerary lacks.")


class PackagesResponse(Wire):
    """Packages that fit, and what of the itinerary could not be compared."""

    packages: list[PackageAnswer] = Field(description="Best first; only those that share a place.")
    unmapped: list[UnmappedStop]
    n_mapped: int = Field(ge=0, description="Stops that were compared.")
    mapping_version: int


class PlacesQuery(Wire):
    """The query string of a search for places."""

    q: Annotated[str, BeforeValidator(nfc)] = Field(
        min_length=1,
        max_length=MAX_QUERY,
        pattern=NOT_BLANK,
        description="A name or a part of one, in any script; misspelt if need be.",
    )
    city: Annotated[str, BeforeValidator(nfc)] | None = Field(
        None, min_length=1, max_length=MAX_CITY, description="Only places of it, by its code."
    )
    limit: Annotated[int, Field(ge=1, le=MAX_PLACES), FROM_DIGITS] = Field(
        10, description="How many places to return."
    )


class FoundPlace(Wire):
    """A place of the map service; what is unknown is null."""

    place_id: str
    name: str
    name_en: str | None
    name_local: str | None
    city: str | None = Field(description="Its code.")
    latitude: float | None
    longitude: float | None
    category: str | None
    mapped: bool = Field(description="Packages can be found by it.")
    agency_name: str | None = Field(description="What the agency calls it, where it is mapped.")


class PlacesResponse(Wire):
    """Places by name."""

    places: list[FoundPlace] = Field(description="Best first.")


class CityAnswer(Wire):
    """A city with places or packages."""

    city: str = Field(description="Its code.")
    name: str
    n_places: int = Field(ge=0)
    n_packages: int = Field(ge=0)


class CitiesResponse(Wire):
    """Cities."""

    cities: list[CityAnswer] = Field(description="Those with most packages first.")


class ReviewsQuery(Wire):
    """The query string of the review queue."""

    limit: Annotated[int, Field(ge=1, le=MAX_REVIEWS), FROM_DIGITS] = Field(
        20, description="How many places to return."
    )
    offset: Annotated[int, Field(ge=0, le=MAX_OFFSET), FROM_DIGITS] = Field(
        0, description="How many to pass over."
    )


class KnownPlace(Wire):
    """A place as its database has it; what is unknown is null."""

    model_config = ConfigDict(extra="ignore")

    place_id: str
    name: str = Field(description="Its id if it has no name.")
    name_en: str | None = None
    name_local: str | None = None
    country: str | None = None
    city: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    address: str | None = None
    postal_code: str | None = None
    phone: str | None = None
    category: str | None = None


class ReviewCandidate(KnownPlace):
    """A place of the map service that may be the same."""

    probability: float | None = Field(None, description="That it is; null if it was not scored.")
    metres: float | None = Field(None, description="To the agency's place, where both are known.")


class ReviewSaid(Wire):
    """What a language model answered."""

    model_config = ConfigDict(extra="ignore")

    step: str
    prompt: str | None = Field(None, description="Version of what it was told.")
    right: str | None = Field(None, description="The candidate that it chose or judged.")
    relation: str | None = None


class ReviewEvidence(Wire):
    """Why people are asked, and what else is known."""

    reason: str = Field(description="uncertain, unusable, failed or contested.")
    doubt: float = Field(ge=0, le=1, description="1: the scorer gives both answers as likely.")
    said: list[ReviewSaid]
    lost_to: str | None = Field(description="The place that has the match, if it is contested.")
    fault: str | None = Field(description="What went wrong when the language model was asked.")


class ReviewAnswer(Wire):
    """A place that people are asked about."""

    left: KnownPlace
    candidates: list[ReviewCandidate] = Field(description="The likeliest first.")
    evidence: ReviewEvidence
    version: int = Field(description="Of what is shown; a decision names it.")


class ReviewsResponse(Wire):
    """A part of the review queue."""

    reviews: list[ReviewAnswer] = Field(description="What the scorer doubts most comes first.")
    n_open: int = Field(ge=0, description="Places in the whole queue.")


class DecisionRequest(Wire):
    """What a person says of a place and a candidate."""

    model_config = ConfigDict(
        json_schema_extra={
            "anyOf": [
                {"properties": {columns.RELATION: {"const": columns.DIFFERENT}}},
                {"properties": {columns.RIGHT: {"type": "string"}}},
            ]
        }
    )

    relation: Relation = Field(description="How the agency's place relates to the candidate.")
    right: PlaceId | None = Field(
        description="The candidate; null, with the relation different: none is the same."
    )
    reviewer: Annotated[str, BeforeValidator(nfc)] = Field(
        min_length=1, max_length=MAX_REVIEWER, pattern=ONE_LINE, description="Who decides."
    )
    version: Integer = Field(ge=1, le=2**31 - 1, description="Of the review that was shown.")

    @model_validator(mode="after")
    def _to_something(self) -> Self:
        if self.right is None and self.relation != columns.DIFFERENT:
            raise ValueError(f"nothing can be {self.relation} to no place; name the candidate")
        return self


class DecisionResponse(Wire):
    """How the queue stands after a decision."""

    n_open: int = Field(ge=0)
    version: int = Field(description="Of this review now: to decide about the place once more.")
