"""What the API says of places, packages and reviews, as far as the pages show it."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import BaseModel, ConfigDict

_HANGUL = re.compile("[가-힣]")

Relation = Literal["same", "contains", "nearby", "different"]


class _Told(BaseModel):
    model_config = ConfigDict(frozen=True)


class City(_Told):
    """A city with places.

    Attributes:
        city: its code.
        name: as it is shown.
    """

    city: str
    name: str
    n_places: int
    n_packages: int


class Place(_Told):
    """A place of either database; what is unknown is None.

    Attributes:
        mapped: whether the agency knows it; None where that is not the question.
        agency_name: what the agency calls it, if it does.
    """

    place_id: str
    name: str
    name_en: str | None = None
    name_local: str | None = None
    city: str | None = None
    category: str | None = None
    address: str | None = None
    postal_code: str | None = None
    phone: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    mapped: bool | None = None
    agency_name: str | None = None

    @property
    def korean_name(self) -> str:
        """Its name if that is Korean, else the agency's for it, else its name all the same."""
        return self.name if _HANGUL.search(self.name) else self.agency_name or self.name


class Stop(_Told):
    """A place at a moment of a trip; day and order count from 1.

    Attributes:
        reason: why it could not be compared, if it could not: ``no_id``, ``unknown`` or
            ``no_mapping``.
    """

    place_id: str | None
    name: str
    day: int
    order: int
    latitude: float | None = None
    longitude: float | None = None
    reason: str | None = None


class MatchedStop(_Told):
    """A stop of the itinerary and the stop of the package that stands for it."""

    stop: Stop
    package_stop: Stop
    metres: float
    exact: bool


class Package(_Told):
    """A package and how well it fits; shares are between 0 and 1.

    Attributes:
        price: in won.
    """

    item: str
    name: str | None = None
    city: str | None = None
    nights: int | None = None
    price: float | None = None
    rate: float
    day_coverage: float
    order_agreement: float
    matched: tuple[MatchedStop, ...]
    missing: tuple[Stop, ...]
    extra: tuple[Stop, ...]


class Packages(_Told):
    """The packages that fit an itinerary, best first."""

    packages: tuple[Package, ...]
    unmapped: tuple[Stop, ...]
    n_mapped: int


class Candidate(Place):
    """A place of the other database that may be the same.

    Attributes:
        probability: that it is; None if nothing scored the pair.
        metres: to the place in question; None where a coordinate is missing.
    """

    probability: float | None = None
    metres: float | None = None


class Said(_Told):
    """An answer of a language model: which candidate it chose, or how a pair relates."""

    right: str | None = None
    relation: str | None = None


class Evidence(_Told):
    """Why people are asked, and what else is known.

    Attributes:
        reason: ``uncertain``, ``unusable``, ``failed`` or ``contested``.
        lost_to: id of the agency's other place that has the match, if it is contested.
    """

    reason: str = ""
    said: tuple[Said, ...] = ()
    lost_to: str | None = None


class Review(_Told):
    """A place that a person is asked about.

    Attributes:
        left: the agency's place.
        version: a decision names it, so that it overwrites nobody's unseen.
    """

    left: Place
    candidates: tuple[Candidate, ...]
    evidence: Evidence = Evidence()
    version: int


class Reviews(_Told):
    """A part of the queue."""

    reviews: tuple[Review, ...]
    n_open: int


class Kept(_Told):
    """How the queue stands after a decision.

    Attributes:
        version: of the review now, to decide about the place once more.
    """

    n_open: int
    version: int
