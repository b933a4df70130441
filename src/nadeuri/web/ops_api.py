"""The service and its batch jobs as the operations page meets them: the API, asked over HTTP."""

from __future__ import annotations

import time
from urllib.parse import quote, urlencode

from nadeuri.web.door import BROKEN, UNREADABLE, ApiError, Door
from nadeuri.web.ops_metrics import Reading, read_metrics
from nadeuri.web.ops_types import FailedRequests, JobDetail, Jobs, Ready, Versions

TIMEOUT_S = 10.0
"""A page that looks every few seconds does not wait long for one answer."""
_REFUSED = "서버가 이 요청을 받지 않았어요. 주소를 확인해 주세요."
_MAX_BYTES = 16 << 20


class OpsApi:
    """What the API tells of itself. All methods raise ApiError where there is no answer."""

    def __init__(self, url: str, *, timeout_s: float = TIMEOUT_S, key: str | None = None) -> None:
        """Raises: ConfigError: ``url`` is none of http or https."""
        self._door = Door(url, refused=_REFUSED, timeout_s=timeout_s, key=key)

    def is_alive(self) -> bool:
        """Whether a process answers at all; raises nothing."""
        try:
            return self._door.ask("/healthz", lambda told: bool(told["status"] == "ok"))
        except ApiError:
            return False

    def ready(self) -> Ready:
        """What is served.

        Raises:
            ApiError: no answer; ``status`` 503: the server starts or stops.
        """
        return self._door.ask("/readyz", Ready.model_validate)

    def metrics(self) -> Reading:
        """The counts of all workers now.

        Raises:
            ApiError: no answer; ``status`` 403: the key is not for metrics.
        """
        with self._door.open("/metrics", None, accept="text/plain") as response:
            try:
                return read_metrics(response.read(_MAX_BYTES).decode(), time.time())
            except UNREADABLE as error:
                raise ApiError(BROKEN) from error

    def jobs(self, state: str | None, limit: int, offset: int = 0) -> Jobs:
        """A part of the batch jobs, the newest first.

        Raises:
            ApiError: no answer; ``status`` 404: the server has no database of jobs.
        """
        query = {"limit": limit, "offset": offset} | ({} if state is None else {"state": state})
        return self._door.ask(f"/v1/jobs?{urlencode(query)}", Jobs.model_validate)

    def job(self, job_id: str) -> JobDetail:
        """One of them.

        Raises:
            ApiError: no answer; ``status`` 404: there is none of this id.
        """
        return self._door.ask(f"/v1/jobs/{quote(job_id, safe='')}", JobDetail.model_validate)

    def failed(self, limit: int, offset: int = 0) -> FailedRequests:
        """Requests that were given up.

        Raises:
            ApiError: no answer.
        """
        query = urlencode({"limit": limit, "offset": offset})
        return self._door.ask(f"/v1/failed-requests?{query}", FailedRequests.model_validate)

    def versions(self, limit: int, offset: int = 0) -> Versions:
        """Versions of the mapping.

        Raises:
            ApiError: no answer.
        """
        query = urlencode({"limit": limit, "offset": offset})
        return self._door.ask(f"/v1/mapping/versions?{query}", Versions.model_validate)
