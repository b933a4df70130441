"""The room of the API where operators see batch jobs, what failed, and versions of the mapping.

It only reads: a job costs money, so that people start and repeat them by ``nadeuri match``.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response
from sqlalchemy import Connection
from werkzeug.exceptions import NotFound

from nadeuri import columns
from nadeuri.database import Database
from nadeuri.match.jobs import records, states
from nadeuri.match.jobs.records import BatchRecord, FailedRequest, FailureRecord
from nadeuri.match.store.tally import Tally, tallies
from nadeuri.match.store.versions import Version, latest, versions
from nadeuri.serve.bodies import json_response, read_query
from nadeuri.serve.openapi import Operation
from nadeuri.serve.per_process import OnePerProcess
from nadeuri.serve.room import Room
from nadeuri.serve.wire import MAX_CODE, ServedModel
from nadeuri.serve.wire_jobs import (
    MAX_FAILURES,
    DecidedBy,
    FailedRequestsQuery,
    FailedRequestsResponse,
    Failure,
    Job,
    JobResponse,
    JobsQuery,
    JobsResponse,
    MappingVersion,
    RequestCounts,
    StateCount,
    VersionsQuery,
    VersionsResponse,
)

PATH = "/v1/jobs"
JOB_PATH = "/v1/jobs/{id}"
FAILED_PATH = "/v1/failed-requests"
VERSIONS_PATH = "/v1/mapping/versions"

_ID = re.compile("[1-9][0-9]{0,17}")  # what a database takes for a whole number


def room(
    open_store: Callable[[], Database], served: ServedModel, *, example: str | None = None
) -> Room:
    """The room over the database of jobs and mapping.

    Args:
        open_store: with the tables of both; called once in each process that serves, for no fork
            may share a connection.
        example: id of a job.
    """
    store = OnePerProcess(open_store)
    return Room(
        blueprint=_blueprint(store),
        operations=(
            Operation(PATH, "Batch jobs", JobsResponse, query=JobsQuery),
            Operation(
                JOB_PATH,
                "A batch job and what went wrong with it",
                JobResponse,
                missing="There is no such job.",
                examples={} if example is None else {"id": example},
            ),
            Operation(
                FAILED_PATH,
                "Requests to a language model that were given up",
                FailedRequestsResponse,
                query=FailedRequestsQuery,
            ),
            Operation(
                VERSIONS_PATH, "Versions of the mapping", VersionsResponse, query=VersionsQuery
            ),
        ),
        served=served,
        start=store.get,
        stop=store.close,
    )


def _blueprint(store: OnePerProcess[Database]) -> Blueprint:
    routes = Blueprint("jobs", __name__)

    @routes.get(PATH)
    def jobs() -> Response:
        asked = read_query(JobsQuery)
        with store.get().reading() as connection:
            return json_response(_jobs(connection, asked))

    @routes.get(f"{PATH}/<string(maxlength={MAX_CODE}):id>")
    def job(id: str) -> Response:
        with store.get().reading() as connection:
            return json_response(_job(connection, id))

    @routes.get(FAILED_PATH)
    def failed() -> Response:
        asked = read_query(FailedRequestsQuery)
        with store.get().reading() as connection:
            found = records.given_up(connection, limit=asked.limit, offset=asked.offset)
            n_failed = records.request_counts(connection).get(states.GIVEN_UP, 0)
        requests = [_failed(each) for each in found]
        return json_response(FailedRequestsResponse(requests=requests, n_failed=n_failed))

    @routes.get(VERSIONS_PATH)
    def mapping_versions() -> Response:
        asked = read_query(VersionsQuery)
        with store.get().reading() as connection:
            current = latest(connection)
            part = versions(connection, limit=asked.limit, offset=asked.offset)
            counted = tallies(connection, [each.number for each in part])
        told = [
            _version(each, [one for one in counted if one.version == each.number], current)
            for each in part
        ]
        return json_response(VersionsResponse(versions=told, n_versions=current or 0))

    return routes


def _jobs(connection: Connection, asked: JobsQuery) -> JobsResponse:
    found = records.batches(connection, asked.state, limit=asked.limit, offset=asked.offset)
    by_state = records.state_counts(connection)
    requests = records.request_counts(connection)
    return JobsResponse(
        jobs=[Job.model_validate(_told(each)) for each in found],
        n_jobs=sum(by_state.values()) if asked.state is None else by_state.get(asked.state, 0),
        states=[
            StateCount.model_validate({"state": state, "n_jobs": by_state[state]})
            for state in records.STATES
            if state in by_state
        ],
        requests=RequestCounts(
            waiting=requests.get(states.WAITING, 0),
            in_flight=requests.get(states.IN_FLIGHT, 0),
            answered=requests.get(states.ANSWERED, 0),
            failed=requests.get(states.GIVEN_UP, 0),
        ),
    )


def _job(connection: Connection, job_id: str) -> JobResponse:
    """The job of this id.

    Raises:
        NotFound: there is none.
    """
    found = records.batch(connection, int(job_id)) if _ID.fullmatch(job_id) else None
    if found is None:
        raise NotFound(f"{job_id}: there is no such job.")
    failures, n_failures = records.failures(connection, found.number, limit=MAX_FAILURES)
    told = {"failures": [_failure(each) for each in failures], "n_failures": n_failures}
    return JobResponse.model_validate(_told(found) | told)


def _told(record: BatchRecord) -> dict[str, Any]:
    return {
        "id": str(record.number),
        "batch": record.batch_id,
        "state": record.state,
        "collection": record.collection,
        "is_duplicate": record.unwanted,
        "model": record.model,
        "kinds": list(record.kinds),
        "n_requests": record.n_rows,
        "n_answered": record.n_answered,
        "n_failed": record.n_failed,
        "estimated_prompt_tokens": record.tokens,
        "prompt_tokens": record.prompt_tokens,
        "completion_tokens": record.completion_tokens,
        "created": _time(record.planned_at),
        "asked": _time(record.asked_at),
        "closed": _time(record.closed_at),
        "reason": record.reason,
        "detail": record.detail,
    }


def _failure(record: FailureRecord) -> Failure:
    return Failure.model_validate(
        {
            "request": record.custom_id,
            "kind": record.kind,
            "state": record.state,
            "attempts": record.attempts,
            "job": None if record.batch is None else str(record.batch),
            "at": _time(record.at),
            "reason": record.reason,
            "detail": record.detail,
        }
    )


def _failed(request: FailedRequest) -> Failure:
    return _failure(
        FailureRecord(
            custom_id=request.custom_id,
            kind=request.kind,
            state=states.GIVEN_UP,
            attempts=request.attempts,
            batch=request.batch,
            at=request.at,
            reason=request.reason,
            detail=request.detail,
        )
    )


def _version(version: Version, counted: list[Tally], current: int | None) -> MappingVersion:
    decisions: Counter[str] = Counter()
    sources: Counter[tuple[str, str | None]] = Counter()
    for each in counted:
        decisions[each.decision] += each.n_places
        sources[each.source, each.model] += each.n_places
    return MappingVersion.model_validate(
        {
            "number": version.number,
            "is_current": version.number == current,
            "made": datetime.fromisoformat(version.made),
            "cause": version.cause,
            "note": version.note,
            "restores": version.restores,
            "n_changed": version.changed,
            "n_mapped": decisions[columns.ACCEPT],
            "n_no_match": decisions[columns.NONE],
            "n_uncertain": decisions[columns.ASK],
            "decided_by": [
                DecidedBy.model_validate({"source": source, "model": model, "n_places": n_places})
                for (source, model), n_places in sources.most_common()
            ],
        }
    )


def _time(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
