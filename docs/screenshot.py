"""Take the README's pictures: the API and the pages on the sample world, in a real Chromium.

python docs/screenshot.py
"""

from __future__ import annotations

import argparse
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from nadeuri.data.prepare import open_or_prepare
from nadeuri.data.sample import write_sample
from nadeuri.demo.guide import ASKED_GUIDE, build_guide
from nadeuri.demo.places import build_places
from nadeuri.settings import Settings

OUT = Path(__file__).parent / "screenshots"
CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDTH, HEIGHT, MOST_HEIGHT = 1280, 900, 2_000
INPUT_PX = 100
"""The input lies over the conversation, at its foot."""
PATIENCE_S = 120.0
SETTLE_MS = 2_000
"""For fonts and the map, which are drawn after the text."""


def main() -> None:
    parser = argparse.ArgumentParser(description="The pictures of the README.")
    parser.add_argument("--home", type=Path, default=Path("work"), help="work folder [work]")
    parser.add_argument("--size", default="demo", help="of the sample world [demo]")
    parser.add_argument("--out", type=Path, default=OUT, help="folder [docs/screenshots]")
    options = parser.parse_args()
    settings = Settings.from_env(home=options.home)
    sample = write_sample(settings.home / f"sample-{options.size}", options.size)
    guide = build_guide(settings, sample.path, print)
    dataset = open_or_prepare(sample.path, settings.data_cache)
    places = build_places(settings, sample.path, dataset.catalogue, print)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "guide"  # the picture's conversation is not left in the demo's memory
        shutil.copytree(guide, copy)
        api, page = _free_port(), _free_port()
        rooms = (str(places.artifact), "--guide", str(copy), "--match-db", places.store)
        serve = ("serve", *rooms, "--port", str(api), "--workers", "1")
        web = ("web", "--api", f"http://127.0.0.1:{api}", "--port", str(page))
        with (
            _running(serve, f"http://127.0.0.1:{api}/readyz"),
            _running(web, f"http://127.0.0.1:{page}/_stcore/health"),
        ):
            _take_all(f"http://127.0.0.1:{page}", options.out)


def _take_all(url: str, out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    pictures: dict[str, Callable[[Page], None]] = {
        "guide": _ask,
        "planner": _plan,
        "review": _review,
    }
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for address, act in pictures.items():
            page = browser.new_page(
                viewport={"width": WIDTH, "height": HEIGHT}, locale="ko-KR", color_scheme="light"
            )
            page.set_default_timeout(PATIENCE_S * 1000)
            page.goto(f"{url}/{address}")
            act(page)
            _grow(page)
            file = out / f"{address}.png"
            page.screenshot(path=file)
            print(f"{file}: {file.stat().st_size // 1024} KiB")
            page.close()
        browser.close()


def _ask(page: Page) -> None:
    box = page.locator("[data-testid=stChatInput] textarea")
    box.fill(ASKED_GUIDE)
    box.press("Enter")
    page.locator(".nd-card").first.wait_for()
    page.get_by_text("근거 보기").wait_for()


def _plan(page: Page) -> None:
    page.get_by_role("button", name="예시 일정").click()
    page.get_by_role("button", name="패키지 찾기").click()
    page.get_by_text("일치율").first.wait_for()


def _review(page: Page) -> None:
    page.get_by_label("검토자 이름").fill("지민")
    page.get_by_label("검토자 이름").press("Enter")
    page.get_by_text("같은 곳일 확률").wait_for()


def _grow(page: Page) -> None:
    """Make the window as high as the conversation, so that nothing is scrolled away."""
    page.wait_for_timeout(SETTLE_MS)
    height = page.evaluate(
        "document.querySelector('[data-testid=stMainBlockContainer]').scrollHeight"
    )
    page.set_viewport_size({"width": WIDTH, "height": min(height + INPUT_PX, MOST_HEIGHT)})
    page.evaluate("document.querySelector('.stMain').scrollTo(0, 0)")
    page.mouse.click(WIDTH // 2, 2)  # out of the input, so that its frame is calm
    page.wait_for_timeout(SETTLE_MS)


@contextmanager
def _running(arguments: tuple[str, ...], ready: str) -> Iterator[None]:
    """``nadeuri`` with these arguments while the block runs, once ``ready`` answers."""
    process = subprocess.Popen([sys.executable, "-m", "nadeuri", *arguments])
    try:
        deadline = time.monotonic() + PATIENCE_S
        while not _answers(ready):
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"nadeuri {arguments[0]} does not start")
            time.sleep(0.2)
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5):  # noqa: S310 (our own address)
            return True
    except OSError:
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    main()
