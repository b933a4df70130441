"""The review queue, over the real application and a real database."""

from __future__ import annotations

import threading
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient
from packages_world import evidence, write_review_store

from nadeuri import columns
from nadeuri.match.store import reviews
from nadeuri.match.store.database import MappingStore
from nadeuri.match.store.labels import words
from nadeuri.match.store.publish import publish_labels
from nadeuri.match.store.reviews import Item
from nadeuri.match.store.versions import mapping
from nadeuri.serve import reviews as review_room
from nadeuri.serve.app import build_app
from nadeuri.serve.room import start_rooms, stop_rooms
from nadeuri.serve.wire import ServedModel

PATH = "/v1/places/reviews"
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


@pytest.fixture
def url(tmp_path: Path) -> str:
    return write_review_store(tmp_path)


@pytest.fixture
def app(url: str) -> Iterator[Flask]:
    app = build_app([review_room.room(lambda: MappingStore(url), SERVED)])
    start_rooms(app)
    yield app
    stop_rooms(app)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def decision(right: str | None, relation: str, version: int = 1, **more: Any) -> dict[str, Any]:
    return {"relation": relation, "right": right, "reviewer": "김검토", "version": version} | more


def test_the_queue(client: FlaskClient) -> None:
    answer = client.get(PATH).get_json()
    assert answer["n_open"] == 2
    first, second = answer["reviews"]
    assert first["left"]["place_id"] == "A4", "what is doubted most"
    assert (first["left"]["name"], first["left"]["phone"]) == ("호젠지 골목", None)
    assert first["version"] == 1
    assert [
        (each["place_id"], each["probability"], each["metres"]) for each in first["candidates"]
    ] == [("G4", 0.6, 40.0), ("G7", 0.4, None)]
    assert first["evidence"] == {
        "reason": "uncertain",
        "doubt": 0.9,
        "said": [{"step": "select", "prompt": "0", "right": "G4", "relation": None}],
        "lost_to": None,
        "fault": None,
    }
    assert second["evidence"]["lost_to"] == "A4"
    part = client.get(PATH, query_string={"limit": 1, "offset": 1}).get_json()
    assert (part["reviews"], part["n_open"]) == ([second], 2)
    assert client.get(PATH, query_string={"offset": 9}).get_json()["reviews"] == []


def test_a_decision_closes_a_place_and_becomes_a_label(client: FlaskClient, url: str) -> None:
    response = client.post(f"{PATH}/A4", json=decision("G4", "same"))
    assert (response.status_code, response.get_json()) == (200, {"n_open": 1, "version": 2})
    with MappingStore(url) as store, store.begin() as connection:
        same = words(connection)["A4"].same
        assert same is not None
        assert (same.right, same.reviewer) == ("G4", "김검토")
        assert publish_labels(connection) == 2
        assert mapping(connection)["A4"] == "G4"


def test_a_refused_candidate_leaves_the_others(client: FlaskClient) -> None:
    first = client.post(f"{PATH}/A4", json=decision("G4", "nearby")).get_json()
    assert first == {"n_open": 2, "version": 2}
    second = client.post(f"{PATH}/A4", json=decision("G7", "different", 2)).get_json()
    assert second == {"n_open": 1, "version": 3}


def test_none_of_them(client: FlaskClient) -> None:
    assert client.post(f"{PATH}/A4", json=decision(None, "different")).get_json()["n_open"] == 1


def test_the_same_decision_again_changes_nothing(client: FlaskClient) -> None:
    once = client.post(f"{PATH}/A4", json=decision("G4", "same")).get_json()
    assert client.post(f"{PATH}/A4", json=decision("G4", "same")).get_json() == once


def test_a_decision_can_be_taken_back(client: FlaskClient, url: str) -> None:
    version = client.post(f"{PATH}/A4", json=decision("G4", "same")).get_json()["version"]
    again = client.post(f"{PATH}/A4", json=decision("G7", "same", version))
    assert again.status_code == 200
    with MappingStore(url) as store, store.reading() as connection:
        same = words(connection)["A4"].same
    assert same is not None
    assert same.right == "G7"


def test_who_comes_second_is_told(client: FlaskClient) -> None:
    assert client.post(f"{PATH}/A4", json=decision("G4", "same")).status_code == 200
    late = client.post(f"{PATH}/A4", json=decision("G7", "same", reviewer="이검토"))
    assert late.status_code == 409
    assert late.content_type == "application/problem+json"
    assert "somebody decided" in late.get_json()["detail"]


def test_new_evidence_is_a_conflict(client: FlaskClient, url: str) -> None:
    with MappingStore(url) as store, store.begin() as connection:
        reviews.put(connection, [Item("A4", "uncertain", 0.9, evidence("A4", "호젠지", "G7"))])
    assert client.post(f"{PATH}/A4", json=decision("G4", "same")).status_code == 409
    shown = client.get(PATH).get_json()["reviews"][0]
    assert shown["version"] == 2


@pytest.mark.parametrize("left", ["A1", "없는 곳", "%00", "a%20b", "..", "%F0%9F%98%80", "A4%20"])
def test_a_place_that_nobody_is_asked_about(client: FlaskClient, left: str) -> None:
    response = client.post(f"{PATH}/{left}", json=decision("G4", "same"))
    assert response.status_code == 404
    assert response.content_type == "application/problem+json"


def test_an_id_in_any_unicode_form(client: FlaskClient, url: str) -> None:
    with MappingStore(url) as store, store.begin() as connection:
        reviews.put(connection, [Item("각", "uncertain", 0.1, evidence("각", "궁", "한"))])
    left, right = (unicodedata.normalize("NFD", text) for text in ("각", "한"))
    response = client.post(f"{PATH}/{left}", json=decision(right, "same"))
    assert response.status_code == 200


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "relation"),
        (decision("G4", "equal"), "relation"),
        (decision(None, "same"), ""),
        (decision("", "same"), "right"),
        (decision("G4", "same", reviewer=" "), "reviewer"),
        (decision("G4", "same", reviewer="a\u0000b"), "reviewer"),
        (decision("G4", "same", 0), "version"),
        (decision("G4", "same", note="x"), "note"),
    ],
)
def test_what_does_not_fit_is_refused(client: FlaskClient, body: Any, field: str) -> None:
    response = client.post(f"{PATH}/A4", json=body)
    assert response.status_code == 422
    assert response.get_json()["errors"][0]["field"] == field


def test_only_candidates_can_be_chosen(client: FlaskClient) -> None:
    response = client.post(f"{PATH}/A4", json=decision("G1", "same"))
    assert response.status_code == 404
    assert "no candidate of A4" in response.get_json()["detail"]


def test_evidence_without_tables_is_shown(client: FlaskClient, url: str) -> None:
    """What :mod:`nadeuri.match.store.publish` knows of a place that lost its match."""
    bare = {
        "place": {columns.PLACE_ID: "A9"},
        "candidates": [{columns.RIGHT: "G9", columns.PROBABILITY: None}],
        "said": [],
    }
    with MappingStore(url) as store, store.begin() as connection:
        reviews.put(connection, [Item("A9", "contested", 1.0, bare)])
    shown = client.get(PATH).get_json()["reviews"][0]
    assert (shown["left"]["name"], shown["candidates"][0]["name"]) == ("A9", "G9")
    assert shown["candidates"][0]["probability"] is None


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "offset=-1", "offset=1000001", "x=1"])
def test_queries_that_are_refused(client: FlaskClient, query: str) -> None:
    assert client.get(f"{PATH}?{query}").status_code == 422


def test_of_many_at_once_one_wins(match_server: Any) -> None:
    """Two processes and eight people: one decision is kept, the others are told."""
    address = f"{match_server.url}{PATH}"
    shown = requests.get(address, timeout=30).json()
    (review,) = [each for each in shown["reviews"] if each["left"]["place_id"] == "A7"]
    codes: list[int] = []

    def decide(number: int) -> None:
        body = decision("G4", "nearby", review["version"], reviewer=f"검토자 {number}")
        codes.append(requests.post(f"{address}/A7", json=body, timeout=60).status_code)

    people = [threading.Thread(target=decide, args=(number,)) for number in range(8)]
    for each in people:
        each.start()
    for each in people:
        each.join()
    assert sorted(codes) == [200] + [409] * 7
    assert requests.get(address, timeout=30).json()["n_open"] == shown["n_open"] - 1
