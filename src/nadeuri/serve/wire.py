"""What goes over the wire: these models validate requests, and OpenAPI is made from them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

MAX_HISTORY = 1000
MAX_K = 100
MAX_FILTER_VALUES = 100
MAX_BATCH = 100
MAX_TEXT = 200


def _whole_number(value: Any) -> Any:
    """JSON has one kind of number, and to JSON Schema 30.0 is an integer; true and "30" are not."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


Integer = Annotated[int, BeforeValidator(_whole_number)]
Text = Annotated[str, Field(min_length=1, max_length=MAX_TEXT)]


class Wire(BaseModel):
    """Strict: no unknown fields, no silent conversions."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class RecommendationRequest(Wire):
    """Who asks for what. With neither a user nor a history the answer is what is popular."""

    user: Text | None = Field(None, description="User id; the stored history is used.")
    history: list[Text] | None = Field(
        None,
        max_length=MAX_HISTORY,
        description="Product codes, oldest first; takes the place of the stored history.",
    )
    k: Integer = Field(10, ge=1, le=MAX_K, description="How many items to return.")
    filters: dict[str, Annotated[list[Text], Field(min_length=1, max_length=MAX_FILTER_VALUES)]] = (
        Field(
            default_factory=dict,
            description="Catalogue field -> accepted values; an item must pass every field.",
        )
    )
    exclude_seen: bool = Field(True, description="Leave out the items of the history.")


class Recommendation(Wire):
    """One item; what the catalogue does not say is null."""

    rank: int = Field(ge=1)
    item: str = Field(description="Product code.")
    name: str | None
    country: str | None
    city: str | None
    category: str | None
    score: float = Field(description="Comparable within one answer only.")


class RecommendationResponse(Wire):
    """The list, and what of the request was not understood."""

    source: Literal["personalised", "popular"] = Field(
        description="popular: there was no history to go by."
    )
    items: list[Recommendation] = Field(description="Best first; shorter than k if no more fit.")
    unknown_user: bool = Field(description="A user was named, and is not known.")
    unknown_items: list[str] = Field(description="Codes of the history not in the catalogue.")
    unknown_filters: dict[str, list[str]] = Field(description="Filter values that no item carries.")


class BatchRequest(Wire):
    """Several requests, answered together."""

    requests: list[RecommendationRequest] = Field(min_length=1, max_length=MAX_BATCH)


class BatchResponse(Wire):
    """Answers, in the order of the requests."""

    responses: list[RecommendationResponse]


class Health(Wire):
    """The process answers."""

    status: Literal["ok"] = "ok"


class Readiness(Wire):
    """The process serves this model."""

    status: Literal["ready"] = "ready"
    model: str
    version: str
    created: str
    code_revision: str | None
    data_fingerprint: str | None
    n_items: int
    n_users: int


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
