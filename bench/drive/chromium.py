"""A window of Debian's Chromium that is watched: what it asks for, logs, and shows first."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, ViewportSize

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDE: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
PATIENCE_MS = 120_000.0
Scheme = Literal["light", "dark"]


@dataclass
class Watch:
    """What a window did that it should not.

    Attributes:
        errors: on the console, and exceptions that nobody caught.
        elsewhere: addresses that are not of the page's own server.
    """

    own: tuple[str, ...]
    errors: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)

    def saw_request(self, url: str) -> None:
        if not url.startswith(self.own):
            self.elsewhere.append(url)

    def saw_message(self, said: ConsoleMessage) -> None:
        if said.type == "error":
            self.errors.append(said.text)


def launched(playwright: Playwright) -> Browser:
    """Chromium, without a window yet."""
    return playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)


@contextmanager
def window(
    browser: Browser, url: str, viewport: ViewportSize, scheme: Scheme = "light"
) -> Iterator[tuple[Page, Watch]]:
    """A window of somebody who was never here, and what it is caught at.

    Args:
        url: of the server that it may ask.
    """
    context = browser.new_context(viewport=viewport, locale="ko-KR", color_scheme=scheme)
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    watch = Watch((url, url.replace("http", "ws", 1), "data:", "blob:"))
    page.on("request", lambda sent: watch.saw_request(sent.url))
    page.on("pageerror", lambda error: watch.errors.append(str(error)))
    page.on("console", watch.saw_message)
    try:
        yield page, watch
    finally:
        context.close()


def is_too_wide(page: Page) -> bool:
    """Whether something is wider than the window, so that the page scrolls sideways."""
    width: int = page.evaluate("document.documentElement.scrollWidth")
    size = page.viewport_size
    return size is not None and width > size["width"]
