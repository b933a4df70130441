"""The tables that JMeter, Locust and we share: requests going out, results coming back.

Standard library only: Locust reads this in a virtual environment of its own.
"""

from __future__ import annotations

import csv
from pathlib import Path

from load.endpoints import BY_NAME

REQUEST_COLUMNS = ("path", "body")
JTL_COLUMNS = (
    "timeStamp",
    "elapsed",
    "label",
    "responseCode",
    "responseMessage",
    "threadName",
    "success",
    "failureMessage",
    "bytes",
    "Latency",
)


def read_rows(folder: Path) -> dict[str, list[tuple[str, str]]]:
    """Path and body of the requests to each endpoint, from the CSVs of a folder.

    Raises:
        FileNotFoundError: there is none.
    """
    found: dict[str, list[tuple[str, str]]] = {}
    for path in sorted(folder.glob("*.csv")):
        if path.stem in BY_NAME:
            with path.open(encoding="utf-8", newline="") as file:
                found[path.stem] = [(row["path"], row["body"]) for row in csv.DictReader(file)]
    if not found:
        raise FileNotFoundError(f"{folder}: no requests; python bench/load.py requests makes them")
    return found
