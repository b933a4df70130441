"""What is asked of a language model, under an id that follows from the question itself.

The same body has the same id in every run and on every machine: that is what makes the job store a
cache of answers, and what lets an answer find its question whatever order the lines come in.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nadeuri.errors import DataError

ENDPOINT = "/v1/chat/completions"
BYTES_A_TOKEN = 3
"""Of UTF-8: one Hangul syllable, or three Latin letters. Tokenizers of today pack more into one
(about four letters, 1.5 syllables), so that a count made with it is an upper bound."""
TOKENS_A_MESSAGE = 4  # roles and separators
USUAL_COMPLETION_TOKENS = 64
"""Of an answer whose request sets no limit: a judge's answer is one short JSON object."""

_KIND = re.compile(r"[a-z][a-z0-9_]{0,30}", re.ASCII)
_DIGITS = 32  # 128 bits of sha256; with the longest kind still within the API's 64 characters


@dataclass(frozen=True)
class Request:
    """A question to the model.

    Attributes:
        custom_id: :func:`stable_id` of the body, with or without a kind.
        body: of a chat completion: ``model``, ``messages`` and whatever else it takes. Its keys are
            sent in the order they have here (of a JSON schema, the order matters to the model).
    """

    custom_id: str
    body: Mapping[str, Any]


def stable_id(body: Mapping[str, Any], kind: str = "") -> str:
    """sha256 of the canonical JSON of ``body``, shortened; ``<kind>-`` before it, if there is one.

    Raises:
        DataError: ``body`` is no JSON, or ``kind`` is not a short word of a-z, 0-9 and ``_``.
    """
    if kind and not _KIND.fullmatch(kind):
        raise DataError(f"kind of request {kind!r}: 1 to 31 of a-z, 0-9 and _, a letter first")
    digest = hashlib.sha256(_json(body, sort_keys=True).encode()).hexdigest()[:_DIGITS]
    return f"{kind}-{digest}" if kind else digest


def body_text(body: Mapping[str, Any]) -> str:
    """``body`` as JSON on one line, keys in their own order.

    Raises:
        DataError: it is no JSON, or names no model or no messages.
    """
    if not (isinstance(body.get("model"), str) and body["model"] and body.get("messages")):
        raise DataError("a request to a language model needs a model and messages in its body")
    return _json(body)


def line(custom_id: str, body: str) -> bytes:
    """One line of a batch's input file, with its end; ``body`` as :func:`body_text` has it."""
    head = _json({"custom_id": custom_id, "method": "POST", "url": ENDPOINT})
    return f'{head[:-1]},"body":{body}}}\n'.encode()


def prompt_tokens(body: Mapping[str, Any]) -> int:
    """Tokens of the prompt, approximately and rather too many (:data:`BYTES_A_TOKEN`).

    Everything but the model's name is counted, as the schema of the answer is read, too.
    """
    rest = {key: value for key, value in body.items() if key != "model"}
    n_bytes = len(_json(rest).encode())
    return math.ceil(n_bytes / BYTES_A_TOKEN) + TOKENS_A_MESSAGE * len(body["messages"])


def completion_tokens(body: Mapping[str, Any]) -> int:
    """Tokens of the answer at most, or :data:`USUAL_COMPLETION_TOKENS` where no limit is set."""
    limit = body.get("max_completion_tokens", body.get("max_tokens"))
    return limit if isinstance(limit, int) else USUAL_COMPLETION_TOKENS


def _json(value: Mapping[str, Any], *, sort_keys: bool = False) -> str:
    try:
        text = json.dumps(
            value, ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=sort_keys
        )
        text.encode()  # half a surrogate pair is a str, but no text
    except (TypeError, ValueError) as error:
        raise DataError(f"the body of a request is no JSON ({error})") from error
    return text
