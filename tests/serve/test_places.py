"""A single place and the other database, over the real application and artefact."""

from __future__ import annotations

import time
import unicodedata
from typing import Any

import pytest
from flask.testing import FlaskClient
from packages_world import CASTLE

from nadeuri.artifact import Artifact
from nadeuri.serve.app import create_app
from nadeuri.serve.wire import MAX_TEXT
from nadeuri.serve.wire_places import MAX_ADDRESS

PATH = "/v1/places/match"
HERE = {"latitude": CASTLE[0], "longitude": CASTLE[1]}


@pytest.fixture(scope="module")
def client(place_index_artifact: Artifact) -> FlaskClient:
    return create_app(place_index_artifact.path).test_client()


def test_a_place_is_found(client: FlaskClient) -> None:
    response = client.post(PATH, json={"name": "오사카성", "position": HERE, "k": 2})
    assert response.status_code == 200
    answer = response.get_json()
    assert answer["decision"] == "accept"
    best, second = answer["candidates"]
    assert (best["place_id"], best["name"], best["name_local"]) == ("G1", "Osaka Castle", "大阪城")
    assert (best["metres"], best["category"]) == (0.0, "castle")
    assert 1 >= best["probability"] > second["probability"] >= 0


def test_unicode_form_and_spaces_do_not_matter(client: FlaskClient) -> None:
    plain = client.post(PATH, json={"name": "오사카성", "position": HERE})
    strange = unicodedata.normalize("NFD", " 오사카성 ")
    body = {"name": strange, "position": HERE, "phone": " ", "name_en": None}
    assert client.post(PATH, json=body).get_json() == plain.get_json()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": " "}, "name"),
        ({"name": None}, "name"),
        ({"name": "가" * (MAX_TEXT + 1)}, "name"),
        ({"position": {"latitude": 35.0}}, "position.longitude"),
        ({"position": {"latitude": 91, "longitude": 0}}, "position.latitude"),
        ({"position": {"latitude": "35", "longitude": 0}}, "position.latitude"),
        ({"address": "가" * (MAX_ADDRESS + 1)}, "address"),
        ({"k": 11}, "k"),
        ({"place_id": "A1"}, "place_id"),
    ],
)
def test_what_does_not_fit_is_refused(
    client: FlaskClient, change: dict[str, Any], field: str
) -> None:
    response = client.post(PATH, json={"name": "오사카성", **change})
    assert response.status_code == 422
    assert [problem["field"] for problem in response.get_json()["errors"]] == [field]


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999"])
def test_a_position_is_a_number(client: FlaskClient, number: str) -> None:
    body = f'{{"name": "a", "position": {{"latitude": {number}, "longitude": 1}}}}'
    response = client.post(PATH, data=body, content_type="application/json")
    assert response.status_code == 422


@pytest.mark.parametrize(
    "letters", ["가나다라", "大阪城公園", "ドトンボリ", "abc 12", "!?", "\0", "ก"]
)
def test_the_longest_names_are_answered_soon(client: FlaskClient, letters: str) -> None:
    name = (letters * MAX_TEXT)[:MAX_TEXT]
    body = dict.fromkeys(("name", "name_en", "name_local", "city", "category", "phone"), name)
    start = time.perf_counter()
    response = client.post(PATH, json={**body, "address": name, "position": HERE})
    assert response.status_code == 200
    assert time.perf_counter() - start < 5


def test_what_is_served(client: FlaskClient) -> None:
    (model,) = client.get("/readyz").get_json()["models"]
    assert (model["kind"], model["model"], model["n_items"]) == ("place_index", "place-scorer", 7)
