"""Which places runs have decided on, and what they were like: the others are new or changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Literal

import pyarrow as pa
from sqlalchemy import Connection, delete, insert, select

from nadeuri import columns
from nadeuri.match.store.tables import SEEN, SINCE

Side = Literal["left", "right"]
_ROWS = 500  # of a statement


def contents(table: pa.Table) -> dict[str, str]:
    """The content of each place of a table of points of interest, as a short hash by its id."""
    names = sorted(table.column_names)
    found = {}
    for batch in table.select(names).to_batches(max_chunksize=10_000):
        for row in batch.to_pylist():
            text = json.dumps(row, ensure_ascii=False, sort_keys=True)
            found[row[columns.PLACE_ID]] = hashlib.sha256(text.encode()).hexdigest()[:16]
    return found


def seen(connection: Connection, side: Side) -> dict[str, str]:
    """What the places of a side were like when a run last decided on them."""
    rows = connection.execute(select(SEEN.c.place_id, SEEN.c.content).where(SEEN.c.side == side))
    return {row.place_id: row.content for row in rows}


def mark(connection: Connection, side: Side, places: Mapping[str, str], version: int) -> None:
    """Note what places are like; those noted so already keep their version."""
    known = seen(connection, side)
    new = {place: content for place, content in places.items() if known.get(place) != content}
    forget(connection, side, new.keys() & known.keys())
    rows = [
        {"side": side, "place_id": place, "content": content, SINCE: version}
        for place, content in sorted(new.items())
    ]
    for start in range(0, len(rows), _ROWS):
        connection.execute(insert(SEEN), rows[start : start + _ROWS])


def forget(connection: Connection, side: Side, places: Iterable[str]) -> None:
    """Have the next run take these places for new."""
    listed = sorted(places)
    for start in range(0, len(listed), _ROWS):
        connection.execute(
            delete(SEEN).where(
                SEEN.c.side == side, SEEN.c.place_id.in_(listed[start : start + _ROWS])
            )
        )
