"""axe-core on a page: what stands in the way of people who do not see, hear or point well."""

from __future__ import annotations

import re
from dataclasses import dataclass

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

GRAVE = ("serious", "critical")
_RUN = """async () => {
    const found = await axe.run(document, { resultTypes: ["violations"] });
    return found.violations.flatMap(({ id, impact, nodes }) =>
        nodes.map(({ target, html, failureSummary }) =>
            [id, impact, target.flat().join(" "), html, failureSummary]));
}"""


@dataclass(frozen=True)
class Excuse:
    """A violation that is Streamlit's and cannot be mended from outside.

    Attributes:
        rule: of axe-core.
        html: regular expression that matches the start of the element.
        why: nothing can be done, and why a person can bear it.
    """

    rule: str
    html: re.Pattern[str]
    why: str


EXCUSES: tuple[Excuse, ...] = ()


@dataclass(frozen=True)
class Violation:
    """One element that breaks one rule of axe-core."""

    rule: str
    impact: str
    selector: str
    html: str
    what: str

    def __str__(self) -> str:
        return f"{self.rule} ({self.impact}) at {self.selector}: {self.html[:200]}\n{self.what}"


def grave_violations(page: Page) -> list[Violation]:
    """Those on the page as it is now; a contrast half through an animation is not measured."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found = [Violation(*each) for each in page.evaluate(_RUN)]
    return [each for each in found if each.impact in GRAVE and not _is_excused(each)]


def _is_excused(violation: Violation) -> bool:
    return any(
        excuse.rule == violation.rule and excuse.html.match(violation.html) for excuse in EXCUSES
    )
