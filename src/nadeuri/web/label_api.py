"""Questions to be labelled as the page meets them: the API, asked over HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal
from urllib.parse import quote, urlencode

from nadeuri.web.door import BROKEN, TIMEOUT_S, UNREADABLE, ApiError, Door
from nadeuri.web.label_types import (
    Disputes,
    LabelReason,
    MarkedSpan,
    Next,
    Progress,
    Suggestion,
    Task,
)
from nadeuri.web.match_api import ConflictError

Which = Literal["final", "all"]

_REFUSED = "서버가 이 라벨을 받지 않았어요. 표시를 확인하고 다시 저장해 주세요."
_CHANGED = "다른 창이나 다른 분이 먼저 저장했어요. 저장하지 않고 새로 불러왔어요."


class LabelApi:
    """The room of the API where questions are labelled, and the one that understands them."""

    def __init__(self, url: str, *, timeout_s: float = TIMEOUT_S, key: str | None = None) -> None:
        """Raises: ConfigError: ``url`` is none of http or https."""
        self._door = Door(url, refused=_REFUSED, timeout_s=timeout_s, key=key)

    def next(self, annotator: str) -> Next:
        """What a person is to label next.

        Raises:
            ApiError: no answer; ``status`` 404: the server has nothing to be labelled.
        """
        return self._door.ask("/v1/labelling/next", Next.model_validate, {"annotator": annotator})

    def task(self, task: str, annotator: str) -> Task:
        """A question, and what this person said of it.

        Raises:
            ApiError: no answer; ``status`` 404: there is no such question.
        """
        query = urlencode({"annotator": annotator})
        return self._door.ask(f"{_path(task)}?{query}", Task.model_validate)

    def save(
        self,
        task: str,
        annotator: str,
        spans: Sequence[MarkedSpan],
        intent: str | None,
        revision: int,
        *,
        verdict: bool = False,
    ) -> None:
        """Keep what a person makes of a question.

        Args:
            verdict: as what holds, where people disagree.

        Raises:
            ConflictError: it was labelled, or decided, anew meanwhile.
            ApiError: no answer; nothing was kept.
        """
        body = {
            "annotator": annotator,
            "spans": [span.model_dump() for span in spans],
            "intent": intent,
            "revision": revision,
        }
        try:
            self._door.ask(f"{_path(task)}/{'verdict' if verdict else 'label'}", _nothing, body)
        except ApiError as error:
            if error.status == 409:
                raise ConflictError(_CHANGED, 409) from error
            raise

    def skip(self, task: str, annotator: str, reason: LabelReason) -> None:
        """Note that a person does not label a question.

        Raises:
            ApiError: no answer.
        """
        body = {"annotator": annotator, "reason": reason}
        self._door.ask(f"{_path(task)}/skip", _nothing, body)

    def disputes(self, limit: int, offset: int) -> Disputes:
        """A part of the disagreements that nobody has decided.

        Raises:
            ApiError: no answer.
        """
        query = urlencode({"limit": limit, "offset": offset})
        return self._door.ask(f"/v1/labelling/disagreements?{query}", Disputes.model_validate)

    def progress(self) -> Progress:
        """How far labelling has come.

        Raises:
            ApiError: no answer; ``status`` 404: the server has nothing to be labelled.
        """
        return self._door.ask("/v1/labelling/progress", Progress.model_validate)

    def export(self, format: str, which: Which) -> bytes:
        """The labelled questions as a file.

        Raises:
            ApiError: no answer.
        """
        query = urlencode({"format": format, "which": which})
        with self._door.open(f"/v1/labelling/export?{query}", None, accept="*/*") as response:
            try:
                return response.read()
            except UNREADABLE as error:
                raise ApiError(BROKEN) from error

    def suggestion(self, text: str) -> Suggestion:
        """What the model that is served makes of a question.

        Raises:
            ApiError: no answer; ``status`` 404: the server has no such model.
        """
        return self._door.ask("/v1/questions", _suggestion, {"text": text})


def _path(task: str) -> str:
    return f"/v1/labelling/tasks/{quote(task, safe='')}"


def _nothing(_: Any) -> None:
    return None


def _suggestion(told: Any) -> Suggestion:
    return Suggestion.model_validate({"spans": told["entities"], "intent": told["intent"]})
