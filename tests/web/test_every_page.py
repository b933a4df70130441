"""Every page over a real server of real artefacts: driven, looked at with axe-core, and timed."""

from __future__ import annotations

from typing import Any

import pytest
from web_browser import IN_CHROMIUM, PHONE, WIDE

from drive.pages import PAGES
from drive.visit import visited
from nadeuri.web import app

pytestmark = IN_CHROMIUM

SERVED = [each for each in PAGES if each.path in {entry.url_path for entry in app.PAGES}]
BOUND_S = 60.0
"""For the first content, on whatever runs the tests; bench/product.py measures the 2 s."""


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
