"""Write an experiment as the TOML file that ``nadeuri recommend train`` reads."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from textwrap import wrap
from typing import Any

from nadeuri.recommend.config import ExperimentConfig
from nadeuri.report.pages import replace_file


def write_config(config: ExperimentConfig, path: Path, why: str) -> None:
    """Write every field, also those at their defaults, below ``why`` as a comment."""
    plain = "".join(c if c.isprintable() else " " for c in why)  # TOML refuses control characters
    comment = [f"# {line}" for line in wrap(plain, 98)]
    replace_file(path, "\n".join([*comment, *_lines(config.model_dump(mode="json"), "")]) + "\n")


def _lines(table: Mapping[str, Any], name: str) -> Iterator[str]:
    for key, value in table.items():
        if value is not None and not isinstance(value, dict):
            yield f"{key} = {_value(value)}"
    for key, value in table.items():
        if isinstance(value, dict):
            header = f"{name}.{key}" if name else key
            yield from ("", f"[{header}]", *_lines(value, header))


def _value(value: Any) -> str:
    """TOML of a scalar or an array: what JSON writes is TOML too, but for DEL."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
