"""The one door to a language model: a small client of any OpenAI-compatible chat server."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import TYPE_CHECKING, Literal, Protocol, TypedDict, TypeVar

from pydantic import BaseModel, ValidationError

from nadeuri.errors import ConfigError, MissingExtraError, NadeuriError

if TYPE_CHECKING:
    from openai import OpenAI
    from openai.types.chat import ChatCompletion
    from openai.types.shared_params import ResponseFormatJSONSchema

Answer = TypeVar("Answer", bound=BaseModel)
logger = logging.getLogger(__name__)


class LanguageModelError(NadeuriError):
    """The language model gave no usable answer, after all retries."""


class Message(TypedDict):
    """One turn of a chat."""

    role: Literal["system", "user", "assistant"]
    content: str


class ServerConfig(Protocol):
    """Where a server is, and how patient to be with it."""

    @property
    def base_url(self) -> str:
        """Address, up to and with ``/v1``."""

    @property
    def key(self) -> str | None:
        """API key."""

    @property
    def timeout_s(self) -> float:
        """For one attempt."""

    @property
    def retries(self) -> int:
        """Further attempts."""


@dataclass(frozen=True)
class LanguageModelConfig:
    """Which language model, and how patient to be with it.

    Attributes:
        base_url: of the server, up to and with ``/v1``.
        model: its name for the server.
        key: API key; servers of one's own need none.
        timeout_s: for one attempt.
        retries: further attempts after a time-out, a refused connection, 429 or 5xx (with
            exponential back-off and jitter, or as the server's Retry-After says), and likewise
            after answers that are not what was asked for.
        temperature: None leaves it to the server.
    """

    base_url: str
    model: str
    key: str | None = field(default=None, repr=False)
    timeout_s: float = 60.0
    retries: int = 3
    temperature: float | None = None


@dataclass(frozen=True)
class Usage:
    """What a client has consumed: answered calls, unusable answers among them, and tokens."""

    calls: int = 0
    unusable: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0


class LanguageModel:
    """A client; its methods may be called from several threads."""

    def __init__(self, config: LanguageModelConfig) -> None:
        """Raises: ConfigError: address or model is missing; MissingExtraError: no ``openai``."""
        if not config.base_url.startswith(("http://", "https://")) or not config.model:
            raise ConfigError(
                f"no language model at {config.base_url!r} named {config.model!r}: set "
                "NADEURI_LLM_BASE_URL (http://host/v1) and NADEURI_LLM_MODEL"
            )
        self.config = config
        self.usage = Usage()
        self._client = connect(config)
        self._lock = Lock()

    def close(self) -> None:
        """Close its connections."""
        self._client.close()

    def parse(self, messages: Sequence[Message], answer: type[Answer]) -> Answer:
        """The model's answer as an ``answer``, whose JSON schema is sent along.

        Raises:
            LanguageModelError: no answer, or none that fits the schema.
        """
        fault = ""
        for _ in range(self.config.retries + 1):
            try:
                return answer.model_validate_json(_json_in(self._ask(messages, answer)))
            except ValidationError as error:
                self._count(Usage(unusable=1))
                fault = f"{error.errors()[0]['msg']}"
                logger.warning("%s: answer is no %s: %s", self.config.model, answer, fault)
        raise LanguageModelError(
            f"{self.config.model}: no answer is a {answer.__name__} ({fault}); try another model"
        )

    def _ask(self, messages: Sequence[Message], answer: type[BaseModel]) -> str:
        import openai

        try:
            completion: ChatCompletion = self._client.chat.completions.create(
                model=self.config.model,
                messages=[dict(message) for message in messages],  # type: ignore[misc]
                temperature=openai.omit
                if self.config.temperature is None
                else self.config.temperature,
                response_format=_response_format(answer),
            )
        except (openai.OpenAIError, json.JSONDecodeError) as error:
            raise LanguageModelError(
                f"{self.config.model} at {self.config.base_url}: {_first_line(error)}; check "
                "NADEURI_LLM_BASE_URL, NADEURI_LLM_MODEL and NADEURI_LLM_KEY"
            ) from error
        used = completion.usage
        self._count(Usage(1, 0, used.prompt_tokens, used.completion_tokens) if used else Usage(1))
        return (completion.choices[0].message.content or "") if completion.choices else ""

    def _count(self, more: Usage) -> None:
        with self._lock:
            old = self.usage
            self.usage = replace(
                old, **{name: getattr(old, name) + n for name, n in vars(more).items()}
            )
        logger.debug("%s: %s", self.config.model, self.usage)


def connect(config: ServerConfig) -> OpenAI:
    """The SDK's client of an OpenAI-compatible server.

    Raises:
        MissingExtraError: ``openai`` is not installed.
    """
    try:
        from openai import OpenAI
    except ImportError as error:
        raise MissingExtraError("openai", "llm") from error
    return OpenAI(
        base_url=config.base_url,
        api_key=config.key or "none",  # the SDK would look for one in the environment
        timeout=config.timeout_s,
        max_retries=config.retries,
    )


def _response_format(answer: type[BaseModel]) -> ResponseFormatJSONSchema:
    schema = answer.model_json_schema()
    return {"type": "json_schema", "json_schema": {"name": answer.__name__, "schema": schema}}


def _json_in(text: str) -> str:
    """The outermost object: small models wrap it in words or in a fence."""
    start, end = text.find("{"), text.rfind("}")
    return text[start : end + 1] if 0 <= start < end else text


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
