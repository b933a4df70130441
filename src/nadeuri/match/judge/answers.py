"""The types that answers of the judge must have, made anew for each question, and their reading.

A schema names the only answers there are: opaque labels of the candidates, or relations. Servers
that ignore schemas exist, so that every answer is checked again when it is read.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError, create_model

from nadeuri import columns

Answer = TypeVar("Answer", bound=BaseModel)

NO_CANDIDATE = "none"
"""The answer to a selection when no candidate is the same place."""
LABELS = tuple("ABCDEFGHIJ")
"""Of candidates, in their order: they say nothing about the places."""


class Choice(BaseModel):
    """Which candidate is the same place; :func:`choice_type` names the labels."""

    model_config = ConfigDict(extra="forbid")

    choice: str


class Relation(BaseModel):
    """How two places relate."""

    model_config = ConfigDict(extra="forbid")

    relation: Literal["same", "contains", "nearby", "different"]


class YesNo(BaseModel):
    """Whether two places are "nearby or the same", as the mission words it."""

    model_config = ConfigDict(extra="forbid")

    answer: Literal["yes", "no"]


@cache
def choice_type(n_candidates: int) -> type[Choice]:
    """The type of an answer about so many candidates, at most ten."""
    one_of = Literal[(*LABELS[:n_candidates], NO_CANDIDATE)]  # type: ignore[valid-type]
    return create_model("Choice", __base__=Choice, choice=(one_of, ...))  # type: ignore[arg-type]


def read_choice(text: str, rights: Sequence[str]) -> str | None:
    """The chosen one of ``rights``, in the order in which they were shown; None for none of them.

    Raises:
        ValueError: the answer is no choice, or of a label that was not shown.
    """
    choice = _read(text, choice_type(len(rights))).choice
    return None if choice == NO_CANDIDATE else rights[LABELS.index(choice)]


def read_relation(text: str, answer: type[Relation] | type[YesNo]) -> str:
    """A relation of ``columns.RELATIONS``; "yes" counts as the same, "no" as different.

    Raises:
        ValueError: the answer is none of those allowed.
    """
    read = _read(text, answer)
    if isinstance(read, Relation):
        return read.relation
    return columns.SAME if read.answer == "yes" else columns.DIFFERENT


def _read(text: str, answer: type[Answer]) -> Answer:
    start, end = text.find("{"), text.rfind("}")  # small models wrap JSON in words or in a fence
    try:
        return answer.model_validate_json(text[start : end + 1] if 0 <= start < end else text)
    except ValidationError as error:
        raise ValueError(f"{text[:80]!r} is no {answer.__name__}") from error
