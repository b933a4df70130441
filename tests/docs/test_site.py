"""The documentation site: built strictly, whole, and with nothing fetched from elsewhere."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path, PurePosixPath

import pytest
from pydantic import BaseModel

import api_reference
import cli_reference
import config_reference
import results_page
import site_hooks

ROOT = Path(__file__).parents[2]
ASSET = re.compile(
    r"<(?:script|img|iframe|source|video)\b[^>]*\bsrc=[\"']?(?:https?:)?//"
    r"|<link\b(?![^>]*rel=[\"']?canonical)[^>]*\bhref=[\"']?(?:https?:)?//"
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site; building fails on any warning, such as a link that leads nowhere."""
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src"), "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=1500,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def test_every_page_of_the_docs_is_on_the_site(site: Path) -> None:
    for page in (ROOT / "docs").rglob("*.md"):
        address = page.relative_to(ROOT / "docs").with_suffix(".html")
        if page.name == "README.md":
            address = address.with_name("index.html")
        assert (site / address).is_file(), page


def test_nothing_is_fetched_from_elsewhere(site: Path) -> None:
    pages = list(site.rglob("*.html"))
    assert len(pages) > 30
    for page in pages:
        assert not ASSET.search(page.read_text(encoding="utf-8")), page
    for sheet in site.rglob("*.css"):
        assert not re.search(r"url\([\"']?(?:https?:)?//|@import", sheet.read_text("utf-8")), sheet


def test_no_source_of_the_site_itself_is_published(site: Path) -> None:
    assert not list(site.rglob("*.py"))


def test_korean_words_are_in_the_search(site: Path) -> None:
    index = json.loads((site / "search/search_index.json").read_text(encoding="utf-8"))
    assert "ko" in index["config"]["lang"]
    assert any("부모님" in each["text"] for each in index["docs"])


def test_the_command_line_is_described_whole() -> None:
    page = cli_reference.page()
    commands = list(cli_reference.commands())
    assert len(commands) > 40
    for name, command in commands:
        assert re.search(rf"^##+ {name}$", page, re.MULTILINE), name
        for parameter in command.params:
            if parameter.param_type_name == "option" and not getattr(parameter, "hidden", False):
                assert parameter.opts[-1] in page, f"{name} {parameter.opts}"


def test_every_operation_and_model_of_the_api_is_described() -> None:
    document = json.loads(api_reference.FILE.read_text(encoding="utf-8"))
    page = api_reference.page(document)
    for path, methods in document["paths"].items():
        for method in methods:
            assert f"### {method.upper()} `{path}`" in page
    for name in document["components"]["schemas"]:
        assert f"\n### {name}\n" in page


@pytest.mark.parametrize("model", [model for model, _ in config_reference.FILES.values()])
def test_every_key_of_a_configuration_file_is_described(model: type[BaseModel]) -> None:
    page = config_reference.page()
    for _, section in config_reference.sections(model):
        for name in section.model_fields:
            assert f"| `{name}` |" in page or name == "root", f"{section.__name__}.{name}"


def test_settings_are_described_by_their_variable() -> None:
    page = config_reference.page()
    for variable in ("NADEURI_HOME", "MLFLOW_TRACKING_URI", "NADEURI_LLM_KEY", "NEO4J_URI"):
        assert f"| `{variable}` |" in page


def test_every_result_is_on_the_page_of_results() -> None:
    page = results_page.page()
    for path in results_page.RESULTS.glob("*.json"):
        result = json.loads(path.read_text(encoding="utf-8"))
        assert f"## {path.stem}\n" in page
        assert all(f"| `{name}` |" in page for name in result["figures"])


@pytest.mark.parametrize(
    ("home", "shown", "link", "expected"),
    [
        ("docs", ".", "[a](guide.md#b)", "[a](guide.md#b)"),
        ("docs", ".", "[a](../deploy/README.md#b)", "[a](deploy.md#b)"),
        ("docs/decisions", "decisions", "[a](../../bench/results)", "[a](../reference/results.md)"),
        ("docs/decisions", "decisions", "[a](../also-viewed.md#b)", "[a](../also-viewed.md#b)"),
        ("docs", ".", "[a](../configs/x.toml)", "a (`configs/x.toml`)"),
        ("deploy", ".", "[a](../docs/serving.md#b)", "[a](serving.md#b)"),
        (
            "docs",
            ".",
            "![a](images/x.svg) [b](https://c.d/)",
            "![a](images/x.svg) [b](https://c.d/)",
        ),
        ("docs", ".", "[a](#b)", "[a](#b)"),
    ],
)
def test_links_that_leave_the_docs(home: str, shown: str, link: str, expected: str) -> None:
    turned = site_hooks.outside_links(link, PurePosixPath(home), PurePosixPath(shown))
    assert turned == expected


HEADINGS = (
    "Intended use",
    "Training data",
    "Measured",
    "Limits",
    "Ethical considerations",
    "Licences",
)


@pytest.mark.parametrize(
    "card", sorted((ROOT / "docs/models").glob("[!R]*.md")), ids=lambda p: p.stem
)
def test_a_model_card_says_all_that_a_card_says(card: Path) -> None:
    text = card.read_text(encoding="utf-8")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == list(HEADINGS)
    assert "<!-- figures:" in text
    assert "Not meant" in text or "Not a " in text
