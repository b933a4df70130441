"""Requests to the judge: one body, whether it is sent at once or as a line of a batch.

The body is what :meth:`nadeuri.llm.LanguageModel.parse` sends, so that an answer counts for both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from pydantic import BaseModel

from nadeuri.llm import LanguageModelConfig, Message
from nadeuri.match.jobs.requests import Request, stable_id
from nadeuri.match.judge.answers import Relation, YesNo, choice_type
from nadeuri.match.judge.prompts import Place, Step, selection, verification

Mode = Literal["relation", "yes_no"]
"""How a pair is verified: by its relation, or by the mission's "nearby or the same?"."""
VERIFIED: dict[Mode, type[Relation] | type[YesNo]] = {"relation": Relation, "yes_no": YesNo}


@dataclass(frozen=True)
class Question:
    """One request to the judge.

    Attributes:
        step: which prompt it is made from.
        messages: what is sent.
        answer: type of the answer; its JSON schema is sent along.
        request: the same as a row of a batch.
    """

    step: Step
    messages: list[Message]
    answer: type[BaseModel]
    request: Request


class Questions:
    """Makes the questions to one model."""

    def __init__(self, config: LanguageModelConfig, mode: Mode = "relation") -> None:
        self.config = config
        self.mode = mode

    def select(self, place: Place, candidates: Sequence[tuple[Place, float | None]]) -> Question:
        """Which of the candidates, at most ten with their metres, is the same place?"""
        messages = selection(place, candidates)
        return self._question("select", messages, choice_type(len(candidates)))

    def verify(self, place: Place, candidate: Place, metres: float | None) -> Question:
        """Is it the same place, and if not, how do they relate?"""
        messages = verification(self.mode, place, candidate, metres)
        return self._question(self.mode, messages, VERIFIED[self.mode])

    def _question(self, step: Step, messages: list[Message], answer: type[BaseModel]) -> Question:
        body: dict[str, Any] = {
            "model": self.config.model,
            "messages": messages,
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": answer.__name__, "schema": _schema(answer)},
            },
        }
        if self.config.temperature is not None:
            body["temperature"] = self.config.temperature
        return Question(step, messages, answer, Request(stable_id(body), body))


@cache
def _schema(answer: type[BaseModel]) -> dict[str, Any]:
    return answer.model_json_schema()
