"""The pages over the real API, and the double beside it: both keep to one contract."""

from __future__ import annotations

import json
import threading
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from match_double import MatchDouble
from packages_world import write_review_store
from pydantic import BaseModel
from streamlit.testing.v1 import AppTest
from werkzeug.serving import make_server

from nadeuri.artifact import Artifact
from nadeuri.match.store.database import MappingStore
from nadeuri.serve import reviews
from nadeuri.serve.app import build_app, open_rooms
from nadeuri.serve.room import start_rooms, stop_rooms
from nadeuri.serve.wire import ServedModel
from nadeuri.serve.wire_match import (
    CitiesResponse,
    DecisionResponse,
    PackagesResponse,
    PlacesResponse,
    ReviewsResponse,
)
from nadeuri.web.match_api import ConflictError, MatchApi
from nadeuri.web.match_types import Stop

SERVED = ServedModel(
    kind="reviews",
    model="mapping",
    version="1",
    created="2026-11-29T00:00:00+00:00",
    code_revision=None,
    data_fingerprint=None,
    n_items=None,
    n_users=None,
)
PAGE = """
from nadeuri.web import {page}
from nadeuri.web.match_api import MatchApi

{page}.show(MatchApi({url!r}))
"""


@pytest.fixture
def real(packages_artifact: Artifact, tmp_path: Path) -> Iterator[str]:
    """The address of the real API over a small world."""
    url = write_review_store(tmp_path)
    room = reviews.room(lambda: MappingStore(url), SERVED)
    app = build_app([*open_rooms([packages_artifact.path]), room])
    start_rooms(app)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()
    stop_rooms(app)


@pytest.mark.parametrize(
    ("path", "body", "model"),
    [
        ("/v1/places/cities", None, CitiesResponse),
        ("/v1/places?q=osaka&city=OSA&limit=9", None, PlacesResponse),
        (
            "/v1/packages/match",
            {
                "stops": [
                    {"place_id": place_id, "name": "", "day": 1, "order": order}
                    for order, place_id in enumerate(("G1", "G3", "G4", "G7", "G99"), 1)
                ],
                "k": 5,
            },
            PackagesResponse,
        ),
        ("/v1/places/reviews?limit=9&offset=0", None, ReviewsResponse),
        (
            "/v1/places/reviews/A1",
            {"relation": "nearby", "right": "G1", "reviewer": "지민", "version": 1},
            DecisionResponse,
        ),
    ],
)
def test_the_double_answers_as_the_api_does(
    double: MatchDouble, path: str, body: Any, model: type[BaseModel]
) -> None:
    sent = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(double.url + path, sent, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as response:
        model.model_validate_json(response.read())


def test_what_the_pages_read(real: str) -> None:
    api = MatchApi(real)
    assert ("OSA", "오사카") in {(city.city, city.name) for city in api.cities()}
    market = api.places("구로몬", "OSA", 3)[0]
    assert (market.place_id, market.name, market.korean_name) == (
        "G3",
        "Kuromon Market",
        "구로몬 시장",
    )
    stops = [
        Stop(place_id=place_id, name="", day=1, order=order)
        for order, place_id in enumerate(("G1", "G2", "G4", "G99"), 1)
    ]
    found = api.packages(stops, 5)
    assert found.packages[0].item == "POSA1"
    assert {stop.reason for stop in found.unmapped} == {"no_mapping", "unknown"}
    told = api.reviews(1)
    assert told.n_open == 2
    review = told.reviews[0]
    kept = api.decide("A4", "G7", "nearby", "지민", review.version)
    assert kept.n_open == 2, "it has another candidate"
    with pytest.raises(ConflictError):
        api.decide("A4", "G4", "same", "하나", review.version)
    assert api.decide("A4", "G4", "same", "지민", kept.version).n_open == 1


def test_the_planner(real: str) -> None:
    page = AppTest.from_string(PAGE.format(page="planner", url=real), default_timeout=30).run()
    page = page.text_input[0].set_value("오사카성").run()
    add = next(each for each in page.button if "Osaka Castle" in each.label)
    page = add.click().run()
    find = next(each for each in page.button if each.label == "패키지 찾기")
    page = find.click().run()
    assert not page.exception
    text = "\n".join(html.value for html in page.get("html"))
    assert text.index("오사카 핵심 3일") > 0
    assert "같은 곳" in text


def test_the_reviews(real: str) -> None:
    page = AppTest.from_string(PAGE.format(page="review", url=real), default_timeout=30).run()
    page = page.text_input[0].set_value("지민").run()
    for label in ("같은 곳", "모두 아님"):
        button = next(each for each in page.button if each.label == label)
        page = button.click().run()
        assert not page.exception
        assert not page.error
        assert not page.warning
    assert "모두 끝났어요" in page.success[0].value
    assert MatchApi(real).reviews(5).n_open == 0
