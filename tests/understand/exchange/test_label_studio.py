from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

import pytest

from nadeuri.data.questions import Question, Span
from nadeuri.errors import DataError
from nadeuri.understand.exchange import label_studio
from nadeuri.understand.exchange.imported import (
    BAD_SPAN,
    CANCELLED,
    MISSING_TEXT,
    NOT_ANNOTATED,
    Imported,
)
from nadeuri.understand.labels import load_scheme

TEXT = "😀👍 일본 가자"
Result = dict[str, object]


def mark(
    start: int, end: int, text: str | None = "일본", labels: Sequence[str] = ("국가",)
) -> Result:
    value: Result = {"start": start, "end": end, "labels": list(labels)}
    if text is not None:
        value["text"] = text
    return {"from_name": "label", "to_name": "text", "type": "labels", "value": value}


def choice(name: str) -> Result:
    return {
        "from_name": "intent",
        "to_name": "text",
        "type": "choices",
        "value": {"choices": [name]},
    }


def read(tmp_path: Path, *tasks: object) -> Imported:
    file = tmp_path / "project.json"
    file.write_text(json.dumps(tasks), encoding="utf-8")
    return label_studio.read([file])


def task(*results: Result, text: str = TEXT) -> dict[str, object]:
    annotation = {"id": 5, "completed_by": 3, "was_cancelled": False, "result": list(results)}
    return {"id": 1, "data": {"text": text}, "annotations": [annotation]}


@pytest.mark.parametrize(
    "result",
    [mark(3, 5), mark(3, 5, text=None), mark(5, 7)],
    ids=["code points", "without text", "UTF-16"],
)
def test_marks_behind_emoji_are_exact_in_old_and_new_releases(
    tmp_path: Path, result: Result
) -> None:
    [question] = read(tmp_path, task(result, choice("상품 추천"))).questions
    assert question == Question("1", TEXT, (Span(3, 5, "국가"),), "상품 추천", annotator="3")


def test_one_question_per_annotation(tmp_path: Path) -> None:
    first = {"id": 11, "completed_by": {"id": 1, "email": "kim@example.com"}, "result": []}
    second = {"id": 12, "completed_by": 2, "result": [mark(0, 2)]}
    skipped = {"id": 13, "completed_by": 3, "was_cancelled": True, "result": []}
    imported = read(
        tmp_path, {"id": 1, "data": {"text": "일본"}, "annotations": [first, second, skipped]}
    )
    assert [(q.id, q.annotator, len(q.spans)) for q in imported.questions] == [
        ("1/11", "kim@example.com", 0),
        ("1/12", "2", 1),
    ]
    assert [reject.reason for reject in imported.rejects] == [CANCELLED]


def test_the_id_of_an_exported_question_comes_back(tmp_path: Path) -> None:
    question = Question("kochat-7", TEXT, (Span(3, 5, "국가"),), "날씨", "g", "test", "model-1")
    [exported] = json.loads(label_studio.write([question]))
    prediction = exported["predictions"][0]
    exported |= {"id": 900, "annotations": [{"completed_by": 4, "result": prediction["result"]}]}
    [labelled] = read(tmp_path, exported).questions
    assert labelled == Question("kochat-7", TEXT, question.spans, "날씨", "g", "test", "4")
    assert prediction["model_version"] == "model-1"


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (task(mark(0, 2)), BAD_SPAN),  # marks another text
        (task(mark(3, 5, labels=("국가", "지역"))), BAD_SPAN),
        (task(mark(3, 5, labels=())), BAD_SPAN),
        (task(mark(3, 5), mark(3, 5)), BAD_SPAN),
        (task({"type": "labels", "value": {"start": "앞", "end": 3}}), BAD_SPAN),
        (task({"type": "hypertextlabels", "value": {}}), BAD_SPAN),
        (task(text=" "), MISSING_TEXT),
        ({"data": {"text": TEXT}, "annotations": []}, NOT_ANNOTATED),
        ({"data": {"text": TEXT}, "predictions": [{"result": [mark(3, 5)]}]}, NOT_ANNOTATED),
    ],
)
def test_tasks_that_give_no_question_are_rejected(
    tmp_path: Path, broken: dict[str, object], reason: str
) -> None:
    imported = read(tmp_path, broken, task(mark(3, 5), {"type": "textarea", "value": {"text": []}}))
    assert [(reject.reason, reject.source_row) for reject in imported.rejects] == [(reason, 1)]
    assert len(imported.questions) == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "not JSON"),
        ("{}", "not a list of tasks"),
        ('[{"text": "일본", "label": []}]', r"task 1, data: .*not JSON-MIN"),
    ],
)
def test_another_export_is_named(tmp_path: Path, content: str, message: str) -> None:
    file = tmp_path / "a.json"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=message):
        label_studio.read([file])


def test_the_labelling_configuration_has_every_label_and_intent() -> None:
    scheme = load_scheme()
    view = ElementTree.fromstring(label_studio.labelling_config(scheme))
    assert tuple(label.get("value") for label in view.iter("Label")) == scheme.labels
    assert tuple(choice.get("value") for choice in view.iter("Choice")) == scheme.intent_names
    text = view.find("Text")
    assert text is not None
    assert text.get("granularity") == "symbol"
    assert {view.find(tag).get("toName") for tag in ("Labels", "Choices")} == {text.get("name")}
