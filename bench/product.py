"""The product as people meet it: every page driven, and a clean clone's demo; results/product.json.

python bench/product.py pages   # over the demo's world in work/: failures, axe-core, first content
python bench/product.py demo    # a clean clone, an empty cache: seconds and downloaded MiB
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from drive.chromium import PHONE, WIDE, launched, window
from drive.clone import measure_demo
from drive.pages import PAGES, Driven
from drive.visit import Visit, first_content, visited
from drive.world import demo_pages
from record import ROOT, record
from tables import table

BENCH = "product"
TRIES = 5
"""For the seconds until a page shows what it is; its figure is the median."""


def main() -> int:
    parser = argparse.ArgumentParser(description="The product as people meet it.")
    parser.add_argument("what", choices=("pages", "demo"), help="what to measure")
    parser.add_argument("--home", type=Path, default=ROOT / "work", help="of the demo [work]")
    parser.add_argument("--size", default="demo", help="of the sample world [demo]")
    options = parser.parse_args()
    if options.what == "demo":
        record(BENCH, *measure_demo(ROOT))
        return 0
    with demo_pages(options.home, options.size) as url, sync_playwright() as playwright:
        browser = launched(playwright)
        rows = [_measured(browser, url, driven) for driven in PAGES]
        browser.close()
    print(table([*_row(rows[0])], [[str(cell) for cell in _row(row).values()] for row in rows]))
    for row in rows:
        print(*(f"{row['page']}: {fault}\n" for fault in row["faults"] + row["violations"]), end="")
    record(BENCH, figures_of(rows), rows)
    return 1 if any(row["faults"] or row["violations"] for row in rows) else 0


def _measured(browser: Browser, url: str, driven: Driven) -> dict[str, Any]:
    """One page, used on a desk and on a phone, light and dark, and opened some times more."""
    visits = [
        visited(browser, url, driven, WIDE, "light"),
        visited(browser, url, driven, PHONE, "dark"),
    ]
    was_shown = all(visit.first_content_s is not None for visit in visits)
    return {
        "page": driven.name,
        "first_content_s": _opened(browser, url, driven) if was_shown else [],
        "faults": _all(visits, "faults"),
        "violations": _all(visits, "violations"),
    }


def _opened(browser: Browser, url: str, driven: Driven) -> list[float]:
    """Seconds until it shows what it is, each time in a browser that was never here."""
    seconds = []
    for _ in range(TRIES):
        with window(browser, url, WIDE) as (page, _watch):
            seconds.append(round(first_content(page, url, driven), 3))
    return seconds


def _all(visits: Sequence[Visit], kind: str) -> list[str]:
    """What was wrong on the desk or on the phone, each thing once."""
    return list(dict.fromkeys(str(each) for visit in visits for each in getattr(visit, kind)))


def figures_of(rows: Sequence[dict[str, Any]]) -> dict[str, float]:
    """Of all pages; without the time until the first content where a page never showed it."""
    figures = {
        "pages.total": float(len(rows)),
        "pages.failed": float(sum(bool(row["faults"]) for row in rows)),
        "pages.console_errors": float(
            sum(fault.startswith("console:") for row in rows for fault in row["faults"])
        ),
        "axe.serious": float(sum(len(row["violations"]) for row in rows)),
    }
    if all(row["first_content_s"] for row in rows):
        medians = [statistics.median(row["first_content_s"]) for row in rows]
        figures["first_content_s"] = max(medians)
        figures["first_content_worst_s"] = max(max(row["first_content_s"]) for row in rows)
    return figures


def _row(row: dict[str, Any]) -> dict[str, object]:
    seconds = row["first_content_s"]
    return {
        "Page": row["page"],
        "First content, median of 5 (s)": f"{statistics.median(seconds):.2f}" if seconds else "-",
        "Worst (s)": f"{max(seconds):.2f}" if seconds else "-",
        "Faults": len(row["faults"]),
        "axe-core, serious": len(row["violations"]),
    }


if __name__ == "__main__":
    sys.exit(main())
