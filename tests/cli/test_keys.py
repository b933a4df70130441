"""``nadeuri keys``."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from nadeuri.cli import main
from nadeuri.serve.keys import KeyRing


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NADEURI_HOME", str(tmp_path))
    return tmp_path


def keys(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["keys", *arguments])


def test_the_life_of_a_key(home: Path) -> None:
    made = keys("create", "앱", "--rate", "10/s", "--burst", "20", "--room", "guide")
    assert made.exit_code == 0, made.output
    (key,) = made.stdout.splitlines()
    found = KeyRing(home / "keys.json").find(key)
    assert found is not None
    assert found.name == "앱"

    listed = keys("list")
    assert listed.exit_code == 0
    assert listed.stdout.splitlines()[2].split() == [
        *("앱", f"{found.created:%Y-%m-%d}", "never", "10/s", "20", "guide")
    ]
    assert key[4:] not in listed.output

    revoked = keys("revoke", "앱")
    assert (revoked.exit_code, revoked.output) == (0, "")
    assert KeyRing(home / "keys.json").find(key) is None


def test_another_file(tmp_path: Path) -> None:
    file = tmp_path / "elsewhere" / "keys"
    made = keys("create", "a", "--days", "1", "--file", str(file))
    assert KeyRing(file).find(made.stdout.strip())
    assert not (tmp_path / "keys.json").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("create", "a b"), "name of the key"),
        (("create", "a", "--rate", "fast"), "write it as 10/s"),
        (("create", "a", "--room", "kitchen"), "kitchen"),
        (("create", "a", "--burst", "2"), "a burst needs a rate"),
        (("revoke", "a"), "nadeuri keys create"),
        (("list",), "nadeuri keys create"),
    ],
)
def test_what_cannot_be(arguments: tuple[str, ...], message: str, home: Path) -> None:
    done = keys(*arguments)
    assert done.exit_code == 2
    assert message in done.output
    assert not (home / "keys.json").exists()
