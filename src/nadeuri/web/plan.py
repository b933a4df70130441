"""The traveller's plan: places by day, and its form in the address of the page."""

from __future__ import annotations

import base64
import json
import zlib
from dataclasses import dataclass, replace
from typing import Annotated, NamedTuple

from pydantic import Field, TypeAdapter, ValidationError

from nadeuri.web.match_types import Place, Stop

MOST_DAYS = 14
MOST_PLACES = 60
_MOST_TEXT = 16_000
"""Characters: what browsers and proxies still take as an address."""
_MOST_JSON_BYTES = 1 << 16


class Spot(NamedTuple):
    """A place, as much of it as the plan needs."""

    place_id: str
    name: str
    latitude: Annotated[float, Field(ge=-90, le=90)] | None
    longitude: Annotated[float, Field(ge=-180, le=180)] | None


Days = tuple[tuple[Spot, ...], ...]
_DAYS = TypeAdapter(Days)


@dataclass(frozen=True)
class Plan:
    """Places by day, in their order; no place twice, and at least one day, perhaps an empty one."""

    days: Days = ((),)

    def __len__(self) -> int:
        return sum(map(len, self.days))

    def __contains__(self, place_id: str) -> bool:
        return any(spot.place_id == place_id for day in self.days for spot in day)

    def with_place(self, place: Place, day: int) -> Plan:
        """The place last on the day (from 0); unchanged if it is there already, or no room is."""
        if place.place_id in self or len(self) >= MOST_PLACES:
            return self
        spot = Spot(place.place_id, place.korean_name, place.latitude, place.longitude)
        return self._with(day, (*self.days[day], spot))

    def without_place(self, place_id: str) -> Plan:
        """Without the place; its day stays."""
        return Plan(
            tuple(tuple(spot for spot in day if spot.place_id != place_id) for day in self.days)
        )

    def with_day(self) -> Plan:
        """One more day, an empty one."""
        return self if len(self.days) >= MOST_DAYS else Plan((*self.days, ()))

    def without_day(self, day: int) -> Plan:
        """Without a day (from 0) and what was on it."""
        return Plan((*self.days[:day], *self.days[day + 1 :]) or ((),))

    def earlier(self, place_id: str) -> Plan:
        """The place one step up; from the top of a day it comes last on the day before."""
        where = self._where(place_id)
        if where is None or where == (0, 0):
            return self
        day, at = where
        return self._swapped(day, at - 1) if at > 0 else self.on_day(place_id, day - 1)

    def later(self, place_id: str) -> Plan:
        """The place one step down; from the end of a day it comes first on the day after."""
        where = self._where(place_id)
        if where is None or where == (len(self.days) - 1, len(self.days[-1]) - 1):
            return self
        day, at = where
        if at < len(self.days[day]) - 1:
            return self._swapped(day, at)
        rest = self.without_place(place_id)
        return rest._with(day + 1, (self.days[day][at], *rest.days[day + 1]))

    def on_day(self, place_id: str, day: int) -> Plan:
        """The place last on the given day (from 0)."""
        where = self._where(place_id)
        if where is None:
            return self
        spot = self.days[where[0]][where[1]]
        rest = self.without_place(place_id)
        return rest._with(day, (*rest.days[day], spot))

    def stops(self) -> list[Stop]:
        """As the API takes it."""
        return [
            Stop(
                place_id=spot.place_id,
                name=spot.name,
                day=day,
                order=order,
                latitude=spot.latitude,
                longitude=spot.longitude,
            )
            for day, spots in enumerate(self.days, 1)
            for order, spot in enumerate(spots, 1)
        ]

    def to_text(self) -> str:
        """For the address: letters, digits, ``-`` and ``_``."""
        told = json.dumps(self.days, ensure_ascii=False, separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(zlib.compress(told, 9)).decode().rstrip("=")

    @staticmethod
    def from_text(text: str) -> Plan | None:
        """The plan that an address holds; None where it holds none."""
        if len(text) > _MOST_TEXT:
            return None
        try:
            packed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
            told = zlib.decompressobj().decompress(packed, _MOST_JSON_BYTES)
            days = _DAYS.validate_json(told, strict=True)
        except (ValueError, zlib.error, ValidationError):
            return None
        ids = [spot.place_id for day in days for spot in day]
        is_sound = 1 <= len(days) <= MOST_DAYS and len(ids) == len(set(ids)) <= MOST_PLACES
        return Plan(days) if is_sound else None

    def _where(self, place_id: str) -> tuple[int, int] | None:
        """Day and position, both from 0; None for a place that was taken out meanwhile."""
        for number, day in enumerate(self.days):
            for at, spot in enumerate(day):
                if spot.place_id == place_id:
                    return number, at
        return None

    def _with(self, day: int, spots: tuple[Spot, ...]) -> Plan:
        return replace(self, days=(*self.days[:day], spots, *self.days[day + 1 :]))

    def _swapped(self, day: int, at: int) -> Plan:
        """The place at ``at`` and the one after it in the other order."""
        spots = list(self.days[day])
        spots[at], spots[at + 1] = spots[at + 1], spots[at]
        return self._with(day, tuple(spots))
