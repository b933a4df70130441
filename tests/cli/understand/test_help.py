"""Every verb has a help with an example, and the group's help loads nothing heavy."""

from __future__ import annotations

import subprocess
import sys

import pytest
from click.testing import CliRunner

from nadeuri.cli import main
from nadeuri.cli.understand import VERBS


@pytest.mark.parametrize("name", VERBS)
def test_every_verb_has_a_help_with_an_example(name: str) -> None:
    result = CliRunner().invoke(main, ["understand", name, "--help"])
    assert result.exit_code == 0, result.output
    assert f"Example: nadeuri understand {name} " in " ".join(result.output.split())


@pytest.mark.parametrize("arguments", [["--help"], ["compare", "--help"]])
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    script = (
        "import sys\n"
        "from nadeuri.cli import main\n"
        f"main({['understand', *arguments]!r}, standalone_mode=False)\n"
        "heavy = {'torch', 'numpy', 'pyarrow', 'pydantic', 'mlflow', 'transformers', 'jinja2'}\n"
        "sys.exit(', '.join(sorted(heavy & set(sys.modules))) or 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
