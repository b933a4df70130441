"""Text embeddings by an OpenAI-compatible server of one's choice."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from nadeuri.embed import NOTHING, EmbeddingError, Vectors, readable
from nadeuri.errors import ConfigError
from nadeuri.llm import connect

_REQUEST_TEXTS = 256


@dataclass(frozen=True)
class EmbeddingServerConfig:
    """An OpenAI-compatible server of embeddings.

    Attributes:
        base_url: of the server, up to and with ``/v1``.
        model: its name for the server.
        key: API key; servers of one's own need none.
        timeout_s: for one attempt.
        retries: further attempts after a time-out, a refused connection, 429 or 5xx.
    """

    base_url: str
    model: str
    key: str | None = field(default=None, repr=False)
    timeout_s: float = 60.0
    retries: int = 3


class ServerEmbedder:
    """A client of an embeddings server."""

    def __init__(self, config: EmbeddingServerConfig) -> None:
        """Raises: ConfigError: address or model is missing; MissingExtraError: no ``openai``."""
        if not config.base_url.startswith(("http://", "https://")) or not config.model:
            raise ConfigError(
                f"no embeddings server at {config.base_url!r} with model {config.model!r}: give "
                "its address (http://host/v1) and the name of a model"
            )
        self.config = config
        self.name = config.model
        self._client = connect(config)

    def __reduce__(self) -> tuple[type[ServerEmbedder], tuple[EmbeddingServerConfig]]:
        return ServerEmbedder, (self.config,)

    @cached_property
    def dim(self) -> int:
        """Length of a vector; the server is asked for one."""
        return int(self._request([NOTHING]).shape[1])

    def close(self) -> None:
        """Close its connections."""
        self._client.close()

    def encode(self, texts: Sequence[str], *, query: bool = False) -> Vectors:
        """See :meth:`Embedder.encode`."""
        read = [readable(text) for text in texts]
        parts = [
            self._request(read[start : start + _REQUEST_TEXTS])
            for start in range(0, len(read), _REQUEST_TEXTS)
        ]
        if len({part.shape[1] for part in parts}) > 1:
            raise self._unusable("vectors differ in length")
        return np.concatenate(parts) if parts else np.zeros((0, self.dim), np.float32)

    def _request(self, texts: list[str]) -> Vectors:
        import openai

        try:
            answer = self._client.embeddings.create(
                model=self.config.model, input=texts, encoding_format="float"
            )
        except (openai.OpenAIError, json.JSONDecodeError, ValueError) as error:
            reason = (str(error).splitlines() or [type(error).__name__])[0]
            raise self._unusable(reason) from error
        rows = {row.index: row.embedding for row in getattr(answer, "data", None) or ()}
        if rows.keys() != set(range(len(texts))):
            raise self._unusable(f"{len(rows)} vectors came for {len(texts)} texts")
        try:
            vectors = np.array([rows[i] for i in range(len(texts))], dtype=np.float32)
        except (TypeError, ValueError) as error:
            raise self._unusable("vectors differ in length or are no numbers") from error
        norms = np.linalg.norm(vectors.reshape(len(texts), -1), axis=1, keepdims=True)
        if vectors.ndim != 2 or not np.isfinite(norms).all() or (norms == 0).any():
            raise self._unusable("a vector has no direction")
        return np.asarray(vectors / norms, dtype=np.float32)

    def _unusable(self, reason: str) -> EmbeddingError:
        return EmbeddingError(
            f"{self.config.model} at {self.config.base_url}: {reason}; check the address, the "
            "model and the key of the embeddings server"
        )
