"""Places, packages and reviews as the pages meet them: the API, asked over HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote, urlencode

from nadeuri.web.door import TIMEOUT_S, ApiError, Door
from nadeuri.web.match_types import City, Kept, Packages, Place, Relation, Reviews, Stop

_OTHER_DECIDED = "다른 분이 먼저 결정했거나 새 정보가 들어왔어요. 결정은 저장하지 않았어요."


class ConflictError(ApiError):
    """Another person decided in the meantime; nothing was kept."""


class MatchApi:
    """The rooms of the API that know places and packages."""

    def __init__(self, url: str, *, timeout_s: float = TIMEOUT_S, key: str | None = None) -> None:
        """Raises: ConfigError: ``url`` is none of http or https."""
        self._door = Door(url, timeout_s=timeout_s, key=key)

    def cities(self) -> list[City]:
        """Cities with places.

        Raises:
            ApiError: no answer; ``status`` 404: the server has no packages.
        """
        return self._door.ask("/v1/places/cities", _cities)

    def places(self, q: str, city: str, limit: int) -> list[Place]:
        """Places by name, best first.

        Raises:
            ApiError: no answer.
        """
        query = urlencode({"q": q, "city": city, "limit": limit})
        return self._door.ask(f"/v1/places?{query}", _places)

    def packages(self, stops: Sequence[Stop], k: int) -> Packages:
        """The ``k`` packages that fit the stops best.

        Raises:
            ApiError: no answer.
        """
        told = [stop.model_dump(include={"place_id", "name", "day", "order"}) for stop in stops]
        body = {"stops": told, "ids": "google", "k": k}
        return self._door.ask("/v1/packages/match", Packages.model_validate, body)

    def reviews(self, limit: int, offset: int = 0) -> Reviews:
        """A part of the review queue.

        Raises:
            ApiError: no answer; ``status`` 404: the server has no queue.
        """
        query = urlencode({"limit": limit, "offset": offset})
        return self._door.ask(f"/v1/places/reviews?{query}", Reviews.model_validate)

    def decide(
        self, left: str, right: str | None, relation: Relation, reviewer: str, version: int
    ) -> Kept:
        """Keep a decision.

        Args:
            right: None for "it has no match", with the relation ``different``.

        Raises:
            ConflictError: somebody else decided.
            ApiError: no answer.
        """
        path = f"/v1/places/reviews/{quote(left, safe='')}"
        body = {"relation": relation, "right": right, "reviewer": reviewer, "version": version}
        try:
            return self._door.ask(path, Kept.model_validate, body)
        except ApiError as error:
            if error.status == 409:
                raise ConflictError(_OTHER_DECIDED, 409) from error
            raise


def _cities(told: Any) -> list[City]:
    return [City.model_validate(each) for each in told["cities"]]


def _places(told: Any) -> list[Place]:
    return [Place.model_validate(each) for each in told["places"]]
