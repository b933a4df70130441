"""Products, their map and known travellers, over the real application and artefacts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from flask import Flask
from flask.testing import FlaskClient
from republish import republish

from nadeuri import columns
from nadeuri.artifact import Artifact
from nadeuri.data.sequences import Dataset
from nadeuri.serve.app import build_app, create_app, open_rooms
from nadeuri.serve.wire_shop import Product, ProductMapResponse, ProductsResponse, Traveller

PRODUCTS, TRAVELLERS = "/v1/products", "/v1/travellers"


@pytest.fixture(scope="module")
def app(travel_artifact: Artifact, viewed_artifact: Artifact) -> Flask:
    return create_app(travel_artifact.path, viewed_artifact.path)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def get(client: FlaskClient, path: str, **query: Any) -> Any:
    response = client.get(path, query_string=query)
    assert response.status_code == 200, response.get_data(as_text=True)
    return response.get_json()


def test_a_page_of_products(client: FlaskClient) -> None:
    answer = get(client, PRODUCTS, q="오사카", category="호텔", limit=2)
    found = ProductsResponse.model_validate(answer)
    assert found.total == 5
    assert len(found.items) == 2
    assert {each.city for each in found.items} == {"오사카"}
    assert found.items[0].clicks >= found.items[1].clicks
    assert found.items[0].fields["category"] == ["호텔"]
    assert {each.value for each in found.facets.category} == {"패키지", "자유여행", "호텔"}
    rest = get(client, PRODUCTS, q="오사카", category="호텔", offset=2)
    codes = [each["item"] for each in (*answer["items"], *rest["items"])]
    assert len(set(codes)) == 5


def test_without_a_choice_all_products_are_there(client: FlaskClient) -> None:
    whole = get(client, PRODUCTS, limit=100)
    assert whole["total"] == len(whole["items"]) == 60
    assert get(client, PRODUCTS, q="", country="", city="", category="", limit=100) == whole
    clicks = [each["clicks"] for each in whole["items"]]
    assert clicks == sorted(clicks, reverse=True)
    assert sum(each["count"] for each in whole["facets"]["country"]) == 60


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=101", "offset=-1", "offset=1000001", "x=1", "q=a&q=b", f"q={'a' * 101}"],
)
def test_queries_that_are_refused(client: FlaskClient, query: str) -> None:
    assert client.get(f"{PRODUCTS}?{query}").status_code == 422


def test_one_product(client: FlaskClient) -> None:
    product = Product.model_validate(get(client, f"{PRODUCTS}/P002"))
    assert (product.name, product.country, product.city) == ("도쿄 여행 1", "일본", "도쿄")
    assert product.fields == {
        "country": ["일본"],
        "city": ["도쿄"],
        "category": ["자유여행"],
        "theme": ["가족", "온천"],
        "price": ["101"],
    }
    response = client.get(f"{PRODUCTS}/없음")
    assert response.status_code == 404
    assert response.content_type == "application/problem+json"


def several_cities(draft: Path) -> None:
    """Let every product be of its city and of 서울, and call each of them by a text of its own."""
    items = pq.read_table(draft / "items.parquet")
    cities = pa.array([[city, "서울"] for city in items[columns.CITY].to_pylist()])
    items = items.set_column(items.schema.get_field_index(columns.CITY), columns.CITY, cities)
    names = pa.array(["도시"] * len(items))
    pq.write_table(items.append_column("city_name", names), draft / "items.parquet")


def test_products_may_have_several_cities(travel_artifact: Artifact, tmp_path: Path) -> None:
    artifact = republish(travel_artifact, tmp_path / "several", change=several_cities)
    client = create_app(artifact.path).test_client()
    assert get(client, f"{PRODUCTS}/P002")["city"] == "도쿄, 서울"
    found = get(client, PRODUCTS, city="도쿄")
    assert (found["total"], found["items"][0]["city"]) == (15, "도쿄, 서울")
    assert {each["value"]: each["count"] for each in found["facets"]["city"]} == {
        "서울": 60,
        **dict.fromkeys(["오사카", "도쿄", "다낭", "제주"], 15),
    }
    answer = client.post("/v1/recommendations", json={"history": ["P002"], "k": 1, "why": True})
    assert answer.get_json()["items"][0]["city"].endswith(", 서울")


def test_the_map_is_of_the_products(client: FlaskClient) -> None:
    (panel,) = ProductMapResponse.model_validate(get(client, f"{PRODUCTS}/map")).panels
    assert panel.model == "meta_prod2vec"
    points = {each.item: each for each in panel.points}
    assert (points["P002"].name, points["P002"].city) == ("도쿄 여행 1", "도쿄")
    assert points["P060"].is_new
    assert not points["P001"].is_new


def test_vectors_without_a_map(
    travel_artifact: Artifact, viewed_artifact: Artifact, tmp_path: Any
) -> None:
    def without(draft: Any) -> None:
        (draft / "map.parquet").unlink()

    bare = republish(viewed_artifact, tmp_path / "bare", change=without)
    client = create_app(travel_artifact.path, bare.path).test_client()
    response = client.get(f"{PRODUCTS}/map")
    assert response.status_code == 404
    assert "no map" in response.get_json()["detail"]
    assert f"{PRODUCTS}/map" not in client.get("/openapi.json").get_json()["paths"]


def test_travellers_with_what_they_looked_at_last(
    client: FlaskClient, travel_dataset: Dataset
) -> None:
    few = get(client, TRAVELLERS, limit=5)["travellers"]
    assert few == get(client, TRAVELLERS, limit=5)["travellers"]
    users = [each["user"] for each in few]
    assert users == sorted(users)
    assert (users[0], users[-1]) == ("손님000", "손님039")
    assert len(get(client, TRAVELLERS, limit=100)["travellers"]) == 40
    for told in few:
        one = Traveller.model_validate(get(client, f"{TRAVELLERS}/{told['user']}"))
        assert [each.item for each in one.last][:5] == [each["item"] for each in told["last"]]
        history = travel_dataset.sequences.history(list(travel_dataset.user_ids).index(one.user))
        newest = list(dict.fromkeys(f"P{item:03}" for item in history[::-1].tolist()))
        assert [each.item for each in one.last] == newest[:20]
        assert one.n_clicks == len(history)


def test_a_traveller_whom_nobody_knows(client: FlaskClient) -> None:
    assert client.get(f"{TRAVELLERS}/처음").status_code == 404


def test_the_document_that_everybody_may_read_names_nobody(
    client: FlaskClient, travel_dataset: Dataset
) -> None:
    document = client.get("/openapi.json").get_data(as_text=True)
    assert TRAVELLERS in document
    assert [user for user in travel_dataset.user_ids if user in document] == []


def test_travellers_can_be_kept_back(travel_artifact: Artifact) -> None:
    (room,) = open_rooms([travel_artifact.path])
    client = build_app([room.without_personal()]).test_client()
    assert client.get(TRAVELLERS).status_code == 404
    assert client.get(PRODUCTS).status_code == 200
    paths = client.get("/openapi.json").get_json()["paths"]
    assert [path for path in paths if path.startswith(TRAVELLERS)] == []


def test_travellers_who_are_kept_back_are_not_counted_in_reasons(
    client: FlaskClient, travel_artifact: Artifact
) -> None:
    (room,) = open_rooms([travel_artifact.path])
    withheld = build_app([room.without_personal()]).test_client()

    def reasons(asked: FlaskClient, **who: Any) -> list[Any]:
        bodies = {"k": 3, "why": True, **who}
        one, named = (
            asked.post(f"/v1/recommendations{name}", json=bodies).get_json()
            for name in ("", "/meta_bert4rec")
        )
        several = asked.post("/v1/recommendations/batch", json={"requests": [bodies]}).get_json()
        assert one == named == several["responses"][0]
        assert len(one["items"]) == 3
        return [each["why"] for each in one["items"]]

    user, history = {"user": "손님000"}, {"history": ["P002", "P006"]}
    assert all(reasons(client, **user))
    assert reasons(withheld, **user) == [None, None, None]
    assert reasons(withheld, **user, **history) == reasons(client, **history)
    assert reasons(withheld) == reasons(client) == [[], [], []]
