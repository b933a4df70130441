"""Every page over a real server of real artefacts: driven, looked at with axe-core, and timed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nadeuri.web import app

playwright = pytest.importorskip("playwright.sync_api")
from drive.chromium import CHROMIUM, PHONE, WIDE, launched  # noqa: E402 (it imports playwright)
from drive.pages import PAGES  # noqa: E402
from drive.visit import visited  # noqa: E402

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason=f"there is no {CHROMIUM}"),
]

SERVED = [each for each in PAGES if each.path in {entry.url_path for entry in app.PAGES}]
BOUND_S = 60.0
"""For the first content, on whatever runs the tests; bench/product.py measures the 2 s."""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with playwright.sync_playwright() as started:
        browser = launched(started)
        yield browser
        browser.close()


def test_the_list_has_every_page() -> None:
    assert {entry.url_path for entry in app.PAGES} <= {each.path for each in PAGES}


@pytest.mark.parametrize(
    ("viewport", "scheme"),
    [
        pytest.param(WIDE, "light", id="wide-light"),
        pytest.param(PHONE, "dark", id="phone-dark", marks=pytest.mark.slow),
    ],
)
@pytest.mark.parametrize("driven", SERVED, ids=lambda driven: driven.name)
def test_a_person_gets_an_answer(
    chromium: Any, pages_world: str, driven: Any, viewport: Any, scheme: Any
) -> None:
    visit = visited(chromium, pages_world, driven, viewport, scheme)
    assert not visit.faults, "\n".join(visit.faults)
    assert not visit.violations, "\n".join(map(str, visit.violations))
    assert visit.first_content_s is not None
    assert visit.first_content_s < BOUND_S
