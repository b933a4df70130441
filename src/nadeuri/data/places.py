"""Tables of eating places: the contract of their columns, rows and keys.

Read them with :class:`nadeuri.data.place_reader.PlaceReader`, which lets only sound rows through.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from nadeuri import columns

PLACES = "places"
RATINGS = "ratings"
MENUS = "menus"
REVIEWS = "reviews"
VISITS = "visits"
USAGE = "usage"
ATTRACTIONS = "attractions"

MISSING_VALUE = "missing_value"
UNREADABLE_VALUE = "unreadable_value"  # no number, date or truth value where there must be one
OUT_OF_RANGE = "out_of_range"
UNKNOWN_VALUE = "unknown_value"  # none of the few that the column may have
UNKNOWN_PLACE = "unknown_place"
DUPLICATE_ROW = "duplicate_row"  # the same row again
CONFLICTING_ROW = "conflicting_row"  # the same key with other values: the first is kept


TEXT, LIST = pa.string(), pa.list_(pa.string())
NUMBER, WHOLE, TRUTH, DAY = pa.float64(), pa.int64(), pa.bool_(), pa.date32()
"""Types of columns."""

_MAX_MINUTES = 2 * 1440
EARTH_METRES = 6_371_008.8
"""Mean radius."""


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes:
        type: of its values once read.
        required: a row without a value is rejected.
        check: SQL over the value, written ``{}``, that sound values satisfy.
        reason: why a row is rejected whose value does not.
    """

    name: str
    type: pa.DataType = TEXT
    required: bool = True
    check: str | None = None
    reason: str = OUT_OF_RANGE


@dataclass(frozen=True)
class Table:
    """The contract of one table; no two rows have the same ``key``."""

    name: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def schema(self) -> pa.Schema:
        return pa.schema(
            [
                pa.field(
                    column.name, column.type, nullable=not column.required and column.type != LIST
                )
                for column in self.columns
            ]
        )

    @property
    def of_places(self) -> bool:
        """Whether rows belong to a place of the table of places."""
        return self.name not in (PLACES, ATTRACTIONS)


def literals(values: Iterable[str]) -> str:
    """SQL list of texts."""
    return "[" + ", ".join(literal(value) for value in values) + "]"


def literal(text: str) -> str:
    """SQL text."""
    return "'" + text.replace("'", "''") + "'"


_SHARE = "{} BETWEEN 0 AND 1"
_COUNT = "{} >= 0"
_ID = Column(columns.PLACE_ID)
_WHERE = (
    Column(columns.LATITUDE, NUMBER, check="{} BETWEEN -90 AND 90"),
    Column(columns.LONGITUDE, NUMBER, check="{} BETWEEN -180 AND 180"),
)
_SEGMENT = " OR ".join(
    f"({columns.DIMENSION} = {literal(dimension)} AND list_contains({literals(values)}, {{}}))"
    for dimension, values in columns.SEGMENTS.items()
)

TABLES = {
    table.name: table
    for table in (
        Table(
            PLACES,
            (columns.PLACE_ID,),
            (
                _ID,
                Column(columns.NAME),
                Column(columns.CATEGORY),
                Column(columns.ADDRESS),
                Column(columns.CITY),
                Column(columns.TOWN),
                Column(columns.VILLAGE, required=False),
                *_WHERE,
                Column(columns.OPENS, WHOLE, False, "{} BETWEEN 0 AND 1440"),
                Column(
                    columns.CLOSES,
                    WHOLE,
                    False,
                    f"{{}} BETWEEN 0 AND {_MAX_MINUTES} AND coalesce({{}} > {columns.OPENS}, true)",
                ),
                Column(
                    columns.CLOSED_DAYS,
                    LIST,
                    False,
                    f"list_has_all({literals(columns.SEGMENTS[columns.WEEKDAY])}, {{}})",
                    UNKNOWN_VALUE,
                ),
                Column(columns.TAKES_RESERVATIONS, TRUTH, False),
                Column(columns.RESERVATION_SHARE, NUMBER, False, _SHARE),
                Column(columns.WAITING_SHARE, NUMBER, False, _SHARE),
                Column(columns.WAITING_MINUTES, NUMBER, False, _COUNT),
            ),
        ),
        Table(
            RATINGS,
            (columns.PLACE_ID, columns.SOURCE),
            (
                _ID,
                Column(columns.SOURCE),
                Column(columns.RATING, NUMBER, check="{} BETWEEN 0 AND 5"),
                Column(columns.N_RATINGS, WHOLE, check=_COUNT),
            ),
        ),
        Table(
            MENUS,
            (columns.MENU_ID,),
            (
                Column(columns.MENU_ID),
                _ID,
                Column(columns.NAME),
                Column(columns.PRICE, WHOLE, False, _COUNT),
                Column(columns.IS_MAIN, TRUTH, False),
            ),
        ),
        Table(
            REVIEWS,
            (columns.REVIEW_ID,),
            (
                Column(columns.REVIEW_ID),
                _ID,
                Column(columns.SOURCE),
                Column(columns.TEXT),
                Column(columns.DATE, DAY, check="{} BETWEEN DATE '1990-01-01' AND '2100-01-01'"),
                Column(columns.RATING, NUMBER, False, "{} BETWEEN 0 AND 5"),
                Column(columns.KEYWORDS, LIST, False),
            ),
        ),
        Table(
            VISITS,
            (columns.PLACE_ID, columns.KIND, columns.VALUE),
            (
                _ID,
                Column(
                    columns.KIND,
                    check=f"list_contains({literals(columns.VISIT_KINDS)}, {{}})",
                    reason=UNKNOWN_VALUE,
                ),
                Column(columns.VALUE),
                Column(columns.N_VISITS, WHOLE, check=_COUNT),
            ),
        ),
        Table(
            USAGE,
            (columns.PLACE_ID, columns.MONTH, columns.DIMENSION, columns.VALUE),
            (
                _ID,
                Column(
                    columns.MONTH,
                    check="regexp_full_match({}, '[0-9]{{4}}-(0[1-9]|1[0-2])')",
                    reason=UNREADABLE_VALUE,
                ),
                Column(
                    columns.DIMENSION,
                    check=f"list_contains({literals(columns.SEGMENTS)}, {{}})",
                    reason=UNKNOWN_VALUE,
                ),
                Column(columns.VALUE, check=_SEGMENT, reason=UNKNOWN_VALUE),
                Column(columns.SHARE, NUMBER, check=_SHARE),
            ),
        ),
        Table(
            ATTRACTIONS,
            (columns.ATTRACTION_ID,),
            (
                Column(columns.ATTRACTION_ID),
                Column(columns.NAME),
                Column(columns.TOWN, required=False),
                *_WHERE,
            ),
        ),
    )
}
"""All tables, places first: rows of the others refer to them."""


def great_circle_metres(
    latitude: npt.ArrayLike,
    longitude: npt.ArrayLike,
    other_latitude: npt.ArrayLike,
    other_longitude: npt.ArrayLike,
) -> npt.NDArray[np.float64]:
    """Distance on a sphere of the earth's mean radius; degrees in, broadcast like NumPy."""
    phi, lam, other_phi, other_lam = (
        np.radians(np.asarray(value, dtype=np.float64))
        for value in (latitude, longitude, other_latitude, other_longitude)
    )
    half = (
        np.sin((other_phi - phi) / 2) ** 2
        + np.cos(phi) * np.cos(other_phi) * np.sin((other_lam - lam) / 2) ** 2
    )
    return np.asarray(2 * EARTH_METRES * np.arcsin(np.sqrt(half)))


def on_sphere(degrees: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Points [n, 3] on the unit sphere from latitude and longitude [n, 2]."""
    phi, lam = np.radians(degrees).T
    return np.column_stack([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)])
