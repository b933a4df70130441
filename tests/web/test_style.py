"""The style guide: sheets and pages know the same classes, and every colour can be read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import nadeuri.web
from nadeuri.web.theme import DARK, LIGHT

WEB = Path(nadeuri.web.__file__).parent
PYTHON = "\n".join(path.read_text(encoding="utf-8") for path in sorted(WEB.rglob("*.py")))
SCRIPTS = "\n".join(path.read_text(encoding="utf-8") for path in sorted(WEB.rglob("*.js")))
SHEETS = {path.name: path.read_text(encoding="utf-8") for path in sorted(WEB.glob("*/*.css"))}
CSS = "\n".join(re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL) for text in SHEETS.values())
CLASS = re.compile(r"(?<![\w-])nd-[a-z][a-z0-9-]*(?![\w-])")
IN_CSS = set(re.findall(r"\.(nd-[a-z][a-z0-9-]*)", CSS))
VARIABLES = dict(re.findall(r"(--nd-[a-z-]+): ([^;]+);", SHEETS["base.css"]))
PAGES = ("page", "paper")
AA = 4.5


def test_what_pages_use_is_in_the_sheets() -> None:
    used = {
        name
        for attribute in re.findall(r'class="([^"]*)"', PYTHON)
        for name in CLASS.findall(attribute)
    }
    assert used - IN_CSS == set()


def test_what_is_in_the_sheets_is_used() -> None:
    """A class may be put together: ``nd-`` and a word in quotes of its own, or a number at the end.

    Of those with numbers the first one is named where they are put together.
    """
    words = set(re.findall(r'"([a-z]+)"', PYTHON))
    named = set(CLASS.findall(PYTHON + SCRIPTS)) | {f"nd-{word}" for word in words}
    assert {re.sub(r"-\d+$", "-0", name) for name in IN_CSS} - named == set()


def test_sheets_use_variables_that_there_are() -> None:
    used = set(re.findall(r"var\((--nd-[a-z-]+)", CSS))
    assert used - set(VARIABLES) - {"--nd-logo", "--nd-hue"} == set()


def test_what_is_said_in_the_marker_has_the_colours_of_the_sheets() -> None:
    colours = re.findall(r"(?<![\w-])color: ([^;]+);", SHEETS["marker.css"])
    assert set(colours) - {"inherit", "white"} == {
        f"var(--nd-{name})" for name in ("soft", "text", "bad", "on-accent")
    }


@pytest.mark.parametrize(("number", "theme"), [(0, LIGHT), (1, DARK)], ids=["light", "dark"])
def test_the_widgets_have_the_colours_of_the_sheets(number: int, theme: dict[str, str]) -> None:
    for option, variable in (
        ("primaryColor", "accent"),
        ("backgroundColor", "page"),
        ("secondaryBackgroundColor", "paper"),
        ("textColor", "text"),
        ("borderColor", "line"),
        ("linkColor", "accent"),
    ):
        assert theme[option] == colours(variable)[number]


@pytest.mark.parametrize("number", [0, 1], ids=["light", "dark"])
def test_every_text_can_be_read(number: int) -> None:
    pairs = [(text, page) for text in ("text", "soft", "accent") for page in (*PAGES, "wash")]
    pairs += [("bad", page) for page in PAGES]
    pairs += [("on-accent", "accent")]
    pairs += [(kind, f"{kind}-wash") for kind in ("good", "info", "bad")]
    for text, page in pairs:
        ratio = contrast(colours(text)[number], colours(page)[number])
        assert ratio >= AA, f"{text} on {page}: {ratio:.2f}"


def colours(name: str) -> list[str]:
    """Of the light and the dark theme."""
    return re.findall("#[0-9a-f]{6}", VARIABLES[f"--nd-{name}"])


def contrast(one: str, other: str) -> float:
    """As WCAG 2 reckons it: from 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
