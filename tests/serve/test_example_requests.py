"""The documented examples are requests that are answered."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from republish import republish

from nadeuri import columns
from nadeuri.artifact import Artifact
from nadeuri.serve import also_viewed, products, travellers
from nadeuri.serve.app import build_app, open_rooms
from nadeuri.serve.example_requests import example_requests
from nadeuri.serve.openapi import path_example
from nadeuri.serve.rehearsal import requests_of

MODELS = ("travel_artifact", "viewed_artifact", "question_artifact", "packages_artifact")


@pytest.mark.parametrize("model", MODELS)
def test_every_operation_has_one_that_is_answered_without_the_files(
    model: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """What serves must not need its folder: a newer artefact takes its place."""
    artifact: Artifact = request.getfixturevalue(model)
    folder = tmp_path / "served"
    shutil.copytree(artifact.path, folder)
    (room,) = open_rooms([folder])
    shutil.rmtree(folder)
    client = build_app([room]).test_client()
    examples = example_requests(room.every_operation)
    assert [each.operation for each in examples] == list(room.every_operation)
    for each in examples:
        response = client.open(
            each.url, method=each.method, data=each.body, content_type="application/json"
        )
        assert response.status_code == 200, response.get_data(as_text=True)
        assert json.loads(response.data)


def test_they_ask_the_model_and_are_documented(travel_artifact: Artifact) -> None:
    (room,) = open_rooms([travel_artifact.path])
    client = build_app([room]).test_client()
    one, several, named = example_requests(room.operations)
    assert named.url == "/v1/recommendations/meta_bert4rec"
    answer = client.post(one.url, data=one.body, content_type="application/json").get_json()
    assert answer["source"] == "personalised"
    assert answer["unknown_items"] == []
    paths = client.get("/openapi.json").get_json()["paths"]
    for each in (one, several, named):
        content = paths[each.operation.path]["post"]["requestBody"]["content"]["application/json"]
        assert each.body is not None
        assert content["example"] == json.loads(each.body)


def test_examples_of_a_query_are_in_the_url_and_in_the_document(
    packages_artifact: Artifact,
) -> None:
    (room,) = open_rooms([packages_artifact.path])
    (places,) = (
        each for each in example_requests(room.operations) if each.url.startswith("/v1/places?")
    )
    assert places.url == "/v1/places?q=%EC%8B%9C%EC%9E%A5"
    app = build_app([room])
    paths = app.test_client().get("/openapi.json").get_json()["paths"]
    (q,) = (each for each in paths["/v1/places"]["get"]["parameters"] if each["name"] == "q")
    assert q["example"] == "시장"


def with_slashes(draft: Path) -> None:
    """Give products codes, and users ids, as base64 has them."""
    items = pq.read_table(draft / "items.parquet")
    codes = pa.array([f"{code}/=" for code in items[columns.ITEM].to_pylist()])
    pq.write_table(
        items.set_column(items.schema.get_field_index(columns.ITEM), columns.ITEM, codes),
        draft / "items.parquet",
    )
    if (draft / "users.arrow").exists():
        users = pa.ipc.open_file((draft / "users.arrow").read_bytes()).read_all()
        ids = pa.array([f"{user}/=" for user in users[columns.USER].to_pylist()])
        with pa.ipc.new_file(draft / "users.arrow", users.schema) as writer:
            writer.write_table(users.set_column(0, columns.USER, ids))


@pytest.mark.parametrize("model", ["travel_artifact", "viewed_artifact"])
def test_ids_that_no_path_can_carry_are_no_examples(
    model: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    artifact: Artifact = request.getfixturevalue(model)
    (room,) = open_rooms([republish(artifact, tmp_path / "new", change=with_slashes).path])
    app = build_app([room])
    client = app.test_client()
    assert {each.send(client) for each in requests_of(app)} == {200}
    asked = {each.operation.path for each in example_requests(room.every_operation)}
    left_out = {products.PRODUCT_PATH, travellers.TRAVELLER_PATH, also_viewed.PATH}
    assert asked == {op.path for op in room.every_operation} - left_out


@pytest.mark.parametrize("value", [None, "", "a/b", "a" * 101])
def test_values_without_a_path(value: str | None) -> None:
    assert path_example("code", value) == {}
    assert path_example("code", "a +%?#나") == {"code": "a +%?#나"}
