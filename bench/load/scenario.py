"""Make requests for each endpoint of a running API out of what it serves; keep them as CSV.

Products come from its own answers, cities and places from its lists, path parameters from the
examples of its OpenAPI document; histories are of all lengths, questions are Korean.
"""

from __future__ import annotations

import csv
import random
import uuid
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from load.api import Api
from load.endpoints import BY_NAME, Endpoint, Request, Requests, covered, json_text
from load.rows import REQUEST_COLUMNS
from load.words import PLACE_NAMES, guide_questions, questions

N_REQUESTS = 2000
N_QUESTIONS = 20_000
"""More than the parser keeps (4,096), so that each is read anew."""
MAX_HISTORY, BATCH, MAX_PRODUCTS, N_THREADS = 50, 8, 400, 3
_SYLLABLES = (
    "성",
    "시장",
    "해변",
    "공원",
    "역",
    "거리",
    "Castle",
    "Market",
    "Beach",
    "Park",
    "a",
    "e",
)


def make_requests(
    api: Api,
    *,
    users: Sequence[str] = (),
    seed: int = 0,
    writes: bool = False,
    only: Sequence[str] = (),
) -> Requests:
    """Requests of every endpoint that the API serves.

    Args:
        users: ids of known travellers; every other recommendation is asked for one of them.
        writes: also endpoints that change what the service keeps.
        only: names of the endpoints wanted; all if empty.

    Raises:
        ApiError: the API does not answer.
        LookupError: it has an operation that no load test asks for.
    """
    document = api.get("/openapi.json")
    maker = _Maker(api, document, random.Random(seed), users)
    wanted = [
        endpoint
        for endpoint in covered(document)
        if (writes or not endpoint.writes) and (not only or endpoint.name in only)
    ]
    made = {endpoint.name: maker.requests(endpoint, seed) for endpoint in wanted}
    return {name: some for name, some in made.items() if some}


def write_requests(folder: Path, requests: Requests) -> None:
    """One CSV for each endpoint, ``path`` and ``body``, as JMeter and Locust read it."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, some in requests.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(REQUEST_COLUMNS)
            writer.writerows((request.path, request.body) for request in some)


class _Maker:
    """What the API serves, asked once, and requests out of it."""

    def __init__(
        self, api: Api, document: dict[str, Any], rng: random.Random, users: Sequence[str]
    ) -> None:
        self._api = api
        self._document = document
        self._random = rng
        self._users = users
        self._products = _products(api, document)
        self._places = _places(api, document)
        served = api.get("/readyz")["models"]
        self._models = [each["model"] for each in served if each["kind"] == "recommender"]
        self._makers: dict[str, Callable[[], Request]] = {
            "recommendations": self._recommendation,
            "recommendations_batch": lambda: self._post(
                "recommendations_batch", {"requests": [self._wish() for _ in range(BATCH)]}
            ),
            "recommendations_by_model": self._recommendation_by,
            "products": self._products_search,
            "product": lambda: self._of_product("product"),
            "also_viewed": self._also_viewed,
            "packages": self._itinerary,
            "places": self._search,
            "place_match": self._same_place,
        }

    def requests(self, endpoint: Endpoint, seed: int) -> list[Request]:
        """Requests to one endpoint; none where nothing can be asked of it."""
        name = endpoint.name
        if name in self._makers:
            return [self._makers[name]() for _ in range(N_REQUESTS)]
        if name == "questions":
            return [self._post(name, {"text": text}) for text in questions(N_QUESTIONS, seed)]
        if name == "questions_batch":
            texts = iter(questions(N_REQUESTS * BATCH, seed + 1))
            batches = iter(lambda: [{"text": text} for text in islice(texts, BATCH)], [])
            return [self._post(name, {"questions": batch}) for batch in batches]
        if name == "chat":
            return [self._post(name, {"question": text}) for text in guide_questions(2000, seed)]
        if name == "traveller":
            return list(self._travellers(endpoint))
        if name == "chat_thread":
            return list(self._threads(endpoint, seed))
        if name == "review_decision":
            return list(self._decisions(endpoint))
        if name == "job":
            jobs = self._api.get("/v1/jobs", limit=100)["jobs"]
            return [Request(endpoint, endpoint.path.replace("{id}", each["id"])) for each in jobs]
        if name.startswith("labelling_"):
            return self._labelling(endpoint)
        return [Request(endpoint, endpoint.path)]

    def _post(self, name: str, body: object) -> Request:
        endpoint = BY_NAME[name]
        return Request(endpoint, endpoint.path, json_text(body))

    def _wish(self) -> dict[str, Any]:
        if self._users and self._random.random() < 0.5:
            return {"user": self._random.choice(self._users), "k": 10}
        length = self._random.randint(0, MAX_HISTORY)
        return {"history": self._random.choices(self._products, k=length), "k": 10}

    def _recommendation(self) -> Request:
        return self._post("recommendations", self._wish())

    def _also_viewed(self) -> Request:
        return self._of_product("also_viewed", "?k=10")

    def _of_product(self, name: str, query: str = "") -> Request:
        endpoint = BY_NAME[name]
        code = quote(self._random.choice(self._products), safe="")
        return Request(endpoint, f"{endpoint.path.replace('{code}', code)}{query}")

    def _recommendation_by(self) -> Request:
        endpoint = BY_NAME["recommendations_by_model"]
        model = self._random.choice(self._models)
        path = endpoint.path.replace("{model}", model)
        return Request(endpoint, path, json_text(self._wish()))

    def _products_search(self) -> Request:
        """Products by the first characters of a code."""
        endpoint = BY_NAME["products"]
        code = self._random.choice(self._products)
        query = urlencode({"q": code[: self._random.randint(0, len(code))], "limit": 20})
        return Request(endpoint, f"{endpoint.path}?{query}")

    def _itinerary(self) -> Request:
        chosen = self._random.choices(self._places, k=self._random.randint(2, 8))
        stops = [
            {"place_id": place["place_id"], "day": 1 + number // 3, "order": 1 + number % 3}
            for number, place in enumerate(chosen)
        ]
        return self._post("packages", {"stops": stops, "k": 5})

    def _search(self) -> Request:
        endpoint = BY_NAME["places"]
        query = urlencode({"q": self._random.choice(_SYLLABLES), "limit": 10})
        return Request(endpoint, f"{endpoint.path}?{query}")

    def _same_place(self) -> Request:
        """A place that is known, under its own name and a few metres off."""
        if not self._places:
            return self._post("place_match", {"name": self._random.choice(PLACE_NAMES)})
        place = self._random.choice(self._places)
        asked = {"name": place["name"], "city": place["city"]}
        if place["latitude"] is not None:
            asked["position"] = {
                name: round(place[name] + self._random.uniform(-0.0005, 0.0005), 6)
                for name in ("latitude", "longitude")
            }
        return self._post("place_match", asked)

    def _travellers(self, endpoint: Endpoint) -> Iterator[Request]:
        for each in self._api.get("/v1/travellers", limit=100)["travellers"]:
            yield Request(endpoint, endpoint.path.replace("{user}", quote(each["user"], safe="")))

    def _threads(self, endpoint: Endpoint, seed: int) -> Iterator[Request]:
        """Conversations that are held here, so that there is something to read."""
        for question in guide_questions(N_THREADS, seed + 2):
            body = {"question": question, "thread": f"load-test-{uuid.uuid4().hex}"}
            thread = self._api.post("/v1/guide/chat", {**body, "stream": False})["thread"]
            yield Request(endpoint, endpoint.path.replace("{thread}", thread))

    def _decisions(self, endpoint: Endpoint) -> Iterator[Request]:
        for review in self._api.get("/v1/places/reviews", limit=100)["reviews"]:
            left = quote(review["left"]["place_id"], safe="")
            body = {
                "relation": "different",
                "right": None,
                "reviewer": "load-test",
                "version": review["version"],
            }
            yield Request(endpoint, endpoint.path.replace("{left}", left), json_text(body))

    def _labelling(self, endpoint: Endpoint) -> list[Request]:
        """Of a question that is offered to us; the verdict of one that nobody disputes is 409."""
        who = {"annotator": "load-test"}
        label: dict[str, Any] = {**who, "spans": [], "intent": None, "revision": 0}
        bodies: dict[str, dict[str, Any]] = {
            "labelling_next": who,
            "labelling_label": label,
            "labelling_skip": {**who, "reason": "unclear"},
            "labelling_verdict": label,
        }
        if "{task}" not in endpoint.path:
            body = json_text(bodies[endpoint.name]) if endpoint.name in bodies else ""
            return [Request(endpoint, endpoint.path, body)]
        task = self._api.post("/v1/labelling/next", who)["task"]
        if task is None:
            return []
        path = endpoint.path.replace("{task}", task["task"])
        if endpoint.name == "labelling_task":
            return [Request(endpoint, f"{path}?{urlencode(who)}")]
        return [Request(endpoint, path, json_text(bodies[endpoint.name]))]


def _products(api: Api, document: dict[str, Any]) -> list[str]:
    """Product codes: what is popular, and from there on what is recommended or also viewed."""
    known: dict[str, None] = {}
    waiting: list[str] = []

    def learn(answer: dict[str, Any]) -> None:
        new = [item["item"] for item in answer["items"] if item["item"] not in known]
        known.update(dict.fromkeys(new))
        waiting.extend(new)

    viewed = BY_NAME["also_viewed"].path
    if viewed in document["paths"]:
        learn({"items": [{"item": _example(document["paths"][viewed])}]})
    if BY_NAME["recommendations"].path in document["paths"]:
        learn(api.post("/v1/recommendations", {"k": 100}))
        while waiting and len(known) < MAX_PRODUCTS:
            learn(api.post("/v1/recommendations", {"history": [waiting.pop()], "k": 100}))
    elif viewed in document["paths"]:
        while waiting and len(known) < MAX_PRODUCTS:
            learn(api.get(viewed.replace("{code}", waiting.pop()), k=100))
    return list(known)


def _example(operations: dict[str, Any]) -> str:
    """The example of the first path parameter."""
    (operation,) = operations.values()
    return str(next(each["example"] for each in operation["parameters"] if each["in"] == "path"))


def _places(api: Api, document: dict[str, Any]) -> list[dict[str, Any]]:
    """Places that packages can be found by."""
    if BY_NAME["places"].path not in document["paths"]:
        return []
    cities = [city["name"] for city in api.get("/v1/places/cities")["cities"]]
    found = (
        place
        for text in (*cities[:40], *_SYLLABLES)
        for place in api.get("/v1/places", q=text, limit=50)["places"]
    )
    return list({place["place_id"]: place for place in found}.values())
