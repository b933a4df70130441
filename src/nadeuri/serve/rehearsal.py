"""Real requests of each operation, ordinary and large ones, to try a worker with.

Ordinary ones are the examples of the API's document. Large ones are made from what the API itself
says: products from its list of popular ones, places from its search. What changes something is not
asked: decisions about places are people's. A place guide is asked one question, which leaves a
conversation of one turn in its memory.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import cycle, islice
from typing import Any
from urllib.parse import quote

from flask import Flask
from flask.testing import FlaskClient

from nadeuri.serve import (
    also_viewed,
    guide,
    packages,
    products,
    questions,
    recommend,
    reviews,
    travellers,
)
from nadeuri.serve.example_requests import example_requests
from nadeuri.serve.openapi import Operation
from nadeuri.serve.room import ROOMS_OF_APP
from nadeuri.serve.wire import MAX_BATCH, MAX_HISTORY, MAX_K, MAX_QUESTION_IN_BATCH
from nadeuri.serve.wire_match import MAX_DAY, MAX_ORDER, MAX_PLACES, MAX_REVIEWS, MAX_STOPS
from nadeuri.serve.wire_shop import MAX_PAGE

QUESTION = "다음 달에 부모님과 갈만한 오사카 3박 4일 패키지 추천해줘"
CHAT_QUESTION = "부모님과 갈만한 식당 추천해줘"
NOT_ASKED = frozenset({guide.THREAD_PATH, reviews.DECISION_PATH})
"""Operations that are left out: a conversation is read as it is kept; a decision is for people."""


@dataclass(frozen=True)
class Asked:
    """A request; with a body it is a POST.

    Attributes:
        url: path and query string.
    """

    url: str
    body: Mapping[str, Any] | None = None

    def send(self, client: FlaskClient) -> int:
        """Its answer's status; the answer is read to its end."""
        if self.body is None:
            return int(client.get(self.url).status_code)
        return int(client.post(self.url, json=self.body).status_code)


def requests_of(app: Flask) -> list[Asked]:
    """Requests of every room of an application, whose rooms were started in this process.

    Large ones have as many entries as are allowed; their texts are those of a long question, so
    that they are answered in seconds.
    """
    client = app.test_client()
    operations = [
        operation
        for room in app.extensions[ROOMS_OF_APP]
        for operation in room.every_operation
        if operation.path not in NOT_ASKED
    ]
    examples = [
        Asked(each.url, None if each.body is None else json.loads(each.body))
        for each in example_requests(operations)
    ]
    large = [
        asked
        for operation in operations
        if operation.path in _LARGE
        for asked in _LARGE[operation.path](client, operation, app.config["MAX_CONTENT_LENGTH"])
    ]
    return [*examples, *large]


def _recommendation(client: FlaskClient, _: Operation, max_body: int) -> Iterator[Asked]:
    history = _history(client, max_body)
    yield Asked(recommend.PATH, {"history": history, "k": MAX_K, "why": True})


def _recommendation_by(client: FlaskClient, operation: Operation, max_body: int) -> Iterator[Asked]:
    for asked in _recommendation(client, operation, max_body):
        yield Asked(operation.path.format(model=operation.examples["model"]), asked.body)


def _recommendations(client: FlaskClient, _: Operation, max_body: int) -> Iterator[Asked]:
    one = {"history": _history(client, max_body // MAX_BATCH), "k": MAX_K}
    yield Asked(recommend.BATCH_PATH, {"requests": [one] * MAX_BATCH})


def _history(client: FlaskClient, most_bytes: int) -> list[str]:
    """Popular products over and over, as JSON within ``most_bytes`` with room for the rest."""
    codes = [each["item"] for each in _post(client, recommend.PATH, {"k": MAX_K}).get("items", [])]
    longest = max((len(json.dumps(code)) + 2 for code in codes), default=1)
    return list(islice(cycle(codes), min(MAX_HISTORY, most_bytes // 2 // longest)))


def _also_viewed(_: FlaskClient, operation: Operation, __: int) -> Iterator[Asked]:
    for code in operation.examples.values():  # one, or none that a path can carry
        yield Asked(f"{operation.path.format(code=quote(code, safe=''))}?k={MAX_K}")


def _page(_: FlaskClient, operation: Operation, __: int) -> Iterator[Asked]:
    yield Asked(f"{operation.path}?limit={MAX_PAGE}")


def _question(_: FlaskClient, __: Operation, ___: int) -> Iterator[Asked]:
    many = " ".join([QUESTION] * MAX_QUESTION_IN_BATCH)
    yield Asked(questions.PATH, {"text": many[:MAX_QUESTION_IN_BATCH]})


def _questions(_: FlaskClient, __: Operation, ___: int) -> Iterator[Asked]:
    yield Asked(questions.BATCH_PATH, {"questions": [{"text": QUESTION}] * MAX_BATCH})


def _packages(client: FlaskClient, _: Operation, __: int) -> Iterator[Asked]:
    found = _get(client, _places_url(client, MAX_PLACES)).get("places", [])
    if not found:
        return
    for n_stops in (len(found), MAX_STOPS):
        stops = [
            {
                "place_id": place["place_id"],
                "day": min(number // 5 + 1, MAX_DAY),
                "order": min(number + 1, MAX_ORDER),
            }
            for number, place in enumerate(islice(cycle(found), n_stops))
        ]
        yield Asked(packages.PATH, {"stops": stops})


def _places(client: FlaskClient, _: Operation, __: int) -> Iterator[Asked]:
    yield Asked(_places_url(client, MAX_PLACES))


def _places_url(client: FlaskClient, limit: int) -> str:
    """A search for the name of the city with most packages."""
    cities = _get(client, packages.CITIES_PATH).get("cities", [])
    name = cities[0]["name"] if cities else QUESTION
    return f"{packages.PLACES_PATH}?q={quote(name, safe='')}&limit={limit}"


def _reviews(_: FlaskClient, __: Operation, ___: int) -> Iterator[Asked]:
    yield Asked(f"{reviews.PATH}?limit={MAX_REVIEWS}")


def _chat(_: FlaskClient, __: Operation, ___: int) -> Iterator[Asked]:
    yield Asked(guide.PATH, {"question": CHAT_QUESTION, "stream": False})


def _get(client: FlaskClient, url: str) -> dict[str, Any]:
    answer: dict[str, Any] = client.get(url).get_json()
    return answer


def _post(client: FlaskClient, url: str, body: Mapping[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = client.post(url, json=body).get_json()
    return answer


_LARGE: Mapping[str, Callable[[FlaskClient, Operation, int], Iterator[Asked]]] = {
    recommend.PATH: _recommendation,
    recommend.BATCH_PATH: _recommendations,
    recommend.MODEL_PATH: _recommendation_by,
    products.PATH: _page,
    travellers.PATH: _page,
    also_viewed.PATH: _also_viewed,
    questions.PATH: _question,
    questions.BATCH_PATH: _questions,
    packages.PATH: _packages,
    packages.PLACES_PATH: _places,
    reviews.PATH: _reviews,
    guide.PATH: _chat,
}
"""How requests of an operation are made that cost much."""
