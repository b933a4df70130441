"""An itinerary, and what the comparison of it with a package says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Stop:
    """A place at a moment of a trip.

    Attributes:
        place_id: the agency's id; None: the place is in no mapping.
        day: from 1.
        order: within the day, from 1.
        name: as it is shown.
    """

    place_id: str | None
    day: int
    order: int
    name: str = ""


@dataclass(frozen=True)
class Itinerary:
    """A traveller's plan; ``stops`` are sorted by day and order."""

    stops: tuple[Stop, ...]

    @staticmethod
    def of(stops: Iterable[Stop]) -> Itinerary:
        """From stops in any order."""
        return Itinerary(tuple(sorted(stops, key=lambda stop: (stop.day, stop.order))))

    @property
    def mapped(self) -> tuple[Stop, ...]:
        """Stops that can be compared."""
        return tuple(stop for stop in self.stops if stop.place_id is not None)

    @property
    def unmapped(self) -> tuple[Stop, ...]:
        """Stops that count for nothing, because nobody knows which of the agency's they are."""
        return tuple(stop for stop in self.stops if stop.place_id is None)


@dataclass(frozen=True)
class MatchedStop:
    """A stop of the itinerary and the stop of the package that stands for it.

    Attributes:
        metres: between the two places; 0 where they are the same.
    """

    stop: Stop
    package_stop: Stop
    metres: float

    @property
    def is_exact(self) -> bool:
        """The same place, not one nearby."""
        return self.stop.place_id == self.package_stop.place_id


@dataclass(frozen=True)
class PackageMatch:
    """How well a package fits; all numbers are between 0 and 1.

    Attributes:
        package: product code.
        rate: the match rate, see :mod:`nadeuri.match.packages.rate`.
        recall: share of the itinerary that the package covers, by weight.
        precision: share of the package that the itinerary asks for, by weight.
        day_coverage: mean share of a day of the itinerary that one day of the package covers.
        day_agreement: share of the pairs of matched stops of one day, by what they are worth, that
            the package too shows on one day.
        order_agreement: largest share of what is matched, by weight, that comes in one order.
        matched: in the order of the itinerary.
        missing: stops of the itinerary that the package lacks.
        extra: stops of the package that the itinerary lacks; days are the package's.
        unmapped: stops of the itinerary that took no part in the comparison.
    """

    package: str
    rate: float
    recall: float
    precision: float
    day_coverage: float
    day_agreement: float
    order_agreement: float
    matched: tuple[MatchedStop, ...]
    missing: tuple[Stop, ...]
    extra: tuple[Stop, ...]
    unmapped: tuple[Stop, ...]
