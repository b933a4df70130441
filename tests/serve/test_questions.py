"""The question room, over the real application and artefact."""

from __future__ import annotations

import json
import subprocess
import sys
import unicodedata
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient

from nadeuri import columns
from nadeuri.artifact import Artifact
from nadeuri.data.questions import Question
from nadeuri.serve.app import create_app
from nadeuri.serve.wire import MAX_BATCH, MAX_QUESTION, MAX_QUESTION_IN_BATCH

PATH = "/v1/questions"
TODAY = "2026-11-28"
TEXT = "다음 달 둘째 주 일본 2박 3일 4인 가족 100만원대 상품 추천해 주세요"


@pytest.fixture(scope="module")
def app(question_artifact: Artifact) -> Flask:
    return create_app(question_artifact.path)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def _exactly(number: int) -> dict[str, int]:
    return {"min": number, "max": number}


def test_a_question_understood(client: FlaskClient) -> None:
    response = client.post(PATH, json={"text": TEXT, "today": TODAY})
    assert response.status_code == 200
    assert "일본".encode() in response.data, "Hangul leaves as itself, not as escapes"
    answer = response.get_json()
    assert answer["text"] == TEXT
    assert answer["intent"]["name"] == columns.PRODUCT_INTENT
    assert 0.5 < answer["intent"]["confidence"] <= 1
    assert [(entity["text"], entity["label"]) for entity in answer["entities"]] == [
        ("다음 달 둘째 주", columns.DATE_LABEL),
        ("일본", columns.COUNTRY_LABEL),
        ("2박 3일", columns.DURATION_LABEL),
        ("4인 가족", columns.PARTY_LABEL),
        ("100만원대", columns.BUDGET_LABEL),
    ]
    for entity in answer["entities"]:
        assert TEXT[entity["start"] : entity["end"]] == entity["text"]
        assert 0.5 < entity["confidence"] <= 1
    assert [entity["value"] for entity in answer["entities"]] == [
        {"kind": "date", "start": "2026-12-07", "end": "2026-12-13", "granularity": "week"},
        None,
        {"kind": "duration", "nights": _exactly(2), "days": _exactly(3)},
        {
            "kind": "party",
            "total": _exactly(4),
            **dict.fromkeys(("adults", "children", "infants", "seniors")),
        },
        {
            "kind": "budget",
            "min_amount": 1_000_000,
            "max_amount": 1_999_999,
            "currency": "KRW",
            "per_person": None,
        },
    ]
    links = [entity["link"] for entity in answer["entities"]]
    assert links == [
        None,
        {
            "code": "JP",
            "name": "일본",
            "label": columns.COUNTRY_LABEL,
            "country": "JP",
            "kind": "exact",
            "confidence": 1.0,
        },
        *[None] * 3,
    ]


def test_today_is_today_in_seoul(client: FlaskClient) -> None:
    before = datetime.now(ZoneInfo("Asia/Seoul")).date()
    answer = client.post(PATH, json={"text": "내일 일본 날씨는?"}).get_json()
    after = datetime.now(ZoneInfo("Asia/Seoul")).date()
    days = {(day + timedelta(days=1)).isoformat() for day in (before, after)}
    assert answer["entities"][0]["value"]["start"] in days
    null = client.post(PATH, json={"text": "내일 일본 날씨는?", "today": None})
    assert null.get_json()["entities"][0]["value"]["start"] in days


def test_an_answer_that_is_kept_goes_by_the_new_today(client: FlaskClient) -> None:
    starts = []
    for today in ("2026-01-01", "2027-12-31", "0001-01-01", "9999-12-30"):
        response = client.post(PATH, json={"text": "내일 일본 날씨는?", "today": today})
        starts.append(response.get_json()["entities"][0]["value"]["start"])
    assert starts == ["2026-01-02", "2028-01-01", "0001-01-02", "9999-12-31"]
    last = client.post(PATH, json={"text": "내일 일본 날씨는?", "today": "9999-12-31"})
    assert last.get_json()["entities"][0]["value"] is None, "there is no such day"


def test_offsets_refer_to_the_composed_text(client: FlaskClient) -> None:
    decomposed = unicodedata.normalize("NFD", TEXT)
    assert len(decomposed) > len(TEXT)
    answer = client.post(PATH, json={"text": decomposed, "today": TODAY}).get_json()
    assert answer == client.post(PATH, json={"text": TEXT, "today": TODAY}).get_json()
    assert answer["text"] == TEXT
    longest = unicodedata.normalize("NFD", "각" * MAX_QUESTION)
    assert client.post(PATH, json={"text": longest}).status_code == 200
    assert client.post(PATH, json={"text": longest + "각"}).status_code == 422


def test_a_batch_is_the_single_answers(
    client: FlaskClient, travel_questions: list[Question]
) -> None:
    asked = [
        {"text": question.text, "today": f"2026-{1 + number % 12:02}-15"}
        for number, question in enumerate(travel_questions[:MAX_BATCH])
    ]
    response = client.post(f"{PATH}/batch", json={"questions": asked})
    assert response.status_code == 200
    answers = response.get_json()["answers"]
    for each, answer in zip(asked, answers, strict=True):
        alone = client.post(PATH, json=each).get_json()
        assert _without_confidence(answer) == _without_confidence(alone)
        assert _confidences(answer) == pytest.approx(_confidences(alone), abs=0.02)


@pytest.mark.parametrize(
    ("body", "field", "message"),
    [
        ({}, "text", "required"),
        ({"text": None}, "text", "string"),
        ({"text": 1}, "text", "string"),
        ({"text": ["일본"]}, "text", "string"),
        ({"text": ""}, "text", "at least 1 character"),
        ({"text": " \t\n\u3000\u2028\x1f"}, "text", "pattern"),
        ({"text": "가" * (MAX_QUESTION + 1)}, "text", "at most 10000"),
        ({"text": "일본", "today": "내일"}, "today", "YYYY-MM-DD"),
        ({"text": "일본", "today": "2026-02-30"}, "today", "day is out of range"),
        ({"text": "일본", "today": "2026-11-28T00:00:00"}, "today", "YYYY-MM-DD"),
        ({"text": "일본", "today": "20261128"}, "today", "YYYY-MM-DD"),
        ({"text": "일본", "today": "２０２６-11-28"}, "today", "YYYY-MM-DD"),
        ({"text": "일본", "today": 20261128}, "today", "date"),
        ({"text": "일본", "today": 0}, "today", "date"),
        ({"text": "일본", "user": "1"}, "user", "not permitted"),
    ],
)
def test_invalid_bodies_name_the_field(
    client: FlaskClient, body: Any, field: str, message: str
) -> None:
    response = client.post(PATH, json=body)
    assert response.status_code == 422
    assert response.content_type == "application/problem+json"
    problem = response.get_json()
    assert problem["errors"][0]["field"] == field
    assert message in problem["errors"][0]["message"]
    batch = client.post(f"{PATH}/batch", json={"questions": [{"text": "일본"}, body]})
    assert batch.status_code == 422
    assert batch.get_json()["errors"][0]["field"] == f"questions.1.{field}"


def test_batch_size_is_bounded(client: FlaskClient) -> None:
    too_many = {"questions": [{"text": "일본"}] * (MAX_BATCH + 1)}
    assert client.post(f"{PATH}/batch", json=too_many).status_code == 422
    assert client.post(f"{PATH}/batch", json={"questions": []}).status_code == 422
    too_long = {"questions": [{"text": "가" * (MAX_QUESTION_IN_BATCH + 1)}]}
    assert client.post(f"{PATH}/batch", json=too_long).status_code == 422


def test_the_model_it_serves(client: FlaskClient, question_artifact: Artifact) -> None:
    (ready,) = client.get("/readyz").get_json()["models"]
    assert ready["kind"] == "questions"
    assert ready["version"] == question_artifact.version
    assert ready["model"] == "characters-tiny"
    assert (ready["n_items"], ready["n_users"]) == (None, None)


def test_openapi_describes_values_by_their_kind(client: FlaskClient) -> None:
    document = client.get("/openapi.json").get_json()
    assert {PATH, f"{PATH}/batch"} <= set(document["paths"])
    schemas = document["components"]["schemas"]
    value = schemas["QuestionEntity"]["properties"]["value"]
    union = next(each for each in value["anyOf"] if "oneOf" in each)
    assert set(union["discriminator"]["mapping"]) == {"date", "duration", "party", "budget"}
    for reference in union["discriminator"]["mapping"].values():
        assert "kind" in schemas[reference.rpartition("/")[2]]["required"]
    assert schemas["DateValue"]["properties"]["start"]["format"] == "date"
    assert "holiday" in schemas["DateValue"]["properties"]["granularity"]["enum"]
    text = schemas["QuestionRequest"]["properties"]["text"]
    assert (text["minLength"], text["maxLength"]) == (1, MAX_QUESTION)
    assert json.dumps(document).count("RecommendationRequest") == 0


def test_beside_the_other_rooms(
    travel_artifact: Artifact, viewed_artifact: Artifact, question_artifact: Artifact
) -> None:
    paths = (travel_artifact.path, viewed_artifact.path, question_artifact.path)
    client = create_app(*paths).test_client()
    kinds = [model["kind"] for model in client.get("/readyz").get_json()["models"]]
    assert kinds == ["recommender", "also-viewed", "questions"]
    assert client.post(PATH, json={"text": TEXT}).status_code == 200
    assert client.post("/v1/recommendations", json={}).status_code == 200


def test_the_room_is_warm_when_it_opens(question_artifact: Artifact) -> None:
    """Holidays, fuzzy links and whatever else: the first question imports nothing more."""
    program = (
        "import sys\n"
        "from nadeuri.serve.app import create_app\n"
        "client = create_app(sys.argv[1]).test_client()\n"
        "client.get('/healthz')\n"
        "before = set(sys.modules)\n"
        "for text in ('추석 연휴 일븐 상품 추천해 주세요', sys.argv[2]):\n"
        "    assert client.post('/v1/questions', json={'text': text}).status_code == 200\n"
        "late = {name for name in set(sys.modules) - before if not name.startswith('werkzeug')}\n"
        "assert not late, late\n"
        "heavy = {'torch', 'mlflow', 'transformers', 'onnx', 'duckdb'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(question_artifact.path), TEXT],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def _without_confidence(answer: dict[str, Any]) -> Any:
    intent = answer["intent"] and answer["intent"]["name"]
    kept = [{k: v for k, v in e.items() if k != "confidence"} for e in answer["entities"]]
    return answer["text"], intent, kept


def _confidences(answer: dict[str, Any]) -> list[float]:
    return [each["confidence"] for each in (answer["intent"], *answer["entities"])]
