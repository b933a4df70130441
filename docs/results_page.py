"""The page of benchmark results: what was run, when, on which revision and machine."""

from __future__ import annotations

import json
from pathlib import Path

RESULTS = Path(__file__).parent.parent / "bench/results"
INTRODUCTION = """# Results of benchmarks

Every figure of these pages comes from a file of `bench/results/`, which a benchmark wrote. [The
tables](../measured.md) are made from them by `make figures`; the format is in the [data
contracts](../data-contracts.md#results). Speed-ups are ratios measured in one run; a quality
figure is the mean over seeds.
"""


def page(results: Path = RESULTS) -> str:
    """The page, in Markdown: a section for each file, with every figure in it."""
    return INTRODUCTION + "".join(_section(path) for path in sorted(results.glob("*.json")))


def _section(path: Path) -> str:
    result = json.loads(path.read_text(encoding="utf-8"))
    machine = ", ".join(f"{name} {value}" for name, value in result["machine"].items())
    rows = "".join(f"| `{name}` | {value:g} |\n" for name, value in result["figures"].items())
    return (
        f"\n## {path.stem}\n\n{result['date']}, revision `{result['revision']}`, {machine}; "
        f"last command: `{result['command']}`\n\n| Figure | Value |\n| --- | ---: |\n{rows}"
    )
