"""What goes over the wire about batch jobs, requests that failed, and versions of the mapping."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from nadeuri.serve.wire import FROM_DIGITS, Wire
from nadeuri.serve.wire_match import MAX_OFFSET

MAX_JOBS = 100
MAX_FAILURES = 100
MAX_VERSIONS = 50

JobState = Literal[
    "unconfirmed",
    "validating",
    "in_progress",
    "finalizing",
    "completed",
    "failed",
    "expired",
    "cancelling",
    "cancelled",
    "dropped",
]
Offset = Annotated[int, Field(ge=0, le=MAX_OFFSET), FROM_DIGITS]


class JobsQuery(Wire):
    """The query string of the list of jobs."""

    state: JobState | None = Field(None, description="Only jobs in this state.")
    limit: Annotated[int, Field(ge=1, le=MAX_JOBS), FROM_DIGITS] = Field(
        20, description="How many jobs to return."
    )
    offset: Offset = Field(0, description="How many to pass over.")


class Job(Wire):
    """A batch of requests to a language model; what is not known is null."""

    id: str = Field(description="Digits; later jobs have greater ones.")
    batch: str | None = Field(description="The server's id of it.")
    state: JobState = Field(
        description="The server's word, or unconfirmed: it has not told of the batch yet; dropped: "
        "given up without a word of the server's."
    )
    collection: Literal["pending", "collected", "unavailable"] = Field(
        description="Whether the results are here; a batch that is over may not be collected yet."
    )
    is_duplicate: bool = Field(description="A second batch of the same requests; it is cancelled.")
    model: str
    kinds: list[str] = Field(description="What the requests are for.")
    n_requests: int = Field(ge=0)
    n_answered: int = Field(ge=0, description="With an answer of this job; 0 until collected.")
    n_failed: int = Field(
        ge=0, description="That it brought nothing for; they may have been answered since."
    )
    estimated_prompt_tokens: int = Field(ge=0, description="Rather too many.")
    prompt_tokens: int | None = Field(description="Of its answers, as the server counted.")
    completion_tokens: int | None = Field(description="Of its answers, as the server counted.")
    created: datetime = Field(description="When it was planned.")
    asked: datetime | None = Field(description="When the server was last asked to make it.")
    closed: datetime | None = Field(description="When its results were taken or given up.")
    reason: str | None = Field(description="Why it came to nothing, as a code.")
    detail: str | None = Field(description="The same in the server's words.")


class StateCount(Wire):
    """How many jobs are in a state."""

    state: JobState
    n_jobs: int = Field(ge=1)


class RequestCounts(Wire):
    """Requests in all, in jobs or asked at once."""

    waiting: int = Field(ge=0, description="To be sent with the next run.")
    in_flight: int = Field(ge=0)
    answered: int = Field(ge=0)
    failed: int = Field(ge=0, description="Given up; they can be run again.")


class JobsResponse(Wire):
    """A part of the jobs, and how all of them stand."""

    jobs: list[Job] = Field(description="The newest first.")
    n_jobs: int = Field(ge=0, description="In the state that was asked for.")
    states: list[StateCount] = Field(description="Of all jobs; states of none are left out.")
    requests: RequestCounts


class Failure(Wire):
    """An attempt that came to nothing, or an odd line of a result file."""

    request: str | None = Field(description="Its id; null where a line names none.")
    kind: str | None = Field(description="What it is for; null if it is none of ours.")
    state: Literal["waiting", "in_flight", "answered", "failed"] | None = Field(
        description="Of the request now."
    )
    attempts: int | None = Field(description="Of the request, that came to nothing.")
    job: str | None = Field(description="That it was sent with; null if it was asked at once.")
    at: datetime
    reason: str = Field(description="A code.")
    detail: str = Field(description="In the server's words, shortened.")


class JobResponse(Job):
    """One job, and what went wrong with it."""

    failures: list[Failure] = Field(
        max_length=MAX_FAILURES, description="The last first, of all that there are."
    )
    n_failures: int = Field(ge=0)


class FailedRequestsQuery(Wire):
    """The query string of the list of failed requests."""

    limit: Annotated[int, Field(ge=1, le=MAX_FAILURES), FROM_DIGITS] = Field(
        20, description="How many requests to return."
    )
    offset: Offset = Field(0, description="How many to pass over.")


class FailedRequestsResponse(Wire):
    """Requests that were given up, each with its last failure."""

    requests: list[Failure] = Field(description="In the order they were asked.")
    n_failed: int = Field(ge=0, description="In all.")


class VersionsQuery(Wire):
    """The query string of the list of versions."""

    limit: Annotated[int, Field(ge=1, le=MAX_VERSIONS), FROM_DIGITS] = Field(
        10, description="How many versions to return."
    )
    offset: Offset = Field(0, description="How many to pass over.")


class DecidedBy(Wire):
    """Places of a version that were decided by the same."""

    source: Literal["scorer", "llm", "person"]
    model: str | None = Field(description="Version of the scorer, or the language model.")
    n_places: int = Field(ge=1)


class MappingVersion(Wire):
    """A version of the mapping."""

    number: int = Field(ge=1)
    is_current: bool
    made: datetime
    cause: Literal["run", "review", "rollback"]
    note: str
    restores: int | None = Field(description="Of a rollback, the version that it is like.")
    n_changed: int = Field(ge=0, description="Places decided otherwise than in the one before.")
    n_mapped: int = Field(ge=0)
    n_no_match: int = Field(ge=0)
    n_uncertain: int = Field(ge=0)
    decided_by: list[DecidedBy] = Field(description="Most places first.")


class VersionsResponse(Wire):
    """Versions of the mapping."""

    versions: list[MappingVersion] = Field(description="The latest first.")
    n_versions: int = Field(ge=0)
