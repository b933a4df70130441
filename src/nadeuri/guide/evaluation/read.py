"""Questions with gold plans, in conversations, from TOML."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator

from nadeuri.errors import DataError
from nadeuri.guide.plan import Plan

QuestionKind = Literal[
    "recommend",
    "statistic",
    "follow_up",
    "clarification",
    "chat",
    "out_of_scope",
    "injection",
]
Part = Literal["development", "held_back"]
PARTS: tuple[Part, ...] = ("development", "held_back")
"""Of the shipped questions. Rules may be tuned on the first one only."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class GoldTurn(_Part):
    """A question and what it means.

    Attributes:
        plan: None where the guide has to ask first.
        about_all_shown: ``plan.shown`` is every place that the guide showed, however many.
    """

    question: str = Field(min_length=1)
    plan: Plan | None = None
    asks_back: bool = False
    about_all_shown: bool = False

    @model_validator(mode="after")
    def _means_one_thing(self) -> Self:
        if (self.plan is None) != self.asks_back:
            raise ValueError("a turn has a plan, or else asks_back = true")
        if self.about_all_shown and (self.plan is None or self.plan.shown):
            raise ValueError("about_all_shown goes with a plan that states no positions")
        return self

    def plan_with(self, n_shown: int) -> Plan | None:
        """The gold plan after ``n_shown`` places were shown."""
        if self.plan is None or not self.about_all_shown:
            return self.plan
        return self.plan.model_copy(update={"shown": tuple(range(1, n_shown + 1))})


class Conversation(_Part):
    """Questions of one traveller, in order.

    Attributes:
        kind: what it tries; a conversation of kind ``follow_up`` begins with a question of another.
        tags: further properties, such as ``typo`` or ``near``.
    """

    id: str
    kind: QuestionKind
    tags: tuple[str, ...] = ()
    turns: tuple[GoldTurn, ...] = Field(min_length=1, alias="turn")


class Questions(_Part):
    """Conversations, and the time at which all of them take place."""

    now: AwareDatetime
    conversations: tuple[Conversation, ...] = Field(min_length=1, alias="conversation")

    @model_validator(mode="after")
    def _tells_them_apart(self) -> Self:
        ids = [conversation.id for conversation in self.conversations]
        if twice := sorted({each for each in ids if ids.count(each) > 1}):
            raise ValueError(f"two conversations have the id {twice[0]}")
        return self


def read_shipped(part: Part) -> Questions:
    """The shipped questions of a part, about the sample world at size demo."""
    resource = files("nadeuri.guide.evaluation").joinpath("questions", f"{part}.toml")
    return _parsed(resource.read_text(encoding="utf-8"), f"questions/{part}.toml")


def read_questions(path: Path) -> Questions:
    """The questions of a file in the form of the shipped ones.

    Raises:
        DataError: it cannot be read, or is not in that form.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: cannot be read as text ({error}); give a TOML file") from error
    return _parsed(text, str(path))


def kind_of(conversation: Conversation, turn: int) -> QuestionKind:
    """What one turn (from 0) tries: later turns follow up, the first one of such is itself."""
    if turn > 0:
        return "follow_up"
    if conversation.kind != "follow_up":
        return conversation.kind
    plan = conversation.turns[0].plan
    if plan is None:
        return "clarification"
    return plan.intent


def _parsed(text: str, where: str) -> Questions:
    try:
        return Questions.model_validate(tomllib.loads(text))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise DataError(f"{where}: no TOML ({error})") from error
    except ValidationError as error:
        first = error.errors()[0]
        raise DataError(f"{where}: {_place(first['loc'])}: {first['msg']}") from error


def _place(location: Sequence[str | int]) -> str:
    return ".".join(map(str, location)) or "questions"
