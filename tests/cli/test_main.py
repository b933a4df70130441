"""The top of the command line: speed, laziness, help and the way errors are shown."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from types import ModuleType

import click
import pytest
from click.testing import CliRunner

from nadeuri import __version__
from nadeuri.cli import VERBS, main
from nadeuri.cli.lazy import LazyGroup, Verb
from nadeuri.cli.recommend import VERBS as RECOMMEND_VERBS
from nadeuri.errors import DataError


def group_with(monkeypatch: pytest.MonkeyPatch, failure: BaseException) -> click.Group:
    """A lazy group whose one verb, ``fail``, raises ``failure``."""

    @click.command
    def command() -> None:
        raise failure

    module = ModuleType("nadeuri_test_verb")
    module.command = command  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return LazyGroup("test", verbs={"fail": Verb(module.__name__, "Fails.")})


@pytest.mark.parametrize(
    ("given", "then"), [({}, "passive"), ({"OMP_WAIT_POLICY": "active"}, "active")]
)
def test_threads_that_wait_leave_the_core_to_others(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], then: str
) -> None:
    environ = dict(given)
    monkeypatch.setattr(os, "environ", environ)
    main.callback()  # type: ignore[misc]
    assert environ == {"OMP_WAIT_POLICY": then}


def test_help_answers_in_under_half_a_second() -> None:
    seconds = float("inf")
    for _ in range(10):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-m", "nadeuri", "--help"], check=True, capture_output=True)
        seconds = min(seconds, time.perf_counter() - start)
        if seconds < 0.5:
            break
    assert seconds < 0.5


@pytest.mark.parametrize("arguments", [["--help"], ["recommend", "--help"], ["--version"]])
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    script = (
        "import sys\n"
        "from nadeuri.cli import main\n"
        f"main({arguments!r}, standalone_mode=False)\n"
        "heavy = {'torch', 'numpy', 'duckdb', 'pyarrow', 'pydantic', 'mlflow', 'flask', 'tqdm'}\n"
        "sys.exit(', '.join(sorted(heavy & set(sys.modules))) or 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_help_lists_every_verb() -> None:
    output = CliRunner().invoke(main, ["--help"]).output
    for name, verb in VERBS.items():
        assert name in output
        assert verb.short_help in output


def test_version() -> None:
    assert __version__ in CliRunner().invoke(main, ["--version"]).output


@pytest.mark.parametrize(
    "path", [(name,) for name in VERBS] + [("recommend", n) for n in RECOMMEND_VERBS]
)
def test_every_verb_has_a_help_with_an_example(path: tuple[str, ...]) -> None:
    result = CliRunner().invoke(main, [*path, "--help"])
    assert result.exit_code == 0, result.output
    assert "nadeuri " + " ".join(path) in " ".join(result.output.split())
    assert "example" in result.output.lower()


def test_an_unknown_verb_is_a_usage_error() -> None:
    result = CliRunner().invoke(main, ["recomend"])
    assert result.exit_code == 2
    assert "No such command" in result.stderr


def test_a_user_error_is_one_line_and_exit_code_2(monkeypatch: pytest.MonkeyPatch) -> None:
    group = group_with(
        monkeypatch, DataError("clicks.csv: no column 'user';\nset it in source.toml")
    )
    result = CliRunner().invoke(group, ["fail"])
    assert result.exit_code == 2
    assert result.stderr == "error: clicks.csv: no column 'user'; set it in source.toml\n"
    assert result.stdout == ""


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    group = group_with(monkeypatch, ModuleNotFoundError("No module", name="torch.nn"))
    result = CliRunner().invoke(group, ["fail"])
    assert result.exit_code == 2
    assert "torch is not installed" in result.stderr
    assert "nadeuri[train]" in result.stderr


def test_a_missing_module_of_our_own_is_a_bug_and_shows_as_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    group = group_with(monkeypatch, ModuleNotFoundError("No module", name="nadeuri.gone"))
    assert isinstance(CliRunner().invoke(group, ["fail"]).exception, ModuleNotFoundError)


def test_ctrl_c_exits_with_130(monkeypatch: pytest.MonkeyPatch) -> None:
    result = CliRunner().invoke(group_with(monkeypatch, KeyboardInterrupt()), ["fail"])
    assert result.exit_code == 130
    assert "Traceback" not in result.output
