"""Every code block of README and docs is run, or is checked and says why it is not run."""

from __future__ import annotations

import json
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
from code_blocks import SHELLS, Block, blocks
from page_runner import PageError, PageRunner
from pydantic import BaseModel

from nadeuri.data.source import Source
from nadeuri.recommend.compare_config import CompareConfig
from nadeuri.recommend.config import ExperimentConfig
from nadeuri.understand.config import ExperimentConfig as QuestionConfig

ROOT = Path(__file__).parents[2]
TUTORIAL = ROOT / "docs/tutorial.md"
PAGES = sorted(
    [
        ROOT / "README.md",
        ROOT / "README.ko.md",
        ROOT / "deploy/README.md",
        *ROOT.glob("docs/**/*.md"),
    ]
)
LANGUAGES = SHELLS | {"python", "toml", "json", "text"}
BLOCKS = [block for page in PAGES for block in blocks(page)]
RUN = [
    page
    for page in PAGES
    if page != TUTORIAL
    and any(b.language in {*SHELLS, "python"} and b.not_run is None for b in blocks(page))
]
TABLES: dict[str, type[BaseModel]] = {
    "clicks": Source,
    "public": Source,
    "experiments": CompareConfig,
    "encoder": QuestionConfig,
    "model": ExperimentConfig,
}
"""A table that only one kind of configuration file has, and what checks that kind."""


def of(*languages: str) -> list[Any]:
    return [pytest.param(block, id=block.place) for block in BLOCKS if block.language in languages]


def test_every_block_says_what_language_it_is() -> None:
    assert [b.place for b in BLOCKS if b.language not in LANGUAGES] == []
    assert len(BLOCKS) > 40


def test_what_is_not_run_says_why() -> None:
    for block in BLOCKS:
        if block.not_run is not None:
            assert len(block.not_run.split()) >= 2, block.place
            assert block.language in {*SHELLS, "python"}, block.place


def test_no_comment_about_a_block_is_lost() -> None:
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        said = text.count("<!-- not run") + text.count("<!-- file:")
        assert said == sum(b.not_run is not None or b.file is not None for b in blocks(page)), page


@pytest.mark.parametrize("block", of(*SHELLS))
def test_shell_blocks_parse(block: Block) -> None:
    code = block.code.replace("$ ", "") if block.language == "console" else block.code
    done = subprocess.run(["bash", "-n", "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("block", of("python"))
def test_python_blocks_parse(block: Block) -> None:
    compile(block.code, block.place, "exec")


@pytest.mark.parametrize("block", of("toml"))
def test_configurations_are_valid(block: Block) -> None:
    tables = tomllib.loads(block.code)
    models = [model for name, model in TABLES.items() if name in tables]
    assert models, f"{block.place}: no kind of configuration has such tables"
    models[0].model_validate(tables)


@pytest.mark.parametrize("block", of("json"))
def test_json_blocks_parse(block: Block) -> None:
    json.loads(block.code)


def test_the_runner_notices_a_command_that_fails(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "<!-- file: a.txt -->\n```text\nabc\n```\n\n"
        "```sh\nexport WORD=abc\ngrep $WORD a.txt\n```\n\n"
        "<!-- not run: it would fail -->\n```sh\nfalse\n```\n\n```sh\ngrep xyz a.txt\n```\n"
    )
    saved, found, unrun, missing = blocks(page)
    with PageRunner(tmp_path) as runner:
        for block in (saved, found, unrun):
            runner.run(block)
        with pytest.raises(PageError, match=r"page\.md:17: grep xyz"):
            runner.run(missing)


def test_the_tutorial_works_up_to_a_prepared_data_set(tmp_path: Path) -> None:
    text = TUTORIAL.read_text(encoding="utf-8")
    compared_from = text[: text.index("## 4. Compare")].count("\n")
    with PageRunner(tmp_path) as runner:
        for block in blocks(TUTORIAL):
            if block.line < compared_from:
                runner.run(block)
    assert (tmp_path / "work/agency/manifest.json").is_file()


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_the_tutorial_works(tmp_path: Path) -> None:
    with PageRunner(tmp_path) as runner:
        for block in blocks(TUTORIAL):
            runner.run(block)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("page", RUN, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_commands_of_a_page_work(page: Path, reader: Path) -> None:
    with PageRunner(reader) as runner:
        for block in blocks(page):
            runner.run(block)
