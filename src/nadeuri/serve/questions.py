"""The room of the API that understands questions."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime, timedelta, timezone

from flask import Blueprint, Response

from nadeuri.serve.bodies import json_response, read_body
from nadeuri.serve.openapi import Operation
from nadeuri.serve.room import Room
from nadeuri.serve.wire import (
    Intent,
    QuestionBatchRequest,
    QuestionBatchResponse,
    QuestionEntity,
    QuestionRequest,
    QuestionResponse,
    ServedModel,
)
from nadeuri.understand.predict import Answer, Entity, QuestionParser
from nadeuri.understand.values.budgets import Budget
from nadeuri.understand.values.durations import Duration
from nadeuri.understand.values.normalise import Value
from nadeuri.understand.values.parties import Party
from nadeuri.understand.values.ranges import DateRange

PATH = "/v1/questions"
BATCH_PATH = f"{PATH}/batch"

OPERATIONS = (
    Operation(PATH, "What a question asks and names", QuestionResponse, QuestionRequest),
    Operation(BATCH_PATH, "The same of several", QuestionBatchResponse, QuestionBatchRequest),
)

_SEOUL = timezone(timedelta(hours=9))  # without summer time since 1988
_KINDS = {DateRange: "date", Duration: "duration", Party: "party", Budget: "budget"}


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
    intent = None
    if answer.intent is not None:
        intent = Intent(name=answer.intent, confidence=answer.intent_confidence)
    return QuestionResponse(
        text=answer.text, intent=intent, entities=[_entity(each) for each in answer.entities]
    )


def _entity(entity: Entity) -> QuestionEntity:
    fields = {
        **vars(entity),
        "value": entity.value and _value(entity.value),
        "link": entity.link and asdict(entity.link),
    }
    return QuestionEntity.model_validate(fields, strict=False)


def _value(value: Value) -> dict[str, object]:
    return {"kind": _KINDS[type(value)], **value.as_json()}
