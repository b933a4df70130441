"""What the API says of questions to be labelled, as far as the pages show it."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

LabelReason = Literal["unclear", "broken", "private"]


class _Told(BaseModel):
    model_config = ConfigDict(frozen=True)


class MarkedSpan(_Told):
    """An entity: ``text[start:end]``, offsets in characters."""

    start: int
    end: int
    label: str


class Label(_Told):
    """What a person said of a question."""

    annotator: str
    spans: tuple[MarkedSpan, ...]
    intent: str | None
    revision: int


class Task(_Told):
    """A question to be labelled.

    Attributes:
        question: the id that it came with.
        mine: what who asks said of it.
    """

    task: str
    question: str
    text: str
    source: str
    mine: Label | None

    @property
    def revision(self) -> int:
        """That a new label of who asks is made on."""
        return 0 if self.mine is None else self.mine.revision


class Counts(_Told):
    """Questions; each counts in every field that is true of it."""

    tasks: int
    labelled: int
    complete: int
    double: int
    disputed: int
    settled: int
    withdrawn: int


class Next(_Told):
    """What to label next, and how far it all is.

    Attributes:
        task: None where there is nothing for this person.
        n_mine: questions that this person has labelled.
    """

    task: Task | None
    n_mine: int
    counts: Counts


class Person(_Told):
    """What one person did; ``seconds`` is the median for a question, None of too few."""

    annotator: str
    labelled: int
    skipped: int
    seconds: float | None


class Pair(_Told):
    """How far two people agree; None where there is nothing to compare."""

    first: str
    second: str
    n_questions: int
    span_f1: float | None
    word_kappa: float | None
    intent_kappa: float | None


class Agreement(_Told):
    """How far people agree."""

    n_questions: int
    pairs: tuple[Pair, ...]


class Progress(_Told):
    """How far labelling has come."""

    counts: Counts
    people: tuple[Person, ...]
    labels: dict[str, int]
    intents: dict[str, int]
    agreement: Agreement


class Dispute(_Told):
    """A question that people disagree about, and what each of them said."""

    task: Task
    labels: tuple[Label, ...]


class Disputes(_Told):
    """A part of the disagreements; ``n_disputed`` are all of them."""

    disputes: tuple[Dispute, ...]
    n_disputed: int


class SuggestedSpan(MarkedSpan):
    """An entity that a model found."""

    confidence: float


class SuggestedIntent(_Told):
    """The intent that a model found."""

    name: str
    confidence: float


class Suggestion(_Told):
    """What a model makes of a question."""

    spans: tuple[SuggestedSpan, ...]
    intent: SuggestedIntent | None
