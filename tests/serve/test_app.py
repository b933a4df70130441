"""The API's answers and errors, over the real application and artefact."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from nadeuri.artifact import Artifact
from nadeuri.data.sequences import Dataset
from nadeuri.errors import ArtifactError
from nadeuri.recommend.predict import Predictor, Query
from nadeuri.serve.app import create_app
from nadeuri.serve.wire import MAX_BATCH, Problem

PATH = "/v1/recommendations"


@pytest.fixture(scope="module")
def app(travel_artifact: Artifact) -> Flask:
    return create_app(travel_artifact.path)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def check_problem(response: TestResponse, status: int) -> dict[str, Any]:
    """A well-formed problem document whose status and request id agree with the response's."""
    assert response.status_code == status
    assert response.content_type == "application/problem+json"
    problem = Problem.model_validate_json(response.data)
    assert problem.status == status
    assert problem.title
    assert problem.request_id == response.headers["X-Request-ID"]
    body: dict[str, Any] = json.loads(response.data)
    return body


def test_a_list_for_a_history(client: FlaskClient, travel_artifact: Artifact) -> None:
    body = {"history": ["P001", "P002"], "k": 3, "filters": {"country": ["일본"]}}
    response = client.post(PATH, json=body)
    assert response.status_code == 200
    assert response.content_type == "application/json"
    assert "일본".encode() in response.data, "Hangul leaves as itself, not as escapes"
    query = Query(history=["P001", "P002"], k=3, filters={"country": ["일본"]})
    (expected,) = Predictor(travel_artifact.path).recommend([query])
    answer = response.get_json()
    assert [row["item"] for row in answer["items"]] == [row.item for row in expected.items]
    assert [row["rank"] for row in answer["items"]] == [1, 2, 3]
    assert set(answer["items"][0]) == {
        "rank",
        "item",
        "name",
        "country",
        "city",
        "category",
        "score",
        "why",
    }
    assert answer["source"] == "personalised"


def test_known_and_unknown_users(client: FlaskClient, travel_dataset: Dataset) -> None:
    known = client.post(PATH, json={"user": travel_dataset.user_ids[0]}).get_json()
    assert (known["source"], known["unknown_user"]) == ("personalised", False)
    unknown = client.post(PATH, json={"user": "처음", "filters": {"city": ["다낭"]}}).get_json()
    assert (unknown["source"], unknown["unknown_user"]) == ("popular", True)
    assert len(unknown["items"]) == 10
    assert {row["city"] for row in unknown["items"]} == {"다낭"}


def test_what_is_unknown_is_reported(client: FlaskClient) -> None:
    body = {"history": ["없는상품", "P001"], "filters": {"city": ["평양"]}}
    answer = client.post(PATH, json=body).get_json()
    assert answer["unknown_items"] == ["없는상품"]
    assert answer["unknown_filters"] == {"city": ["평양"]}
    assert answer["items"] == []


def test_exclude_seen_is_a_choice(client: FlaskClient) -> None:
    history = [f"P{i:03}" for i in range(1, 60)]
    kept = client.post(PATH, json={"history": history, "exclude_seen": False, "k": 100})
    left = client.post(PATH, json={"history": history, "k": 100})
    assert len(kept.get_json()["items"]) == 60
    assert [row["item"] for row in left.get_json()["items"]] == ["P060"]


def test_a_batch_is_the_single_answers(client: FlaskClient, travel_dataset: Dataset) -> None:
    requests = [
        {"user": travel_dataset.user_ids[1], "k": 2},
        {"history": ["P003", "?"], "filters": {"category": ["호텔"]}},
        {},
    ]
    batch = client.post(f"{PATH}/batch", json={"requests": requests})
    assert batch.status_code == 200
    alone = [client.post(PATH, json=each).get_json() for each in requests]
    for together, single in zip(batch.get_json()["responses"], alone, strict=True):
        assert [row.pop("score") for row in together["items"]] == pytest.approx(
            [row.pop("score") for row in single["items"]], rel=1e-4
        )
        assert together == single


@pytest.mark.parametrize(
    ("body", "field", "message"),
    [
        ({"k": 0}, "k", "greater than or equal to 1"),
        ({"k": 101}, "k", "less than or equal to 100"),
        ({"k": True}, "k", "integer"),
        ({"k": "10"}, "k", "integer"),
        ({"k": 1.5}, "k", "integer"),
        ({"history": "P001"}, "history", "array"),
        ({"history": [1]}, "history.0", "string"),
        ({"history": [""]}, "history.0", "at least 1 character"),
        ({"history": ["P"] * 1001}, "history", "at most 1000"),
        ({"filters": {"city": []}}, "filters.city", "at least 1 item"),
        ({"filters": {"city": "다낭"}}, "filters.city", "array"),
        ({"exclude_seen": 1}, "exclude_seen", "boolean"),
        ({"역사": []}, "역사", "not permitted"),
        ([], "", "object"),
    ],
)
def test_invalid_bodies_name_the_field(
    client: FlaskClient, body: Any, field: str, message: str
) -> None:
    problem = check_problem(client.post(PATH, json=body), 422)
    assert problem["errors"][0]["field"] == field
    assert message in problem["errors"][0]["message"]
    assert field in problem["detail"]


def test_whole_numbers_are_integers_to_json(client: FlaskClient) -> None:
    response = client.post(PATH, data=b'{"k": 2.0}', content_type="application/json")
    assert len(response.get_json()["items"]) == 2


def test_an_unknown_filter_field_is_named_readably(client: FlaskClient) -> None:
    response = client.post(PATH, json={"filters": {"도시": ["다낭"]}})
    problem = check_problem(response, 422)
    assert problem["detail"].startswith("filters.도시: no such field")
    assert "도시".encode() in response.data
    batch = client.post(f"{PATH}/batch", json={"requests": [{}, {"filters": {"도시": ["다낭"]}}]})
    check_problem(batch, 422)


def test_batch_size_is_bounded(client: FlaskClient) -> None:
    too_many = {"requests": [{"k": 1}] * (MAX_BATCH + 1)}
    check_problem(client.post(f"{PATH}/batch", json=too_many), 422)
    check_problem(client.post(f"{PATH}/batch", json={"requests": []}), 422)
    most = client.post(f"{PATH}/batch", json={"requests": [{"k": 1}] * MAX_BATCH})
    assert len(most.get_json()["responses"]) == MAX_BATCH


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b'{"k": NaN}',
        b'{"user": "\\ud800"}',
        b"[" * 100_000,
        b"{'k': 1}",
    ],
)
def test_what_is_not_json_is_400(client: FlaskClient, content: bytes) -> None:
    response = client.post(PATH, data=content, content_type="application/json")
    assert response.status_code in (400, 422)
    check_problem(response, response.status_code)
    if content != b'{"k": NaN}':  # a common extension of JSON; NaN is then no integer
        assert response.status_code == 400


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_other_content_types_are_415(client: FlaskClient, content_type: str) -> None:
    problem = check_problem(client.post(PATH, data=b"{}", content_type=content_type), 415)
    assert "application/json" in problem["detail"]


def test_unknown_paths_are_404(client: FlaskClient) -> None:
    check_problem(client.get("/v1/없는길"), 404)
    check_problem(client.get("/static/x"), 404)


def test_other_methods_are_405_with_allow(client: FlaskClient) -> None:
    response = client.get(PATH)
    check_problem(response, 405)
    assert set(response.headers["Allow"].split(", ")) == {"POST", "OPTIONS"}
    check_problem(client.delete("/healthz"), 405)


def test_large_bodies_are_413(travel_artifact: Artifact) -> None:
    client = create_app(travel_artifact.path, max_body_bytes=100).test_client()

    def post(length: int) -> TestResponse:
        return client.post(PATH, data=b"{}".ljust(length), content_type="application/json")

    assert post(100).status_code == 200
    for length in (101, 102, 10_000):
        check_problem(post(length), 413)


def test_failures_inside_are_500_without_their_secrets(
    travel_artifact: Artifact, caplog: pytest.LogCaptureFixture
) -> None:
    app = create_app(travel_artifact.path)

    @app.get("/broken")
    def broken() -> str:
        raise RuntimeError("password=hunter2")

    problem = check_problem(app.test_client().get("/broken"), 500)
    assert "hunter2" not in json.dumps(problem)
    assert problem["request_id"] in problem["detail"]
    assert any(
        problem["request_id"] in record.getMessage() and record.exc_info
        for record in caplog.records
    )


def test_request_ids_are_taken_over_or_made(client: FlaskClient) -> None:
    taken = client.get("/healthz", headers={"X-Request-ID": "trace-1.2_3"})
    assert taken.headers["X-Request-ID"] == "trace-1.2_3"
    made = [client.get("/healthz").headers["X-Request-ID"] for _ in range(2)]
    assert made[0] != made[1]
    for bad in ("a b", "x" * 129, "é", '"><script>'):
        replaced = client.get("/healthz", headers={"X-Request-ID": bad})
        assert re.fullmatch("[0-9a-f]{32}", replaced.headers["X-Request-ID"])


def test_health_and_readiness(client: FlaskClient, travel_artifact: Artifact) -> None:
    assert client.get("/healthz").get_json() == {"status": "ok"}
    (ready,) = client.get("/readyz").get_json()["models"]
    assert ready["version"] == travel_artifact.version
    assert ready["model"] == "meta_bert4rec"
    assert (ready["n_items"], ready["n_users"]) == (60, 40)


def test_openapi_lists_what_can_be_filtered(client: FlaskClient) -> None:
    document = client.get("/openapi.json").get_json()
    assert document["openapi"] == "3.1.0"
    asked = {PATH, f"{PATH}/batch", f"{PATH}/{{model}}"}
    shop = {"/v1/products", "/v1/products/{code}", "/v1/travellers", "/v1/travellers/{user}"}
    assert set(document["paths"]) == asked | shop | {"/healthz", "/readyz", "/metrics"}
    filters = document["components"]["schemas"]["RecommendationRequest"]["properties"]["filters"]
    assert filters["propertyNames"] == {"enum": ["country", "city", "category", "theme"]}
    references = set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(document)))
    assert references <= set(document["components"]["schemas"])


def test_a_damaged_artefact_is_not_served(travel_artifact: Artifact, tmp_path: Any) -> None:
    with pytest.raises(ArtifactError, match="not an artefact folder"):
        create_app(tmp_path)
