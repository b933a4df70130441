"""What the API says of a question, as far as the page shows it."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class _Told(BaseModel):
    model_config = ConfigDict(frozen=True)


class Range(_Told):
    """From ``min`` to ``max``, both inclusive; None is an open end."""

    min: int | None
    max: int | None


class Dates(_Told):
    """Days from ``start`` to ``end``, both inclusive."""

    kind: Literal["date"]
    start: date
    end: date


class Duration(_Told):
    """A length of stay."""

    kind: Literal["duration"]
    nights: Range | None
    days: Range | None


class Party(_Told):
    """How many travel."""

    kind: Literal["party"]
    total: Range | None
    adults: Range | None
    children: Range | None
    infants: Range | None
    seniors: Range | None


class Budget(_Told):
    """Money between two sums, both inclusive.

    Attributes:
        currency: ISO 4217.
        per_person: None where the words do not say.
    """

    kind: Literal["budget"]
    min_amount: int | None
    max_amount: int | None
    currency: str
    per_person: bool | None


Value = Annotated[Dates | Duration | Party | Budget, Field(discriminator="kind")]


class Link(_Told):
    """What a name stands for."""

    code: str | None
    name: str


class Entity(_Told):
    """A stretch of the question that names something.

    Attributes:
        start, end: in code points of the text.
        confidence: a probability.
    """

    text: str
    label: str
    start: int
    end: int
    confidence: float = Field(ge=0, le=1)
    value: Value | None
    link: Link | None


class Intent(_Told):
    """What the traveller wants; several are joined by ``#``."""

    name: str
    confidence: float = Field(ge=0, le=1)


class Understood(_Told):
    """A question, and what was found in it.

    Attributes:
        text: in NFC, as the offsets count it.
        intent: None where there is nothing to read.
    """

    text: str
    intent: Intent | None
    entities: tuple[Entity, ...]
