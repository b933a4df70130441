"""What all reports share: templates and their filters, and files that are never half written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jinja2
import pyarrow as pa
import pyarrow.parquet as pq

from nadeuri import columns
from nadeuri.artifact import code_revision

METRIC_TITLES = {columns.NDCG: "nDCG", columns.RECALL: "Recall", columns.MRR: "MRR"}


def page_environment(room: str) -> jinja2.Environment:
    """The templates of a room and the style of all, with filters for figures and foreign text.

    Args:
        room: the package that has the room's ``templates/``, such as ``nadeuri.recommend``.
    """
    packages = (room, "nadeuri.report")
    environment = jinja2.Environment(
        loader=jinja2.ChoiceLoader([jinja2.PackageLoader(p, "templates") for p in packages]),
        autoescape=jinja2.select_autoescape(["html"]),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "metric_title": metric_title,
        "p_value": _p_value,
        "signed": lambda value: f"{value:+.4f}".replace("-", "−"),
        "duration": duration,
        "cell": _markdown_cell,
    }
    return environment


def provenance() -> dict[str, str]:
    """When a page was written, and by which code."""
    return {
        "written": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "revision": (code_revision() or "unknown")[:12],
    }


def metric_title(name: str) -> str:
    """``metric_title("ndcg_at_10") == "nDCG@10"``."""
    metric, _, k = name.partition("_at_")
    return f"{METRIC_TITLES[metric]}@{k}"


def _p_value(value: float) -> str:
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def duration(seconds: float) -> str:
    """Seconds, minutes or hours, whichever reads best."""
    if seconds < 100:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.1f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"


def _markdown_cell(value: object) -> str:
    """Text that cannot break out of a Markdown table cell or become HTML."""
    text = " ".join(str(value).split())
    for character, safe in {"&": "&amp;", "<": "&lt;", ">": "&gt;", "|": "\\|"}.items():
        text = text.replace(character, safe)
    return text


def parquet_bytes(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """A small table as a Parquet file; a name that a row lacks is null there."""
    names = dict.fromkeys(name for row in rows for name in row)
    table = pa.Table.from_pylist([{name: row.get(name) for name in names} for row in rows])
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink)
    content: bytes = sink.getvalue().to_pybytes()
    return content


def replace_file(path: Path, content: str | bytes) -> None:
    """Write a file under another name and give it its own name when it is whole."""
    partial = path.with_name(f"{path.name}.partial")
    partial.write_bytes(content.encode() if isinstance(content, str) else content)
    partial.replace(path)
