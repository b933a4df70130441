"""Label Studio: JSON tasks with annotations or predictions, and the labelling configuration.

Offsets count Unicode characters (code points) in releases since October 2021
(HumanSignal/label-studio-frontend#308), and UTF-16 code units, as JavaScript does, in older ones
and in some of 2023-24 (HumanSignal/label-studio#6135). A result carries the text it marks, which
tells the two apart. https://labelstud.io/guide/task_format
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from xml.etree import ElementTree

from pydantic import BaseModel, ConfigDict, ValidationError

from nadeuri.data.questions import Question
from nadeuri.errors import DataError
from nadeuri.understand.exchange.imported import (
    BAD_SPAN,
    CANCELLED,
    NOT_ANNOTATED,
    Imported,
    Place,
    text_of,
)
from nadeuri.understand.labels import INTENT_SEPARATOR, Scheme

LABELS_NAME, INTENT_NAME, TEXT_NAME = "label", "intent", "text"
"""Names of the controls and of the text in :func:`labelling_config`."""

_PREDICTOR = "nadeuri"
_OTHER_SPANS = ("hypertextlabels", "paragraphlabels")


def read(files: list[Path]) -> Imported:
    """Read exports in the format "JSON": one question per annotation, with its annotator.

    A skipped annotation and a task without one are rejected. Results of other controls, such as
    comments and ratings, are left aside.

    Raises:
        DataError: not UTF-8, or not a list of tasks.
    """
    return _read(files, predictions=False)


def read_predictions(files: list[Path]) -> Imported:
    """As :func:`read`, of the predictions; the annotator is the model's version."""
    return _read(files, predictions=True)


def write(questions: Iterable[Question]) -> str:
    """Tasks to import, with what is labelled as predictions that an annotator corrects."""
    tasks = [_task(question) for question in questions]
    return json.dumps(tasks, ensure_ascii=False, indent=1) + "\n"


def labelling_config(scheme: Scheme) -> str:
    """XML to paste under Settings > Labeling Interface.

    Marks are exact to the character (``granularity="symbol"``): whole words would take Korean
    particles along.
    """
    view = ElementTree.Element("View")
    marks = ElementTree.SubElement(view, "Labels", name=LABELS_NAME, toName=TEXT_NAME)
    for entity in scheme.entities:
        ElementTree.SubElement(marks, "Label", value=entity.name, hint=entity.definition)
    ElementTree.SubElement(
        view, "Text", name=TEXT_NAME, value=f"${TEXT_NAME}", granularity="symbol"
    )
    choices = ElementTree.SubElement(
        view, "Choices", name=INTENT_NAME, toName=TEXT_NAME, choice="single", required="true"
    )
    for intent in scheme.intents:
        ElementTree.SubElement(choices, "Choice", value=intent.name, hint=intent.definition)
    ElementTree.indent(view)
    return ElementTree.tostring(view, encoding="unicode") + "\n"


class _Value(BaseModel):
    start: int | None = None
    end: int | None = None
    text: str | None = None
    labels: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()


class _Result(BaseModel):
    type: str
    value: dict[str, object]  # of other controls, anything


class _User(BaseModel):
    email: str


class _Labelling(BaseModel):
    """An annotation or a prediction."""

    id: int | str | None = None
    result: tuple[_Result, ...] = ()
    was_cancelled: bool = False
    completed_by: int | str | _User | None = None
    model_version: str | None = None

    @property
    def annotator(self) -> str | None:
        by = self.completed_by
        named = by.email if isinstance(by, _User) else by
        return self.model_version if named is None else str(named)


class _Data(BaseModel):
    model_config = ConfigDict(coerce_numbers_to_str=True)

    text: str = ""
    id: str | None = None
    group: str | None = None
    split: str | None = None


class _Task(BaseModel):
    data: _Data
    id: int | str | None = None
    annotations: tuple[_Labelling, ...] = ()
    predictions: tuple[_Labelling, ...] = ()


def _read(files: list[Path], *, predictions: bool) -> Imported:
    imported = Imported()
    for file in files:
        for row, task in enumerate(_tasks(file), 1):
            place = Place(file, row)
            labellings = task.predictions if predictions else task.annotations
            if not labellings:
                imported.reject(place, NOT_ANNOTATED, task.data.text)
            for number, labelling in enumerate(labellings, 1):
                several = len(labellings) > 1
                _read_labelling(imported, place, task, labelling, number if several else None)
    return imported


def _tasks(file: Path) -> Iterator[_Task]:
    try:
        tasks = json.loads(text_of(file))
    except json.JSONDecodeError as error:
        raise DataError(f"{file}:{error.lineno}: not JSON ({error.msg})") from error
    if not isinstance(tasks, list):
        raise DataError(f"{file}: not a list of tasks; export as JSON from Label Studio")
    for row, task in enumerate(tasks, 1):
        try:
            yield _Task.model_validate(task)
        except ValidationError as error:
            wrong = error.errors()[0]
            where = ".".join(str(part) for part in wrong["loc"])
            raise DataError(
                f"{file}: task {row}, {where}: {wrong['msg']}; export as JSON (not JSON-MIN)"
            ) from error


def _read_labelling(
    imported: Imported, place: Place, task: _Task, labelling: _Labelling, number: int | None
) -> None:
    text = task.data.text
    if labelling.was_cancelled:
        return imported.reject(place, CANCELLED, text)
    try:
        spans = list(_spans(text, labelling))
        intents = [
            choice
            for result in labelling.result
            if result.type == "choices"
            for choice in _Value.model_validate(result.value).choices
        ]
    except ValueError as error:  # also pydantic's
        return imported.reject(place, BAD_SPAN, f"{error}: {text!r}")
    name = next(
        str(given)
        for given in (task.data.id, task.id, f"{place.file.stem}-{place.row}")
        if given is not None
    )
    imported.add(
        place,
        id=name if number is None else f"{name}/{labelling.id or number}",
        text=text,
        spans=spans,
        intent=INTENT_SEPARATOR.join(intents) or None,
        group=task.data.group,
        split=task.data.split,
        annotator=labelling.annotator,
    )


def _spans(text: str, labelling: _Labelling) -> Iterator[tuple[int, int, str]]:
    for result in labelling.result:
        if result.type in _OTHER_SPANS:
            raise ValueError(f"results of type {result.type} are not of plain text")
        if result.type != "labels":
            continue
        value = _Value.model_validate(result.value)
        if value.start is None or value.end is None or len(value.labels) != 1:
            raise ValueError(f"not one label from start to end: {result.value}")
        yield *_code_points(text, value.start, value.end, value.text), value.labels[0]


def _code_points(text: str, start: int, end: int, marked: str | None) -> tuple[int, int]:
    """Offsets in characters of ``text``, whichever way they were counted."""
    if marked is None or text[start:end] == marked:
        return start, end
    units = text.encode("utf-16-le")
    before = units[: 2 * start].decode("utf-16-le", errors="ignore")
    inside = units[2 * start : 2 * end].decode("utf-16-le", errors="ignore")
    if inside != marked:
        raise ValueError(f"{start}-{end} does not mark {marked!r}")
    return len(before), len(before) + len(inside)


def _task(question: Question) -> dict[str, object]:
    marks: list[dict[str, object]] = [
        {
            "from_name": LABELS_NAME,
            "to_name": TEXT_NAME,
            "type": "labels",
            "value": {
                "start": start,
                "end": end,
                "text": question.text[start:end],
                "labels": [label],
            },
        }
        for start, end, label in question.spans
    ]
    if question.intent:
        marks.append(
            {
                "from_name": INTENT_NAME,
                "to_name": TEXT_NAME,
                "type": "choices",
                "value": {"choices": question.intent.split(INTENT_SEPARATOR)},
            }
        )
    kept = {"group": question.group, "split": question.split}
    return {
        "data": {
            TEXT_NAME: question.text,
            "id": question.id,
            **{name: value for name, value in kept.items() if value is not None},
        },
        "predictions": [{"model_version": question.annotator or _PREDICTOR, "result": marks}],
    }
