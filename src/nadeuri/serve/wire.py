"""What goes over the wire: these models validate requests, and OpenAPI is made from them."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from nadeuri.artifact import Manifest

MAX_HISTORY = 1000
MAX_K = 100
MAX_FILTER_VALUES = 100
MAX_BATCH = 100
MAX_TEXT = 200
MAX_CODE = 100
MAX_CITY, MAX_CITIES = 40, 10
"""In a path and a query string, where all has to fit into a request line of 8,190 bytes even if
every character takes twelve of them."""
_DIGITS = re.compile("[0-9]{1,9}")


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


def _digits(value: Any) -> Any:
    """Numbers in a query string are plain digits: no sign, space, point or underscore."""
    return int(value) if isinstance(value, str) and _DIGITS.fullmatch(value) else value


def _truth(value: Any) -> Any:
    return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value


QueryCount = Annotated[int, Field(ge=1, le=MAX_K), BeforeValidator(_digits)]
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
    n_items: int
    n_users: int | None = Field(description="Known travellers; null where none are kept.")

    @classmethod
    def of(cls, manifest: Manifest, *, n_items: int, n_users: int | None = None) -> Self:
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


class Readiness(Wire):
    """The process serves these models."""

    status: Literal["ready"] = "ready"
    models: list[ServedModel]


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
