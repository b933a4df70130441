"""What goes over the wire: these models validate requests, and OpenAPI is made from them."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from nadeuri.artifact import Manifest
from nadeuri.guide.answer import Answer, Turn
from nadeuri.understand.gazetteer import LinkKind
from nadeuri.understand.values.ranges import Granularity

MAX_HISTORY = 1000
MAX_K = 100
MAX_FILTER_VALUES = 100
MAX_BATCH = 100
MAX_TEXT = 200
MAX_QUESTION = 10_000
MAX_QUESTION_IN_BATCH = 1_000
MAX_CHAT_QUESTION = 500
MAX_CODE = 100
MAX_CITY, MAX_CITIES = 40, 10
"""In a path and a query string, where all has to fit into a request line of 8,190 bytes even if
every character takes twelve of them."""
THREAD_PATTERN = "^[A-Za-z0-9_-]{16,64}$"
"""Of a conversation's name: too long to be guessed, for whoever knows it may read along."""
_DIGITS = re.compile("[0-9]{1,9}")
_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
NOT_BLANK = r"[^\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]"
"""Some character that is no space to Python; \\s means something else in every dialect."""


def _whole_number(value: Any) -> Any:
    """JSON has one kind of number, and to JSON Schema 30.0 is an integer; true and "30" are not."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


Integer = Annotated[int, BeforeValidator(_whole_number)]
Text = Annotated[str, Field(min_length=1, max_length=MAX_TEXT)]


class Wire(BaseModel):
    """Strict: no unknown fields, no silent conversions."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Recommendation(Wire):
    """One item; what the catalogue does not say is null."""

    rank: int = Field(ge=1)
    item: str = Field(description="Product code.")
    name: str | None
    country: str | None
    city: str | None
    category: str | None
    score: float = Field(description="Comparable within one answer only.")


def _digits(value: Any) -> Any:
    """Numbers in a query string are plain digits: no sign, space, point or underscore."""
    return int(value) if isinstance(value, str) and _DIGITS.fullmatch(value) else value


def _truth(value: Any) -> Any:
    return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value


def _day(value: Any) -> Any:
    """RFC 3339's full-date and nothing else: no time behind it, no seconds since 1970."""
    if not isinstance(value, str):
        return value
    if not _DAY.fullmatch(value):
        raise ValueError("not a date of the form YYYY-MM-DD")
    return date.fromisoformat(value)


FROM_DIGITS = BeforeValidator(_digits)
"""Of a whole number in a query string; comes behind its limits, or the schema would lose them."""
QueryCount = Annotated[int, Field(ge=1, le=MAX_K), FROM_DIGITS]
QueryTruth = Annotated[bool, BeforeValidator(_truth)]


class AlsoViewedQuery(Wire):
    """The query string of a product's neighbours."""

    k: QueryCount = Field(10, description="How many products to return.")
    city: list[Annotated[str, Field(min_length=1, max_length=MAX_CITY)]] = Field(
        default_factory=list,
        max_length=MAX_CITIES,
        description="Accepted cities; may be repeated. Without it, all are.",
    )
    same_country: QueryTruth = Field(
        False, description="Only products of the country of this product."
    )
    per_city: QueryCount | None = Field(None, description="At most so many products of one city.")


class AlsoViewedResponse(Wire):
    """The list, and what of the request was not understood."""

    source: Literal["viewed", "metadata", "popular"] = Field(
        description="viewed: from how people browse; metadata: the product is new, so from "
        "products like it; popular: nothing is known of it but perhaps its city."
    )
    items: list[Recommendation] = Field(description="Best first; shorter than k if no more fit.")
    unknown_filters: dict[str, list[str]] = Field(description="Filter values that no item carries.")


def nfc(value: Any) -> Any:
    """``value`` in the one form in which text is stored, if it is text."""
    return unicodedata.normalize("NFC", value) if isinstance(value, str) else value


class QuestionRequest(Wire):
    """A question in Korean, or whatever a traveller types."""

    text: Annotated[str, BeforeValidator(nfc)] = Field(
        min_length=1,
        max_length=MAX_QUESTION,
        pattern=NOT_BLANK,
        description="Its length is counted in NFC; it must not be blank.",
    )
    today: Annotated[date, BeforeValidator(_day)] | None = Field(
        None, description="What '다음 달' is reckoned from; today in Seoul if absent."
    )


class Intent(Wire):
    """What the traveller wants."""

    name: str
    confidence: float = Field(ge=0, le=1, description="Calibrated probability.")


class NumberRange(Wire):
    """From ``min`` to ``max``, both inclusive; null is an open end."""

    min: int | None
    max: int | None


class DateValue(Wire):
    """Days from ``start`` to ``end``, both inclusive."""

    kind: Literal["date"]
    start: date
    end: date
    granularity: Granularity = Field(description="How exactly the traveller spoke.")


class DurationValue(Wire):
    """A length of stay; null is what the words do not say."""

    kind: Literal["duration"]
    nights: NumberRange | None
    days: NumberRange | None


class PartyValue(Wire):
    """How many travel; null is what the words do not say."""

    kind: Literal["party"]
    total: NumberRange | None
    adults: NumberRange | None
    children: NumberRange | None
    infants: NumberRange | None
    seniors: NumberRange | None


class BudgetValue(Wire):
    """Money between two sums, both inclusive; null is an open end."""

    kind: Literal["budget"]
    min_amount: int | None
    max_amount: int | None
    currency: str = Field(description="ISO 4217.")
    per_person: bool | None = Field(description="Null where the words do not say.")


class EntityLink(Wire):
    """The place, hotel or airline that a name stands for."""

    code: str | None = Field(description="ISO 3166 of a country, IATA of a city or an airline, ...")
    name: str = Field(description="The usual Korean name.")
    label: str = Field(description="Of what is linked: 홍콩 is a 국가 to some, a 지역 here.")
    country: str | None = Field(description="ISO 3166 alpha-2.")
    kind: LinkKind = Field(description="How the spelling was matched.")
    confidence: float = Field(gt=0, le=1)


class QuestionEntity(Wire):
    """A stretch of the question that names something."""

    text: str = Field(description="As written.")
    label: str
    start: int = Field(ge=0, description="Character offset (code points) in the NFC text.")
    end: int = Field(description="Behind the last character.")
    confidence: float = Field(ge=0, le=1, description="Calibrated probability of span and label.")
    value: (
        Annotated[DateValue | DurationValue | PartyValue | BudgetValue, Field(discriminator="kind")]
        | None
    ) = Field(description="Of dates, durations, parties and budgets that could be read.")
    link: EntityLink | None = Field(
        description="Of names that are known, among the first 100 entities."
    )


class QuestionResponse(Wire):
    """A question understood."""

    text: str = Field(description="The question in NFC; offsets refer to it.")
    intent: Intent | None = Field(description="Null where there is nothing to read.")
    entities: list[QuestionEntity] = Field(description="In the order of the text; none overlap.")


class QuestionInBatch(QuestionRequest):
    """One of several questions: short, so that together they are answered in seconds."""

    text: Annotated[str, BeforeValidator(nfc)] = Field(
        min_length=1,
        max_length=MAX_QUESTION_IN_BATCH,
        pattern=NOT_BLANK,
        description="Its length is counted in NFC; it must not be blank.",
    )


class QuestionBatchRequest(Wire):
    """Several questions."""

    questions: list[QuestionInBatch] = Field(min_length=1, max_length=MAX_BATCH)


class QuestionBatchResponse(Wire):
    """Answers, in the order of the questions."""

    answers: list[QuestionResponse]


class ChatRequest(Wire):
    """What a traveller says to the place guide."""

    question: Annotated[str, BeforeValidator(nfc)] = Field(
        min_length=1,
        max_length=MAX_CHAT_QUESTION,
        pattern=NOT_BLANK,
        description="Its length is counted in NFC; it must not be blank.",
    )
    thread: str | None = Field(
        None,
        pattern=THREAD_PATTERN,
        description="The conversation that it continues; a new one is begun if absent. Whoever "
        "knows the name of a conversation may read it: choose it at random.",
    )
    stream: bool = Field(
        True,
        description="Events as they come. False, or an Accept header that prefers "
        "application/json, asks for the answer alone.",
    )


class ChatResponse(Wire):
    """The guide's answer, and the conversation that it is part of."""

    thread: str
    answer: Answer


class ThreadResponse(Wire):
    """A conversation so far."""

    thread: str
    turns: list[Turn] = Field(description="Oldest first.")


class Health(Wire):
    """The process answers."""

    status: Literal["ok"] = "ok"


class ServedModel(Wire):
    """One model, as its artefact describes it."""

    kind: str = Field(description="Of the artefact: which room it opens.")
    model: str
    version: str
    created: str
    code_revision: str | None
    data_fingerprint: str | None
    n_items: int | None = Field(description="Products it knows; null where it knows of none.")
    n_users: int | None = Field(description="Known travellers; null where none are kept.")

    @classmethod
    def of(
        cls, manifest: Manifest, *, n_items: int | None = None, n_users: int | None = None
    ) -> Self:
        """The model of an opened artefact."""
        return cls(
            kind=manifest.kind,
            model=manifest.metadata["model"],
            version=manifest.version,
            created=manifest.created.isoformat(),
            code_revision=manifest.code_revision,
            data_fingerprint=manifest.data_fingerprint,
            n_items=n_items,
            n_users=n_users,
        )


class RefusedArtifact(Wire):
    """An artefact that was published for the running server and is not served."""

    kind: str = Field(description="Of the model that would have been replaced.")
    model: str = Field(description="Its name.")
    version: str | None = Field(description="Null where that cannot be read.")
    reason: str
    refused: datetime


class Readiness(Wire):
    """The process serves these models."""

    status: Literal["ready"] = "ready"
    models: list[ServedModel]
    refused: list[RefusedArtifact] = Field(
        default_factory=list,
        description="Newer versions of these models that did not pass their trial, or that were "
        "taken back; what was served before is served on.",
    )


class FieldProblem(Wire):
    """What is wrong with one field of a request."""

    field: str
    message: str


class Problem(Wire):
    """An error, as RFC 9457 has it."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str = ""
    request_id: str
    errors: list[FieldProblem] = []
