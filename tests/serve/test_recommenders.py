"""Several recommenders behind one API, and why they recommend what they do."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from republish import republish

from nadeuri.artifact import Artifact
from nadeuri.errors import ArtifactError
from nadeuri.recommend.predict import Predictor, Query
from nadeuri.serve.app import build_app, create_app, open_rooms
from nadeuri.serve.example_requests import example_requests
from nadeuri.serve.keys import ROOMS
from nadeuri.serve.recommend import RecommenderRoom
from nadeuri.serve.rehearsal import requests_of

PATH = "/v1/recommendations"
HISTORY = ["P001", "P005", "P009"]


@pytest.fixture(scope="module")
def app(travel_artifact: Artifact, plain_artifact: Artifact) -> Flask:
    return create_app(travel_artifact.path, plain_artifact.path)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def codes(client: FlaskClient, path: str) -> list[str]:
    response = client.post(path, json={"history": HISTORY, "k": 20})
    assert response.status_code == 200, response.get_data(as_text=True)
    return [each["item"] for each in response.get_json()["items"]]


def test_each_answers_by_its_name_and_the_first_without(
    client: FlaskClient, travel_artifact: Artifact, plain_artifact: Artifact
) -> None:
    meta, plain = (
        [
            each.item
            for each in Predictor(artifact.path).recommend([Query(None, HISTORY, 20)])[0].items
        ]
        for artifact in (travel_artifact, plain_artifact)
    )
    assert meta != plain
    assert codes(client, PATH) == codes(client, f"{PATH}/meta_bert4rec") == meta
    assert codes(client, f"{PATH}/bert4rec") == plain


def test_a_model_that_is_not_served(client: FlaskClient) -> None:
    response = client.post(f"{PATH}/sasrec", json={})
    assert response.status_code == 404
    assert "meta_bert4rec, bert4rec" in response.get_json()["detail"]


def test_both_are_told_of(client: FlaskClient) -> None:
    models = client.get("/readyz").get_json()["models"]
    assert [(each["kind"], each["model"]) for each in models] == [
        ("recommender", "meta_bert4rec"),
        ("recommender", "bert4rec"),
    ]
    paths = client.get("/openapi.json").get_json()["paths"]
    operation = paths[f"{PATH}/{{model}}"]["post"]
    assert operation["parameters"][0]["example"] == "meta_bert4rec"
    assert "404" in operation["responses"]


def test_a_worker_rehearses_both(app: Flask) -> None:
    asked = {each.url for each in requests_of(app)}
    assert {f"{PATH}/meta_bert4rec", f"{PATH}/bert4rec", "/v1/products?limit=100"} <= asked


def test_only_the_first_makes_what_only_the_first_is_asked_for(
    travel_artifact: Artifact, plain_artifact: Artifact
) -> None:
    rooms = open_rooms([travel_artifact.path, plain_artifact.path])
    build_app(rooms)
    first, second = (vars(room.predictor) for room in rooms if isinstance(room, RecommenderRoom))
    assert {"products", "metadata"} <= set(first), "before the fork"
    assert {"products", "metadata"}.isdisjoint(second)


def test_two_of_one_model_are_refused(travel_artifact: Artifact, tmp_path: Path) -> None:
    twin = republish(travel_artifact, tmp_path / "twin", "twin")
    with pytest.raises(ArtifactError, match=r"hold the model 'meta_bert4rec'.*serve one"):
        build_app(open_rooms([travel_artifact.path, twin.path]))


def test_every_route_belongs_to_a_room_of_keys(
    travel_artifact: Artifact, viewed_artifact: Artifact
) -> None:
    app = create_app(travel_artifact.path, viewed_artifact.path)
    names = set(app.blueprints)
    assert names == {"recommend", "products", "travellers", "also_viewed"}
    assert names <= set(ROOMS)


def test_reasons_are_given_where_they_are_asked_for(client: FlaskClient) -> None:
    plain = client.post(PATH, json={"history": HISTORY, "k": 5}).get_json()["items"]
    assert {each["why"] for each in plain} == {None}
    told = client.post(PATH, json={"history": HISTORY, "k": 30, "why": True}).get_json()["items"]
    assert [each["item"] for each in told][:5] == [each["item"] for each in plain]
    osaka = next(each for each in told if each["city"] == "오사카")  # as P001, P005 and P009 are
    assert osaka["why"][:2] == [
        {"field": "city", "value": "오사카", "count": 3},
        {"field": "country", "value": "일본", "count": 3},
    ]
    assert all(len(each["why"]) <= 3 for each in told)


def test_what_is_popular_has_no_reasons(client: FlaskClient) -> None:
    answer = client.post(PATH, json={"user": "처음", "why": True}).get_json()
    assert answer["source"] == "popular"
    assert {tuple(each["why"]) for each in answer["items"]} == {()}


def test_the_examples_of_the_second_are_answered(app: Flask, plain_artifact: Artifact) -> None:
    (room,) = open_rooms([plain_artifact.path])
    client = app.test_client()
    for each in example_requests(room.every_operation):
        response = client.open(
            each.url, method=each.method, data=each.body, content_type="application/json"
        )
        assert response.status_code == 200, each.url
