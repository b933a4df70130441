"""What the documentation site adds: references made from the code, and links that stay true.

MkDocs calls the functions ``on_*`` (``hooks`` in mkdocs.yml).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

import api_reference
import cli_reference
import config_reference
import results_page

ROOT = Path(__file__).parent.parent
LINK = re.compile(r"(?<=\]\()(?!\w+:|#)(?P<path>[^)\s#]+)(?P<anchor>#[^)\s]*)?(?=\))")
DEPLOY = "deploy/README.md"
MADE: dict[str, Callable[[], str]] = {
    "reference/cli.md": cli_reference.page,
    "reference/api.md": api_reference.page,
    "reference/configuration.md": config_reference.page,
    "reference/results.md": results_page.page,
    "deploy.md": lambda: (ROOT / DEPLOY).read_text(encoding="utf-8"),
}
"""Pages that are no file below docs/, and what makes them."""
ELSEWHERE = {DEPLOY: "deploy.md", "bench/results": "reference/results.md"}
"""Files and folders outside of docs/, by the page of the site that shows them."""


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that are made from code, from results, and from deploy/."""
    for address, make in MADE.items():
        files.append(File.generated(config, address, content=make()))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Turn links that leave docs/ into links to the page that shows the file, or into its path."""
    source = page.file.src_uri
    home = PurePosixPath(DEPLOY if source == "deploy.md" else f"docs/{source}").parent
    return outside_links(markdown, home, PurePosixPath(source).parent)


def outside_links(markdown: str, home: PurePosixPath, shown: PurePosixPath) -> str:
    """``markdown`` of a page that is in ``home`` of the repository and ``shown`` of the site."""

    def turned(link: re.Match[str]) -> str:
        target = _normal(home / link["path"])
        if target.parts[0] == "docs" and home.parts[0] == "docs":
            return link[0]
        inside = ELSEWHERE.get(str(target)) or str(target).removeprefix("docs/")
        return _from(shown, inside) + (link["anchor"] or "")

    def shown_as_text(link: re.Match[str]) -> str:
        target = _normal(home / link["path"])
        known = target.parts[0] == "docs" or str(target) in ELSEWHERE
        return link[0] if known else f"{link['text']} (`{target}`)"

    text = re.sub(
        r"(?<!!)\[(?P<text>[^\]]+)\]\((?!\w+:|#)(?P<path>[^)\s#]+)[^)\s]*\)",
        shown_as_text,
        markdown,
    )
    return LINK.sub(turned, text)


def _normal(path: PurePosixPath) -> PurePosixPath:
    parts: list[str] = []
    for part in path.parts:
        if part == "..":
            parts.pop()
        else:
            parts.append(part)
    return PurePosixPath(*parts)


def _from(folder: PurePosixPath, target: str) -> str:
    return "../" * len(folder.parts) + target
