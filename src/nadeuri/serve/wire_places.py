"""What goes over the wire about a single place that is looked for in the other database."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from nadeuri.match.place_index import MOST_CANDIDATES
from nadeuri.serve.wire import MAX_TEXT, NOT_BLANK, Integer, Wire, nfc
from nadeuri.serve.wire_match import KnownPlace

MAX_ADDRESS = 500
Word = Annotated[str, Field(max_length=MAX_TEXT), BeforeValidator(nfc)]


class Position(Wire):
    """Where a place is, in degrees of WGS 84."""

    latitude: float = Field(ge=-90, le=90, allow_inf_nan=False)
    longitude: float = Field(ge=-180, le=180, allow_inf_nan=False)


class PlaceMatchRequest(Wire):
    """A place of the agency, as much as is known of it."""

    name: Annotated[str, BeforeValidator(nfc)] = Field(
        min_length=1,
        max_length=MAX_TEXT,
        pattern=NOT_BLANK,
        description="In any script; its length is counted in NFC, and it must not be blank.",
    )
    name_en: Word | None = None
    name_local: Word | None = Field(None, description="As it is written where the place is.")
    position: Position | None = Field(
        None, description="Null: unknown; then it is looked for by its names everywhere."
    )
    city: Word | None = None
    address: Annotated[str, Field(max_length=MAX_ADDRESS), BeforeValidator(nfc)] | None = None
    postal_code: Word | None = None
    phone: Word | None = None
    category: Word | None = None
    k: Integer = Field(5, ge=1, le=MOST_CANDIDATES, description="How many places to return.")


class PlaceCandidate(KnownPlace):
    """A place of the other database that may be the one asked for."""

    probability: float = Field(ge=0, le=1, description="That it is, calibrated.")
    metres: float | None = Field(description="Between the two; null where unknown.")


class PlaceMatchResponse(Wire):
    """Which place it is, as far as that can be said of one place alone."""

    decision: Literal["accept", "ask", "none"] = Field(
        description="Of the likeliest candidate: it is the place; a person should be asked; none "
        "of them is."
    )
    candidates: list[PlaceCandidate] = Field(description="The likeliest first.")
