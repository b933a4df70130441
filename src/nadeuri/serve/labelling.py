"""The room of the API where people label questions, one at a time and several at once.

Who labels is told neither what others said of a question nor who they are, so that two labels of
one question are two opinions; only who decides between them sees both.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict

from flask import Blueprint, Response
from sqlalchemy import Connection
from werkzeug.exceptions import Conflict, NotFound

from nadeuri.data.questions import Span
from nadeuri.errors import QueryError
from nadeuri.serve.bodies import json_response, read_body, read_query
from nadeuri.serve.openapi import Operation
from nadeuri.serve.per_process import OnePerProcess
from nadeuri.serve.room import Room
from nadeuri.serve.wire import MAX_CODE, ServedModel
from nadeuri.serve.wire_labelling import (
    AgreementAnswer,
    AnnotatorQuery,
    AnnotatorRequest,
    CountsAnswer,
    DisputeAnswer,
    DisputesQuery,
    DisputesResponse,
    ExportQuery,
    LabelAnswer,
    LabelRequest,
    MarkedSpan,
    NextResponse,
    PairAnswer,
    PersonAnswer,
    ProgressResponse,
    SavedResponse,
    SkippedResponse,
    SkipRequest,
    TaskAnswer,
)
from nadeuri.understand.exchange import doccano, label_studio
from nadeuri.understand.labelling import labels, progress
from nadeuri.understand.labelling.assign import next_task
from nadeuri.understand.labelling.database import LabellingStore
from nadeuri.understand.labelling.labels import Label, Marks
from nadeuri.understand.labelling.results import results
from nadeuri.understand.labelling.tasks import Task, task_of
from nadeuri.understand.labels import Scheme

PATH = "/v1/labelling"
NEXT_PATH = f"{PATH}/next"
TASK_PATH = f"{PATH}/tasks/{{task}}"
PROGRESS_PATH = f"{PATH}/progress"
DISPUTES_PATH = f"{PATH}/disagreements"
EXPORT_PATH = f"{PATH}/export"
FILE_TYPE = "application/octet-stream"

_MISSING = "There is no such question to be labelled."
_STALE = "It was labelled anew meanwhile, or the marks fit neither its text nor the scheme."
_WRITERS = {
    "doccano": (doccano.write, "labels.jsonl"),
    "label-studio": (label_studio.write, "labels.json"),
}


def room(
    open_store: Callable[[], LabellingStore],
    scheme: Scheme,
    served: ServedModel,
    *,
    example: str | None = None,
) -> Room:
    """The room over a labelling store.

    Args:
        open_store: called once in each process that serves, for no fork may share a connection.
        scheme: what labels and intents there are.
        example: a task, for examples of requests. Those that change something have no example of
            a body: whole examples are sent to servers that people use.
    """
    store = OnePerProcess(open_store)
    return Room(
        blueprint=_blueprint(store, scheme),
        operations=_operations(example),
        served=served,
        start=store.get,
        stop=store.close,
    )


def _operations(example: str | None) -> tuple[Operation, ...]:
    task = {} if example is None else {"task": example}
    known = {} if example is None else {**task, "annotator": "지민"}
    return (
        Operation(NEXT_PATH, "What a person is to label next", NextResponse, AnnotatorRequest),
        Operation(
            TASK_PATH,
            "A question to be labelled",
            TaskAnswer,
            query=AnnotatorQuery,
            missing=_MISSING,
            examples=known,
        ),
        Operation(
            f"{TASK_PATH}/label",
            "Keep what a person makes of a question",
            SavedResponse,
            LabelRequest,
            missing=_MISSING,
            examples=task,
            conflict=_STALE,
        ),
        Operation(
            f"{TASK_PATH}/skip",
            "Note that a person does not label a question",
            SkippedResponse,
            SkipRequest,
            missing=_MISSING,
            examples=task,
        ),
        Operation(
            f"{TASK_PATH}/verdict",
            "Decide what holds where people disagree",
            SavedResponse,
            LabelRequest,
            missing=_MISSING,
            examples=task,
            conflict="Nobody disagrees about it, somebody else decided meanwhile, or the marks fit "
            "neither its text nor the scheme.",
        ),
        Operation(
            DISPUTES_PATH,
            "Questions that people disagree about",
            DisputesResponse,
            query=DisputesQuery,
        ),
        Operation(
            PROGRESS_PATH, "How far labelling has come, and how far people agree", ProgressResponse
        ),
        Operation(
            EXPORT_PATH,
            "The labelled questions, for labelling tools and training",
            query=ExportQuery,
            text_types=(FILE_TYPE,),
        ),
    )


def _blueprint(store: OnePerProcess[LabellingStore], scheme: Scheme) -> Blueprint:
    routes = Blueprint("labelling", __name__)
    of_task = f"{PATH}/tasks/<string(maxlength={MAX_CODE}):task>"

    @routes.post(NEXT_PATH)
    def offer() -> Response:
        annotator = read_body(AnnotatorRequest).annotator
        with store.get().begin() as connection:
            task = next_task(connection, annotator, time.time())
        with store.get().reading() as connection:  # nobody has to wait for the rest
            return json_response(
                NextResponse(
                    task=None if task is None else _task(connection, task, annotator),
                    n_mine=progress.n_labelled_by(connection, annotator),
                    counts=_counts(connection),
                )
            )

    @routes.get(of_task)
    def show(task: str) -> Response:
        annotator = read_query(AnnotatorQuery).annotator
        with store.get().reading() as connection:
            return json_response(_task(connection, _known(connection, task), annotator))

    @routes.post(f"{of_task}/label")
    def save(task: str) -> Response:
        said = read_body(LabelRequest)
        with store.get().begin() as connection:
            return _kept(labels.save, connection, scheme, task, said)

    @routes.post(f"{of_task}/verdict")
    def decide(task: str) -> Response:
        said = read_body(LabelRequest)
        with store.get().begin() as connection:
            return _kept(labels.adjudicate, connection, scheme, task, said)

    @routes.post(f"{of_task}/skip")
    def skip(task: str) -> Response:
        said = read_body(SkipRequest)
        with store.get().begin() as connection:
            labels.skip(connection, _known(connection, task), said.annotator, said.reason)
        return json_response(SkippedResponse(task=task))

    @routes.get(DISPUTES_PATH)
    def disagreements() -> Response:
        asked = read_query(DisputesQuery)
        with store.get().reading() as connection:
            found = progress.disputes(connection, asked.limit, asked.offset)
            answers = [
                DisputeAnswer(
                    task=_task(connection, each.task, None),
                    labels=[_label(label) for label in each.labels],
                )
                for each in found
            ]
            n_disputed = progress.counts(connection).disputed
        return json_response(DisputesResponse(disputes=answers, n_disputed=n_disputed))

    @routes.get(PROGRESS_PATH)
    def how_far() -> Response:
        with store.get().reading() as connection:
            return json_response(_progress(connection, scheme))

    @routes.get(EXPORT_PATH)
    def export() -> Response:
        asked = read_query(ExportQuery)
        with store.get().reading() as connection:
            questions, _ = results(connection, asked.which)
        write, name = _WRITERS[asked.format]
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(write(questions), headers=headers, content_type=FILE_TYPE)

    return routes


def _known(connection: Connection, task: str) -> Task:
    """Raises: NotFound: there is no such task."""
    found = None if "\0" in task else task_of(connection, task)
    if found is None:
        raise NotFound(f"{task}: {_MISSING}")
    return found


def _kept(
    keep: Callable[[Connection, Scheme, Task, str, Marks, int], int],
    connection: Connection,
    scheme: Scheme,
    task: str,
    said: LabelRequest,
) -> Response:
    """Raises: NotFound: no such task. Conflict: it has changed since, or the marks do not fit."""
    marks = Marks(tuple(Span(each.start, each.end, each.label) for each in said.spans), said.intent)
    known = _known(connection, task)
    try:
        revision = keep(connection, scheme, known, said.annotator, marks, said.revision)
    except QueryError as error:  # stale, settled, or marks that do not fit what is there
        raise Conflict(str(error)) from error
    return json_response(SavedResponse(revision=revision))


def _task(connection: Connection, task: Task, annotator: str | None) -> TaskAnswer:
    mine = None if annotator is None else labels.label_of(connection, task.task, annotator)
    return TaskAnswer(
        task=task.task,
        question=task.question,
        text=task.text,
        source=task.source,
        group=task.group,
        copies=task.copies,
        confidence=task.confidence,
        mine=None if mine is None else _label(mine),
    )


def _label(label: Label) -> LabelAnswer:
    return LabelAnswer(
        annotator=label.annotator,
        spans=[MarkedSpan(**span._asdict()) for span in label.marks.spans],
        intent=label.marks.intent,
        revision=label.revision,
        made=label.made,
    )


def _counts(connection: Connection) -> CountsAnswer:
    return CountsAnswer(**asdict(progress.counts(connection)))


def _progress(connection: Connection, scheme: Scheme) -> ProgressResponse:
    said = labels.latest(connection)
    entities, intents = progress.used(said)
    agreed = progress.agreed(connection, said)
    return ProgressResponse(
        counts=_counts(connection),
        people=[PersonAnswer(**asdict(each)) for each in progress.people(connection)],
        labels={name: entities[name] for name in scheme.labels},
        intents={name: intents[name] for name in scheme.intent_names},
        agreement=AgreementAnswer(
            n_questions=agreed.n_questions,
            word_alpha=agreed.word_alpha,
            intent_alpha=agreed.intent_alpha,
            pairs=[
                PairAnswer(
                    first=pair.first,
                    second=pair.second,
                    n_questions=pair.n_questions,
                    span_f1=pair.span_f1,
                    word_kappa=pair.word_kappa,
                    intent_kappa=pair.intent_kappa,
                )
                for pair in agreed.pairs
            ],
        ),
    )
