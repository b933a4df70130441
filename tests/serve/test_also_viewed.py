"""What others also viewed, over the real application and artefact."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from nadeuri.artifact import Artifact
from nadeuri.errors import ArtifactError
from nadeuri.recommend.coview.predict import AlsoViewed, Query
from nadeuri.serve.app import create_app

PATH = "/v1/products/{}/also-viewed"


@pytest.fixture
def client(viewed_artifact: Artifact) -> FlaskClient:
    return create_app(viewed_artifact.path).test_client()


def test_the_neighbours_of_a_product(client: FlaskClient, viewed_artifact: Artifact) -> None:
    answer = client.get(PATH.format("P003"), query_string={"k": 5}).get_json()
    expected = AlsoViewed(viewed_artifact.path).answer(Query("P003", k=5))
    assert [row["item"] for row in answer["items"]] == [row.item for row in expected.items]
    assert answer["source"] == "viewed"
    assert "P003" not in {row["item"] for row in answer["items"]}
    scores = [row["score"] for row in answer["items"]]
    assert scores == sorted(scores, reverse=True)


def test_rules_of_the_page(client: FlaskClient) -> None:
    query = {"k": 20, "city": ["오사카", "도쿄"], "per_city": 3}
    answer = client.get(PATH.format("P001"), query_string=query).get_json()
    cities = [row["city"] for row in answer["items"]]
    assert sorted(cities) == ["도쿄"] * 3 + ["오사카"] * 3
    answer = client.get(PATH.format("P001"), query_string={"same_country": "true"}).get_json()
    assert {row["country"] for row in answer["items"]} == {"일본"}
    unknown = client.get(PATH.format("P001"), query_string={"city": "아틀란티스"}).get_json()
    assert unknown["items"] == []
    assert unknown["unknown_filters"] == {"city": ["아틀란티스"]}


def test_an_unknown_product_is_a_404_with_the_nearest_codes(client: FlaskClient) -> None:
    response = client.get(PATH.format("P0O3"))
    assert response.status_code == 404
    assert response.content_type == "application/problem+json"
    assert "P003" in response.get_json()["detail"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("k=0", "k"),
        ("k=101", "k"),
        ("k=ten", "k"),
        ("k=1.0", "k"),
        ("k=+1", "k"),
        ("k=1&k=2", "k"),
        ("city=", "city.0"),
        ("same_country=yes", "same_country"),
        ("per_city=0", "per_city"),
        ("kk=3", "kk"),
    ],
)
def test_what_does_not_fit_is_refused(client: FlaskClient, query: str, field: str) -> None:
    response = client.get(f"{PATH.format('P001')}?{query}")
    assert response.status_code == 422
    assert [problem["field"] for problem in response.get_json()["errors"]] == [field]


def test_both_rooms_in_one_application(
    travel_artifact: Artifact, viewed_artifact: Artifact
) -> None:
    client = create_app(travel_artifact.path, viewed_artifact.path).test_client()
    kinds = [model["kind"] for model in client.get("/readyz").get_json()["models"]]
    assert kinds == ["recommender", "also-viewed"]
    assert client.get(PATH.format("P001")).status_code == 200
    assert client.post("/v1/recommendations", json={}).status_code == 200
    paths = client.get("/openapi.json").get_json()["paths"]
    assert "/v1/products/{code}/also-viewed" in paths


def test_two_artefacts_of_a_kind_are_refused(viewed_artifact: Artifact) -> None:
    with pytest.raises(ArtifactError, match="of the kind 'also-viewed' as well"):
        create_app(viewed_artifact.path, viewed_artifact.path)
