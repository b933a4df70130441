"""The room of the API that understands questions."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

from flask import Blueprint, Response

from nadeuri.serve.bodies import json_response, read_body
from nadeuri.serve.openapi import Operation
from nadeuri.serve.room import Room
from nadeuri.serve.wire import (
    QuestionBatchRequest,
    QuestionBatchResponse,
    QuestionRequest,
    QuestionResponse,
    ServedModel,
)
from nadeuri.understand.predict import Answer, QuestionParser

PATH = "/v1/questions"
BATCH_PATH = f"{PATH}/batch"

_EXAMPLE = {"text": "추석 연휴에 부모님과 갈 만한 오사카 패키지 추천해줘"}

OPERATIONS = (
    Operation(
        PATH, "What a question asks and names", QuestionResponse, QuestionRequest, body=_EXAMPLE
    ),
    Operation(
        BATCH_PATH,
        "The same of several",
        QuestionBatchResponse,
        QuestionBatchRequest,
        body={"questions": [_EXAMPLE, {"text": "다낭 3박 5일 날씨는?"}]},
    ),
)

_SEOUL = timezone(timedelta(hours=9))  # without summer time since 1988


def room(parser: QuestionParser) -> Room:
    """The room over an opened artefact, warmed up."""
    parser.warm_up()
    return Room(
        blueprint=_blueprint(parser),
        operations=OPERATIONS,
        served=ServedModel.of(parser.artifact.manifest),
    )


def _blueprint(parser: QuestionParser) -> Blueprint:
    routes = Blueprint("questions", __name__)

    @routes.post(PATH)
    def understand() -> Response:
        asked = read_body(QuestionRequest)
        return json_response(_response(parser.answer(asked.text, today=_today(asked))))

    @routes.post(BATCH_PATH)
    def understand_batch() -> Response:
        asked = read_body(QuestionBatchRequest).questions
        parses = parser.parse([each.text for each in asked])
        answers = [
            _response(parser.described(each.text, found, today=_today(each)))
            for each, found in zip(asked, parses, strict=True)
        ]
        return json_response(QuestionBatchResponse(answers=answers))

    return routes


def _today(asked: QuestionRequest) -> date:
    return asked.today or datetime.now(_SEOUL).date()


def _response(answer: Answer) -> QuestionResponse:
    return QuestionResponse.model_validate(answer.as_json(), strict=False)
