"""Helpers that write small click logs and catalogues, and prepare them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from nadeuri.data.prepare import prepare
from nadeuri.data.sequences import Dataset
from nadeuri.data.source import Source

Write = Callable[..., Path]
Prepare = Callable[..., Dataset]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """``write("clicks.csv", "line", ...)`` writes the lines as UTF-8 and returns the path."""

    def write(name: str, *lines: str, encoding: str = "utf-8") -> Path:
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes("".join(f"{line}\n" for line in lines).encode(encoding))
        return file

    return write


@pytest.fixture
def prepare_clicks(tmp_path: Path, write: Write) -> Prepare:
    """``prepare_clicks(rows, clicks={...}, cleaning={...}, catalogue={...})`` -> Dataset.

    ``rows`` are CSV lines of user, item, time; settings replace the defaults, under which nothing
    is cleaned.
    """

    def run(
        rows: Sequence[str] | None = None,
        out: str = "out",
        n_buckets: int | None = None,
        **parts: Any,
    ) -> Dataset:
        if rows is not None:
            write("clicks.csv", "user,item,time", *rows)
        source = Source(
            name="test",
            root=tmp_path,
            clicks={"files": ("clicks.csv",), **parts.get("clicks", {})},
            catalogue=parts.get("catalogue"),
            cleaning={"deduplicate": False, "min_user_clicks": 1, **parts.get("cleaning", {})},
        )
        return prepare(source, tmp_path / out, n_buckets)

    return run


@pytest.fixture
def histories() -> Callable[[Dataset], dict[str, list[str]]]:
    """User id -> product codes, oldest first."""

    def histories(dataset: Dataset) -> dict[str, list[str]]:
        codes = dataset.item_codes
        return {
            user: [codes[item - 1] for item in dataset.sequences.history(number)]
            for number, user in enumerate(dataset.user_ids)
        }

    return histories
