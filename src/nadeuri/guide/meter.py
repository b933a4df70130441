"""The token budget of a turn: what a language model has been paid for, and whether it may go on."""

from __future__ import annotations

from copy import copy

from nadeuri.guide.answer import Usage
from nadeuri.llm import LanguageModel
from nadeuri.llm import Usage as ModelUsage

DEFAULT_TOKENS = 30_000
"""Of a turn: a plan, hypotheses, Cypher and a selection, each asked for a second time."""


class Meter:
    """A language model for one turn, or none."""

    def __init__(self, model: LanguageModel | None, max_tokens: int) -> None:
        """Args: max_tokens: of prompts and completions together; once spent, no more calls."""
        self._max_tokens = max_tokens
        self._model = None
        if model is not None:
            self._model = copy(model)  # the same client, counting by itself
            self._model.usage = ModelUsage()

    @property
    def model(self) -> LanguageModel | None:
        """The model, while there are tokens left."""
        return None if self.is_spent else self._model

    @property
    def is_spent(self) -> bool:
        """Whether there is a model and this turn has had its share of it."""
        used = self.usage
        spent = used.prompt_tokens + used.completion_tokens
        return self._model is not None and spent >= self._max_tokens

    @property
    def note(self) -> str:
        """Why there is no model any more, for the trace."""
        return f"language model not used: the {self._max_tokens:,} tokens of a turn are spent"

    @property
    def usage(self) -> Usage:
        """What this turn has consumed."""
        used = self._model.usage if self._model is not None else ModelUsage()
        return Usage(
            calls=used.calls,
            prompt_tokens=used.prompt_tokens,
            completion_tokens=used.completion_tokens,
        )
