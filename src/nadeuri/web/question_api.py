"""Questions as the page meets them: the API, asked over HTTP."""

from __future__ import annotations

from nadeuri.web.door import TIMEOUT_S, Door
from nadeuri.web.question_types import Understood

_REFUSED = "이 질문은 보낼 수 없었어요. 글을 조금 바꿔서 다시 물어봐 주세요."


class QuestionApi:
    """The room of the API that understands questions."""

    def __init__(self, url: str, *, timeout_s: float = TIMEOUT_S, key: str | None = None) -> None:
        """Raises: ConfigError: ``url`` is none of http or https."""
        self._door = Door(url, refused=_REFUSED, timeout_s=timeout_s, key=key)

    def understand(self, text: str) -> Understood:
        """What ``text``, which is not blank, asks and names.

        Raises:
            ApiError: no answer; ``status`` 404: the server understands no questions.
        """
        return self._door.ask("/v1/questions", Understood.model_validate, {"text": text})
