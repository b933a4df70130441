"""Packages and places, over the real application and artefact."""

from __future__ import annotations

import json
import subprocess
import sys
import unicodedata
from typing import Any

import pytest
from flask.testing import FlaskClient
from packages_world import CASTLE

from nadeuri.artifact import Artifact
from nadeuri.serve.app import create_app
from nadeuri.serve.wire_match import MAX_PACKAGES, MAX_QUERY, MAX_STOPS

PATH, PLACES, CITIES = "/v1/packages/match", "/v1/places", "/v1/places/cities"


@pytest.fixture(scope="module")
def client(packages_artifact: Artifact) -> FlaskClient:
    return create_app(packages_artifact.path).test_client()


def stop(place_id: str | None, day: int = 1, order: int = 1, **more: Any) -> dict[str, Any]:
    return {"place_id": place_id, "day": day, "order": order, **more}


def test_packages_that_fit(client: FlaskClient) -> None:
    stops = [stop("G1"), stop("G2", order=2, name="도톤보리"), stop("G4", 2), stop("G5", 3)]
    response = client.post(PATH, json={"stops": stops, "k": 2})
    assert response.status_code == 200
    answer = response.get_json()
    assert (answer["n_mapped"], answer["mapping_version"]) == (3, 3)
    (left_out,) = answer["unmapped"]
    assert (left_out["place_id"], left_out["reason"]) == ("G4", "no_mapping")
    best, second = answer["packages"]
    assert best["item"] == "POSA1"
    assert best["rate"] > second["rate"]
    assert best["matched"][0] == {
        "stop": {
            "place_id": "G1",
            "name": "Osaka Castle",
            "day": 1,
            "order": 1,
            "latitude": CASTLE[0],
            "longitude": CASTLE[1],
        },
        "package_stop": {
            "place_id": "A1",
            "name": "오사카성",
            "day": 1,
            "order": 1,
            "latitude": CASTLE[0],
            "longitude": CASTLE[1],
        },
        "metres": 0.0,
        "exact": True,
    }
    assert best["matched"][1]["stop"]["name"] == "도톤보리"
    assert [each["place_id"] for each in best["missing"]] == ["G5"]
    assert [each["place_id"] for each in best["extra"]] == ["A3"]


def test_ids_city_and_number(client: FlaskClient) -> None:
    body = {"stops": [stop("A1"), stop("A5", 2)], "ids": "agency", "city": "OSA", "k": 1.0}
    answer = client.post(PATH, json=body).get_json()
    assert [(each["item"], each["city"]) for each in answer["packages"]] == [("POSA2", "OSA")]
    unknown = client.post(PATH, json={**body, "city": "아틀란티스"}).get_json()
    assert (unknown["packages"], unknown["n_mapped"]) == ([], 2)


def test_ids_in_any_unicode_form(client: FlaskClient) -> None:
    strange = unicodedata.normalize("NFD", "없는 곳")
    answer = client.post(PATH, json={"stops": [stop(strange, name=strange)]}).get_json()
    (left_out,) = answer["unmapped"]
    assert (left_out["place_id"], left_out["name"], left_out["reason"]) == (
        "없는 곳",
        "없는 곳",
        "unknown",
    )


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "stops"),
        ({"stops": []}, "stops"),
        ({"stops": [stop("G1")] * (MAX_STOPS + 1)}, "stops"),
        ({"stops": [{"day": 1, "order": 1}]}, "stops.0.place_id"),
        ({"stops": [stop("")]}, "stops.0.place_id"),
        ({"stops": [stop("G1", 0)]}, "stops.0.day"),
        ({"stops": [stop("G1", 366)]}, "stops.0.day"),
        ({"stops": [stop("G1", order=0)]}, "stops.0.order"),
        ({"stops": [stop("G1", order="1")]}, "stops.0.order"),
        ({"stops": [stop("G1", name=None)]}, "stops.0.name"),
        ({"stops": [stop("G1", note="x")]}, "stops.0.note"),
        ({"stops": [stop("G1")], "k": 0}, "k"),
        ({"stops": [stop("G1")], "k": MAX_PACKAGES + 1}, "k"),
        ({"stops": [stop("G1")], "ids": "naver"}, "ids"),
        ({"stops": [stop("G1")], "city": ""}, "city"),
    ],
)
def test_what_does_not_fit_is_refused(client: FlaskClient, body: Any, field: str) -> None:
    response = client.post(PATH, json=body)
    assert response.status_code == 422
    assert response.content_type == "application/problem+json"
    assert [problem["field"] for problem in response.get_json()["errors"]] == [field]


def test_the_most_that_is_allowed(client: FlaskClient) -> None:
    stops = [stop("G1", 1 + at // 20, 1 + at % 20) for at in range(MAX_STOPS)]
    answer = client.post(PATH, json={"stops": stops, "k": MAX_PACKAGES}).get_json()
    assert answer["n_mapped"] == MAX_STOPS


def test_places_by_name(client: FlaskClient) -> None:
    response = client.get(PLACES, query_string={"q": "오사카성", "city": "OSA", "limit": 10})
    assert response.get_json() == {
        "places": [
            {
                "place_id": "G1",
                "name": "Osaka Castle",
                "name_en": None,
                "name_local": "大阪城",
                "city": "OSA",
                "latitude": CASTLE[0],
                "longitude": CASTLE[1],
                "category": "castle",
                "mapped": True,
                "agency_name": "오사카성",
            }
        ]
    }
    decomposed = unicodedata.normalize("NFD", "오사카성")
    assert client.get(PLACES, query_string={"q": decomposed}).get_json() == response.get_json()
    assert client.get(PLACES, query_string={"q": "!?"}).get_json() == {"places": []}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("", "q"),
        ("q=", "q"),
        ("q=%20", "q"),
        (f"q={'a' * (MAX_QUERY + 1)}", "q"),
        ("q=a&q=b", "q"),
        ("q=a&limit=0", "limit"),
        ("q=a&limit=51", "limit"),
        ("q=a&limit=1.0", "limit"),
        ("q=a&city=", "city"),
        ("q=a&town=b", "town"),
    ],
)
def test_queries_that_are_refused(client: FlaskClient, query: str, field: str) -> None:
    response = client.get(f"{PLACES}?{query}")
    assert response.status_code == 422
    assert [problem["field"] for problem in response.get_json()["errors"]] == [field]


def test_cities(client: FlaskClient) -> None:
    assert client.get(CITIES).get_json() == {
        "cities": [
            {"city": "OSA", "name": "오사카", "n_places": 4, "n_packages": 2},
            {"city": "다낭", "name": "다낭", "n_places": 2, "n_packages": 1},
        ]
    }


def test_what_is_served(client: FlaskClient) -> None:
    (model,) = client.get("/readyz").get_json()["models"]
    assert (model["kind"], model["model"], model["n_items"]) == ("packages", "match-rate", 3)


def test_neither_database_nor_scorer_is_loaded(packages_artifact: Artifact) -> None:
    code = f"""
import sys
from nadeuri.serve.app import create_app
client = create_app({str(packages_artifact.path)!r}).test_client()
body = {{"stops": [{{"place_id": "G1", "day": 1, "order": 1}}]}}
assert client.post({PATH!r}, json=body).status_code == 200
assert client.get({PLACES!r}, query_string={{"q": "오사카"}}).status_code == 200
names = ("torch", "lightgbm", "sqlalchemy", "opencc", "sudachipy", "openai", "streamlit")
print([name for name in names if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == []
