"""One visit to one page: what showed when, what a person did, and what was wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Browser, Error, Page, ViewportSize

from drive.axe import Violation, grave_violations
from drive.chromium import Scheme, is_too_wide, window
from drive.pages import Driven, settle

_SHOWN_FIRST = """(content) => {
  window.ndShownFirst = 0;
  const isShown = (selector) =>
    [...document.querySelectorAll(selector)].some((each) => each.checkVisibility());
  const look = (_, watch) => {
    if (window.ndShownFirst || !isShown("h1") || !isShown(content)) return;
    watch.disconnect();
    requestAnimationFrame(() => { window.ndShownFirst = performance.now(); });
  };
  new MutationObserver(look).observe(document, { childList: true, subtree: true });
}"""
"""Notes when the title and the content were both there, in the frame that paints them."""


@dataclass(frozen=True)
class Visit:
    """What came of it.

    Attributes:
        first_content_s: from the start of the navigation until title and content are painted;
            None if they never were.
        faults: what failed, in words: something that was not seen, an error on the console, a
            request to another server, a page wider than the window.
        violations: of serious or critical impact, of the page as it opens and as it is left.
    """

    first_content_s: float | None
    faults: tuple[str, ...]
    violations: tuple[Violation, ...]


def first_content(page: Page, url: str, driven: Driven) -> float:
    """Open a page; seconds from the start of the navigation until it shows what it is.

    Raises:
        Error: of Playwright: it never does.
    """
    page.add_init_script(f"({_SHOWN_FIRST})({driven.content!r})")
    page.goto(f"{url}/{driven.path}", wait_until="commit")
    shown = page.wait_for_function("window.ndShownFirst")
    milliseconds: float = shown.json_value()
    return milliseconds / 1000


def visited(
    browser: Browser,
    url: str,
    driven: Driven,
    viewport: ViewportSize,
    scheme: Scheme = "light",
    *,
    then: Callable[[Page], None] = lambda page: None,
) -> Visit:
    """Open a page as somebody who was never here, do what a person does, and look closely.

    Args:
        url: of the pages' server.
        then: called with the page at the end, unless something was not seen.
    """
    seconds = None
    faults: list[str] = []
    violations: list[Violation] = []
    with window(browser, url, viewport, scheme) as (page, watch):
        try:
            seconds = first_content(page, url, driven)
            settle(page)
            violations += grave_violations(page)
            driven.act(page)
            settle(page)
            violations += grave_violations(page)
            then(page)
        except (Error, AssertionError) as error:
            faults.append(f"not seen: {str(error).strip()}")
        if is_too_wide(page):
            faults.append("wider than the window")
        faults += [f"console: {said}" for said in watch.errors]
        faults += [f"asks {address}" for address in watch.elsewhere]
    return Visit(seconds, tuple(faults), tuple(dict.fromkeys(violations)))
