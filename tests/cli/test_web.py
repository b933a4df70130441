"""How ``nadeuri web`` starts Streamlit."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

from nadeuri.cli.web import command
from nadeuri.errors import ConfigError, MissingExtraError


def test_the_page_and_its_options(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[list[str]] = []
    monkeypatch.setattr("os.execv", lambda program, arguments: started.append(arguments))
    address = "http://127.0.0.1:8123"
    done = CliRunner().invoke(command, ["--api", address, "--port", "8600"])
    assert done.exit_code == 0, done.output
    (arguments,) = started
    assert arguments[:3] == [sys.executable, "-m", "nadeuri.web.server"]
    assert arguments[4:] == [address]
    options = json.loads(arguments[3])
    assert options["server.port"] == 8600
    assert options["browser.gatherUsageStats"] is False


def test_streamlit_knows_every_option(monkeypatch: pytest.MonkeyPatch) -> None:
    from streamlit import config

    started: list[list[str]] = []
    monkeypatch.setattr("os.execv", lambda program, arguments: started.append(arguments))
    CliRunner().invoke(command, [])
    known = config.get_config_options()
    options = json.loads(started[0][3])
    assert options
    assert options.keys() <= known.keys()


def test_an_address_that_is_none() -> None:
    done = CliRunner().invoke(command, ["--api", "localhost"])
    assert isinstance(done.exception, ConfigError)


def test_without_streamlit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nadeuri.cli.web.find_spec", lambda name: None)
    done = CliRunner().invoke(command, [])
    assert isinstance(done.exception, MissingExtraError)
    assert "nadeuri[web]" in str(done.exception)


def test_the_pages_bring_no_model_along() -> None:
    program = (
        "import sys, nadeuri.web.server\n"
        "names = 'torch openai transformers ladybug langgraph lightgbm sqlalchemy'.split()\n"
        "heavy = set(names) & set(sys.modules)\n"
        "assert not heavy, heavy\n"
        "known = {n for n in sys.modules if n.startswith('nadeuri.guide.')}\n"
        "assert known == {'nadeuri.guide.answer', 'nadeuri.guide.plan'}, known\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
