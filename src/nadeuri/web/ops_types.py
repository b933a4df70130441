"""What the API says of its models, of batch jobs and of versions of the mapping."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict


class _Told(BaseModel):
    model_config = ConfigDict(frozen=True)


class Model(_Told):
    """A model that is served.

    Attributes:
        created: ISO 8601.
        n_items, n_users: that it knows; None where it knows of none.
    """

    kind: str
    model: str
    version: str
    created: str
    n_items: int | None = None
    n_users: int | None = None


class Refused(_Told):
    """A newer artefact that is not served, and why; ``model`` is its name."""

    kind: str
    model: str
    version: str | None
    reason: str
    refused: datetime


class Ready(_Told):
    """What a server that is ready serves."""

    models: tuple[Model, ...]
    refused: tuple[Refused, ...] = ()


class Job(_Told):
    """A batch of requests to a language model.

    Attributes:
        state: one of ten words; words and meaning are in ``ops_words``.
        collection: ``pending``, ``collected`` or ``unavailable``.
        n_answered, n_failed: 0 until the results are collected.
        reason, detail: why it came to nothing: a code, and the server's words.
    """

    id: str
    batch: str | None
    state: str
    collection: str
    is_duplicate: bool
    model: str
    kinds: tuple[str, ...]
    n_requests: int
    n_answered: int
    n_failed: int
    estimated_prompt_tokens: int
    prompt_tokens: int | None
    completion_tokens: int | None
    created: datetime
    asked: datetime | None
    closed: datetime | None
    reason: str | None
    detail: str | None


class StateCount(_Told):
    """How many jobs are in a state."""

    state: str
    n_jobs: int


class RequestCounts(_Told):
    """Requests to a language model, in jobs or not."""

    waiting: int
    in_flight: int
    answered: int
    failed: int


class Jobs(_Told):
    """A part of the jobs; ``n_jobs`` are in the state that was asked for."""

    jobs: tuple[Job, ...]
    n_jobs: int
    states: tuple[StateCount, ...]
    requests: RequestCounts


class Failure(_Told):
    """An attempt that came to nothing; what is unknown is None.

    Attributes:
        request: its id.
        state: of the request now: ``waiting``, ``in_flight``, ``answered`` or ``failed``.
        reason: a code.
    """

    request: str | None
    kind: str | None
    state: str | None
    attempts: int | None
    job: str | None
    at: datetime
    reason: str
    detail: str


class JobDetail(Job):
    """A job and what went wrong with it, the last first; ``n_failures`` is all that did."""

    failures: tuple[Failure, ...]
    n_failures: int


class FailedRequests(_Told):
    """Requests that were given up."""

    requests: tuple[Failure, ...]
    n_failed: int


class DecidedBy(_Told):
    """Who decided about how many places: ``scorer``, ``llm`` or ``person``."""

    source: str
    model: str | None
    n_places: int


class MappingVersion(_Told):
    """A version of the mapping.

    Attributes:
        cause: ``run``, ``review`` or ``rollback``.
        restores: of a rollback, the version that it is like.
    """

    number: int
    is_current: bool
    made: datetime
    cause: str
    note: str
    restores: int | None
    n_changed: int
    n_mapped: int
    n_no_match: int
    n_uncertain: int
    decided_by: tuple[DecidedBy, ...]


class Versions(_Told):
    """Versions of the mapping, the latest first."""

    versions: tuple[MappingVersion, ...]
    n_versions: int
