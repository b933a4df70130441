"""Take the pictures of README and docs: every page of the demo's world, on a desk and a phone.

python docs/screenshot.py
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "bench"))  # where what a person does on each page is written down

from drive.chromium import CHROMIUM, FLAGS, PHONE, WIDE, Scheme, launched  # noqa: E402
from drive.pages import PAGES, Driven  # noqa: E402
from drive.visit import visited  # noqa: E402
from drive.world import demo_pages  # noqa: E402

__all__ = ["CHROMIUM", "FLAGS", "take"]
OUT = Path(__file__).parent / "screenshots"
MOST_HEIGHT = 2_000
INPUT_PX = 100
"""The input lies over the conversation, at its foot."""
SETTLE_MS = 2_000
"""For fonts and maps, which are drawn after the text."""
TAKEN: tuple[tuple[str, ViewportSize, Scheme], ...] = (
    ("", WIDE, "light"),
    ("-phone", PHONE, "light"),
    ("-dark", WIDE, "dark"),
    ("-phone-dark", PHONE, "dark"),
)
"""Ending of a picture's name, and how the page is looked at."""


def main() -> int:
    parser = argparse.ArgumentParser(description="The pictures of README and docs.")
    parser.add_argument("--home", type=Path, default=ROOT / "work", help="of the demo [work]")
    parser.add_argument("--size", default="demo", help="of the sample world [demo]")
    parser.add_argument("--out", type=Path, default=OUT, help="folder [docs/screenshots]")
    parser.add_argument("--page", action="append", help="only this one; may be repeated [all]")
    parser.add_argument("--dark", action="store_true", help="in dark as well, to be looked at")
    options = parser.parse_args()
    endings = [each for each in TAKEN if options.dark or each[2] == "light"]
    options.out.mkdir(parents=True, exist_ok=True)
    faults: list[str] = []
    with demo_pages(options.home, options.size) as url, sync_playwright() as playwright:
        browser = launched(playwright)
        for driven in PAGES:
            if options.page and driven.name not in options.page:
                continue
            for ending, viewport, scheme in endings:
                file = options.out / f"{driven.name}{ending}.png"
                faults += take(browser, url, driven, viewport, scheme, file)
        browser.close()
    print("\n".join(faults))
    return 1 if faults else 0


def take(
    browser: Browser, url: str, driven: Driven, viewport: ViewportSize, scheme: Scheme, file: Path
) -> list[str]:
    """Drive a page and keep a picture of its end; what went wrong on the way.

    A page that failed leaves the picture of before as it is.
    """

    def keep(page: Page) -> None:
        _grow(page, viewport)
        page.screenshot(path=file)
        print(f"{file}: {file.stat().st_size // 1024} KiB", flush=True)

    visit = visited(browser, url, driven, viewport, scheme, then=keep)
    return [f"{file.name}: {fault}" for fault in visit.faults]


def _grow(page: Page, viewport: ViewportSize) -> None:
    """Make the window as high as the page, so that nothing is scrolled away."""
    page.wait_for_timeout(SETTLE_MS)
    height = page.evaluate(
        "document.querySelector('[data-testid=stMainBlockContainer]').scrollHeight"
    )
    width = viewport["width"]
    page.set_viewport_size({"width": width, "height": min(height + INPUT_PX, MOST_HEIGHT)})
    page.evaluate("document.querySelector('.stMain').scrollTo(0, 0)")
    page.mouse.click(width // 2, 2)  # out of the input, so that its frame is calm
    page.wait_for_timeout(SETTLE_MS)


if __name__ == "__main__":
    sys.exit(main())
