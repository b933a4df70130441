"""Figures of the product: what counts as downloaded, and as failed."""

from __future__ import annotations

from pathlib import Path

import pytest

from product_tables import product

pytest.importorskip("playwright.sync_api")
pytest.importorskip("axe_playwright_python")
from drive.clone import fetched_bytes, local_bytes
from product import figures_of


def row(page: str, seconds: list[float], *faults: str) -> dict[str, object]:
    return {"page": page, "first_content_s": seconds, "faults": list(faults), "violations": []}


def test_the_slowest_page_is_the_figure() -> None:
    figures = figures_of([row("home", [1.0, 3.0, 1.2]), row("lab", [1.5, 1.4, 1.6])])
    assert figures["first_content_s"] == 1.5
    assert figures["first_content_worst_s"] == 3.0
    assert figures["pages.failed"] == 0


def test_a_page_that_never_showed_leaves_no_time_behind() -> None:
    faults = ["not seen: h1", "console: oops"]
    figures = figures_of([row("home", [1.0]), row("lab", [], *faults)])
    assert "first_content_s" not in figures
    assert (figures["pages.total"], figures["pages.failed"]) == (2, 1)
    assert figures["pages.console_errors"] == 1
    assert "not measured" in product(figures, "en")


def test_a_file_of_this_machine_counts_once(tmp_path: Path) -> None:
    wheel = tmp_path / "torch-1-py3-none-any.whl"
    wheel.write_bytes(b"x" * 1000)
    log = f"Processing {wheel}\n  Processing {wheel}\nProcessing {tmp_path}/gone.whl\n"
    assert local_bytes(log) == 1000


def test_what_is_downloaded_is_what_pip_says_of_each_file_once() -> None:
    line = "2026-11-30T10:15:00,1   Downloading numpy-2.4.0.whl (16.6 MB)\n"
    log = f"{line}{line}  Downloading six-1.17.0.whl (11 kB)\n  Using cached idna.whl (70 kB)\n"
    assert fetched_bytes(log) == pytest.approx(16_611_000)
