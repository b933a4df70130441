"""The Jenkins pipelines: every command that they run exists, with these options."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from nadeuri.cli import main

ROOT = Path(__file__).parents[2]
DELIVERY = (ROOT / "deploy/Jenkinsfile").read_text(encoding="utf-8")
MAPPING = (ROOT / "deploy/mapping.Jenkinsfile").read_text(encoding="utf-8")


def commands(pipeline: str) -> list[list[str]]:
    """Words of every shell command of a pipeline, one list for each of them."""
    blocks = re.findall(r"'''(.*?)'''", pipeline, re.S)
    single = re.sub(r"'''.*?'''", "", pipeline, flags=re.S)
    lines = blocks + re.findall(r"(?:sh|script:) '(.*)'", single)
    found: list[list[str]] = []
    for text in lines:
        joined = (
            text.replace("\\\\\n", " ")
            .replace("\n", " ")
            .replace("$(cat work/models.txt)", "MODELS")
        )
        for command in re.split(r"\|\||&&|\|", joined):
            words = shlex.split(re.sub(r">>? ?\S+", "", command))
            found.append(words)
    return found


ALL = commands(DELIVERY) + commands(MAPPING)
OURS = [words[1:] for words in ALL if words[0].endswith("bin/nadeuri")]


def resolved(words: list[str]) -> tuple[click.Command, list[str]]:
    """The command that words name, and its arguments."""
    command: click.Command = main
    rest = list(words)
    while isinstance(command, click.Group):
        found = command.get_command(click.Context(command), rest[0])
        assert found is not None, words
        command = found
        rest.pop(0)
    return command, rest


@pytest.mark.parametrize("words", OURS, ids=" ".join)
def test_commands_of_ours_exist_with_their_options(words: list[str]) -> None:
    command, rest = resolved(words)
    options = {
        name
        for parameter in command.params
        for name in (*parameter.opts, *parameter.secondary_opts)
    }
    assert {word for word in rest if word.startswith("--")} <= options
    parser = command.make_parser(click.Context(command))
    parser.parse_args(list(rest))


def test_the_commands_are_found() -> None:
    verbs = {tuple(words[:2]) for words in OURS}
    assert {("artifact", verb) for verb in ("gate", "publish", "promote", "list")} <= verbs
    assert {("recommend", "train"), ("understand", "train")} <= verbs
    assert {("match", "run"), ("match", "retry")} <= verbs


def test_make_has_the_targets() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.M))
    asked = {word for words in ALL if words[0] == "make" for word in words[1:]}
    assert asked == {"install", "check", "test", "check-deploy", "audit"}
    assert asked <= targets


def test_files_that_are_named_exist() -> None:
    named = re.findall(r"(?:configs|deploy)/[A-Za-z0-9_./-]+", DELIVERY + MAPPING)
    assert len(named) > 5
    for name in named:
        assert (ROOT / name.rstrip(".")).is_file(), name


def test_scripts_know_their_options() -> None:
    for words in ALL:
        if words[0].endswith("bin/python"):
            text = (ROOT / words[1]).read_text(encoding="utf-8")
            for word in words[2:]:
                if word.startswith("--"):
                    assert f'"{word}"' in text, words


@pytest.mark.parametrize("pipeline", [DELIVERY, MAPPING], ids=["delivery", "mapping"])
def test_configuration_is_documented(pipeline: str) -> None:
    readme = (ROOT / "deploy/README.md").read_text(encoding="utf-8")
    for name in set(re.findall(r"\bNADEURI_[A-Z_]+", pipeline)):
        assert f"`{name}`" in readme, name


def test_stages_are_in_order() -> None:
    order = re.findall(r"stage\('(.*)'\)", DELIVERY)
    assert order == [
        "Install",
        "Test",
        "Audit",
        "Retrain",
        "Train",
        "Quality gate",
        "Publish",
        "Deliver",
        "Resolve models",
        "Build",
        "Push",
        "Release",
        "Deploy",
        "Smoke",
        "Promote",
    ]
    assert "release.py rollback" in DELIVERY.split("unsuccessful")[1]


def test_every_exit_code_of_the_mapping_is_handled() -> None:
    assert set(re.findall(r"case (\d):", MAPPING)) == {"0", "3", "4", "5"}


def test_no_secret_is_written_down() -> None:
    for text in (DELIVERY, MAPPING):
        assert not re.search(r"AKIA|aws_secret|password\s*[=:]", text, re.I)
