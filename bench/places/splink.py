"""Splink beside Nadeuri: the same tables, without labels, in its own virtual environment."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.parquet as pq

from nadeuri import columns
from nadeuri.errors import NadeuriError
from nadeuri.match.normalise import normalise_address, normalise_name, normalise_phone
from nadeuri.match.scorer import LIKELY
from places.labelled import Quality
from places.pittsburgh import Pairs

WORKER = Path(__file__).parent.parent / "peers" / "splink_peer.py"


def mapped(python: Path, left: pa.Table, right: pa.Table) -> Pairs:
    """Pairs that are each other's best, and likely.

    Args:
        python: of the virtual environment of Splink.

    Raises:
        NadeuriError: Splink failed.
    """
    with TemporaryDirectory(prefix="nadeuri-splink-") as name:
        folder = Path(name)
        pq.write_table(_normalised(left), folder / "left.parquet")
        pq.write_table(_normalised(right), folder / "right.parquet")
        task = {each: str(folder / f"{each}.parquet") for each in ("left", "right")}
        task["out"] = str(folder / "pairs.jsonl")
        (folder / "task.json").write_text(json.dumps(task), encoding="utf-8")
        done = subprocess.run(
            [str(python), str(WORKER), str(folder / "task.json")],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise NadeuriError(f"Splink failed: {done.stderr.strip().splitlines()[-1]}")
        lines = (folder / "pairs.jsonl").read_text(encoding="utf-8").splitlines()
    pairs = [json.loads(line) for line in lines]
    return mutual_best([(each["left"], each["right"], each["probability"]) for each in pairs])


def _normalised(table: pa.Table) -> pa.Table:
    """Names and addresses as Nadeuri compares them: Splink wants standardised data."""
    rows = table.to_pylist()
    for row in rows:
        row[columns.NAME] = normalise_name(row[columns.NAME]).text
        words = normalise_address(row[columns.ADDRESS] or "").tokens
        row[columns.ADDRESS] = " ".join(words) or None
        row[columns.PHONE] = normalise_phone(row[columns.PHONE] or "") or None
    return pa.Table.from_pylist(rows, schema=table.schema)


def mutual_best(pairs: list[tuple[str, str, float]]) -> Pairs:
    """Likely pairs of which neither place has a better or earlier one."""
    best: list[dict[str, tuple[float, str, str]]] = [{}, {}]
    for left, right, probability in sorted(pairs):
        for side, place in enumerate((left, right)):
            if place not in best[side] or probability > best[side][place][0]:
                best[side][place] = (probability, left, right)
    return frozenset(
        (left, right)
        for probability, left, right in best[0].values()
        if probability >= LIKELY and best[1][right][1] == left
    )


def quality_against(found: Pairs, gold: Pairs) -> Quality:
    """Of pairs of ids."""
    return Quality.of(len(found & gold), len(found), len(gold))
