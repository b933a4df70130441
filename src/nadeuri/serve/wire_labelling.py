"""What goes over the wire when questions are labelled."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from nadeuri.errors import QueryError
from nadeuri.serve.wire import FROM_DIGITS, MAX_TEXT, Integer, Wire, nfc
from nadeuri.serve.wire_match import MAX_OFFSET, ONE_LINE
from nadeuri.understand.labelling.names import MAX_NAME, annotator_name

MAX_SPANS = 1_000
MAX_DISPUTES = 100
_MAX_NUMBER = 2**31 - 1


def _name(value: Any) -> Any:
    """Raises: ValueError: it is text, but no name."""
    try:
        return annotator_name(value) if isinstance(value, str) else value
    except QueryError as error:
        raise ValueError(str(error)) from error


Annotator = Annotated[
    str,
    Field(min_length=1, max_length=MAX_NAME, pattern=ONE_LINE),
    BeforeValidator(_name),
]
Name = Annotated[str, Field(min_length=1, max_length=MAX_TEXT), BeforeValidator(nfc)]


class MarkedSpan(Wire):
    """An entity."""

    start: Integer = Field(ge=0, le=_MAX_NUMBER, description="Character (code point) of the text.")
    end: Integer = Field(ge=1, le=_MAX_NUMBER, description="Behind the last character.")
    label: Name


class AnnotatorRequest(Wire):
    """Who asks."""

    annotator: Annotator = Field(description="Name of who labels.")


class LabelRequest(AnnotatorRequest):
    """What a person makes of a question."""

    spans: list[MarkedSpan] = Field(max_length=MAX_SPANS, description="None overlap.")
    intent: Name | None = Field(description="Null where only entities are labelled.")
    revision: Integer = Field(
        ge=0, le=_MAX_NUMBER, description="Of what is changed by this; 0 for the first."
    )


class SkipRequest(AnnotatorRequest):
    """Why somebody does not label a question."""

    reason: Literal["unclear", "broken", "private"] = Field(
        description="unclear: others are still asked; broken, private: nobody is any more."
    )


class AnnotatorQuery(Wire):
    """The query string of what depends on who asks."""

    annotator: Annotator = Field(description="Name of who labels.")


class DisputesQuery(Wire):
    """The query string of the list of disagreements."""

    limit: Annotated[int, Field(ge=1, le=MAX_DISPUTES), FROM_DIGITS] = Field(
        20, description="How many to return."
    )
    offset: Annotated[int, Field(ge=0, le=MAX_OFFSET), FROM_DIGITS] = Field(
        0, description="How many to pass over."
    )


class ExportQuery(Wire):
    """The query string of the export."""

    format: Literal["doccano", "label-studio"] = Field("doccano", description="Of the answer.")
    which: Literal["final", "all"] = Field(
        "final",
        description="final: one row a question, without open disagreements; all: what each said.",
    )


class LabelAnswer(Wire):
    """What a person said of a question."""

    annotator: str
    spans: list[MarkedSpan] = Field(description="In the order of the text.")
    intent: str | None
    revision: int = Field(ge=1)
    made: str = Field(description="ISO 8601 in UTC.")


class TaskAnswer(Wire):
    """A question to be labelled; what others said of it is not told to who is to label it."""

    task: str
    question: str = Field(description="The id that it came with.")
    text: str
    source: str = Field(description="Where it came from.")
    group: str | None = Field(description="The template or document that it came from.")
    copies: int = Field(ge=1, description="How many people are to label it.")
    confidence: float | None = Field(description="Of a model in its answer, where one was asked.")
    mine: LabelAnswer | None = Field(description="What who asks said of it last.")


class CountsAnswer(Wire):
    """Questions; each counts in every field that is true of it."""

    tasks: int = Field(ge=0, description="All of them.")
    labelled: int = Field(ge=0, description="By somebody.")
    complete: int = Field(ge=0, description="By as many as they are to be labelled by.")
    double: int = Field(ge=0, description="That two people are to label.")
    disputed: int = Field(ge=0, description="People disagree, and nobody has decided.")
    settled: int = Field(ge=0, description="Somebody decided.")
    withdrawn: int = Field(ge=0, description="Nobody is asked any more.")


class NextResponse(Wire):
    """What to label next; null where there is nothing for this person."""

    task: TaskAnswer | None
    n_mine: int = Field(ge=0, description="Questions that this person has labelled.")
    counts: CountsAnswer


class SavedResponse(Wire):
    """It was kept."""

    revision: int = Field(ge=1, description="To change it, name this.")


class SkippedResponse(Wire):
    """It was noted."""

    task: str


class PersonAnswer(Wire):
    """What one person did."""

    annotator: str
    labelled: int = Field(ge=0)
    skipped: int = Field(ge=0)
    seconds: float | None = Field(description="Median for a question; null of too few.")
    last: str | None = Field(description="When they labelled last, ISO 8601 in UTC.")


class PairAnswer(Wire):
    """How far two people agree on the questions that both labelled; null: nothing to compare."""

    first: str
    second: str
    n_questions: int = Field(ge=1)
    span_f1: float | None = Field(description="Of exact spans with their labels.")
    word_kappa: float | None = Field(description="Cohen's kappa of the label of each word.")
    intent_kappa: float | None = Field(description="Cohen's kappa of the intents.")


class AgreementAnswer(Wire):
    """How far people agree."""

    n_questions: int = Field(ge=0, description="That two or more people labelled.")
    word_alpha: float | None = Field(description="Krippendorff's alpha of the label of each word.")
    intent_alpha: float | None = Field(description="Krippendorff's alpha of the intents.")
    pairs: list[PairAnswer]


class ProgressResponse(Wire):
    """How far labelling has come."""

    counts: CountsAnswer
    people: list[PersonAnswer] = Field(description="Who labelled most comes first.")
    labels: dict[str, int] = Field(description="How often each entity label was given.")
    intents: dict[str, int] = Field(description="How often each intent was given.")
    agreement: AgreementAnswer


class DisputeAnswer(Wire):
    """A question that people disagree about."""

    task: TaskAnswer
    labels: list[LabelAnswer] = Field(description="What each of them said.")


class DisputesResponse(Wire):
    """A part of the disagreements that nobody has decided."""

    disputes: list[DisputeAnswer]
    n_disputed: int = Field(ge=0, description="All of them.")
