"""README and docs: links lead somewhere, commands exist, and every file has its line."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from file_list import render
from nadeuri.cli import main
from site_hooks import MADE

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
PAGE_NAMES = [str(page.relative_to(ROOT)) for page in PAGES]

FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```", re.DOTALL | re.MULTILINE)
MADE_PAGES = {ROOT / "docs" / address for address in MADE}
LINK = re.compile(r"\]\(([^)\s]+)\)")


def code_blocks(page: Path, *languages: str) -> Iterator[str]:
    for fence in FENCE.finditer(page.read_text(encoding="utf-8")):
        if fence[2] in languages:
            yield fence[3].replace("\\\n", " ")


def commands(page: Path, program: str) -> Iterator[list[str]]:
    """Command lines of ``program`` in the page's shell blocks, without comments."""
    for block in code_blocks(page, "sh", "bash", "console"):
        for line in block.splitlines():
            words = shlex.split(line.strip().removeprefix("$ "), comments=True)
            while words and re.fullmatch(r"[A-Z_]+=.*", words[0]):
                words.pop(0)
            if words and Path(words[0]).name == program:
                yield list(words[1:])


def check_command(words: list[str]) -> None:
    """Fail unless ``words`` are a command with known options and all it requires."""
    command: click.Command = main
    context = click.Context(main)
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        name = words.pop(0)
        found = command.get_command(context, name)
        assert found is not None, f"nadeuri has no command {name!r}"
        command = found
    given, rest, _ = command.make_parser(click.Context(command)).parse_args(list(words))
    assert not rest or isinstance(command, click.Group), f"{command.name} does not take {rest}"
    for parameter in command.params:
        value = given.get(parameter.name or "")
        assert not parameter.required or isinstance(value, str | tuple), f"needs {parameter.name}"


@pytest.mark.parametrize("page", PAGES, ids=PAGE_NAMES)
def test_links_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        linked = page.parent / path if path else page
        if linked.resolve() in MADE_PAGES:  # building the site checks these, anchors included
            continue
        assert linked.exists(), f"{page.name} links to {target}"
        if anchor:
            headings = re.findall(r"^#+ (.+)$", linked.read_text(encoding="utf-8"), re.MULTILINE)
            anchors = {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in headings}
            assert anchor in anchors, f"{page.name} links to {target}"


@pytest.mark.parametrize("page", PAGES, ids=PAGE_NAMES)
def test_commands_exist(page: Path) -> None:
    for words in commands(page, "nadeuri"):
        check_command(words)


@pytest.mark.parametrize("page", PAGES, ids=PAGE_NAMES)
def test_make_targets_exist(page: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z][a-z-]*):", makefile, re.MULTILINE))
    for words in commands(page, "make"):
        assert {word for word in words if "=" not in word} <= targets


def test_the_readme_shows_commands_at_all() -> None:
    assert len(list(commands(ROOT / "README.md", "nadeuri"))) >= 5
    assert len(list(commands(ROOT / "README.md", "make"))) >= 2


def test_both_readmes_show_the_same_commands() -> None:
    english, korean = ROOT / "README.md", ROOT / "README.ko.md"
    for program in ("nadeuri", "make"):
        assert list(commands(english, program)) == list(commands(korean, program))


def test_the_check_catches_a_command_that_does_not_exist() -> None:
    for wrong in (
        ["recomend"],
        ["recommend", "teleport"],
        ["--colour"],
        ["sample"],
        ["sample", "work/sample", "--sizes", "tiny"],
        ["sample", "work/sample", "tiny"],
    ):
        with pytest.raises((AssertionError, click.UsageError)):
            check_command(wrong)


def test_architecture_lists_every_file() -> None:
    text = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    assert render(text, ROOT) == text, "run: make docs"


def test_every_package_folder_has_a_list() -> None:
    text = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    for package in (ROOT / "src/nadeuri").iterdir():
        if (package / "__init__.py").is_file():
            assert f"<!-- files:src/nadeuri/{package.name} -->" in text


def test_the_index_lists_every_decision() -> None:
    folder = ROOT / "docs/decisions"
    linked = set(LINK.findall((folder / "README.md").read_text(encoding="utf-8")))
    assert linked == {page.name for page in folder.glob("*.md")} - {"README.md"}
