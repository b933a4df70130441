"""``nadeuri sample``."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from nadeuri.cli import main
from nadeuri.cli.sample import command
from nadeuri.data.sample import SIZES


def test_writes_and_says_what(tmp_path: Path) -> None:
    out = tmp_path / "world"
    first = CliRunner().invoke(main, ["sample", "--size", "tiny", str(out)])
    assert first.exit_code == 0, first.output
    assert "wrote the synthetic tiny world (seed 0)" in first.output
    assert "200 users, 80 products" in first.output
    assert "600 labelled questions" in first.output
    assert "30 eating places, 900 reviews" in first.output
    assert "150 and 170 places of two databases" in first.output
    assert (out / "source.toml").is_file()
    second = CliRunner().invoke(main, ["sample", "--size", "tiny", str(out)])
    assert "already holds the synthetic tiny world" in second.output


def test_refuses_a_folder_with_other_things(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()
    result = CliRunner().invoke(main, ["sample", "--size", "tiny", str(tmp_path)])
    assert result.exit_code == 2
    assert "holds something else" in result.output
    assert "Traceback" not in result.output


def test_offers_every_size() -> None:
    size = next(option for option in command.params if option.name == "size")
    assert list(size.type.choices) == list(SIZES)


def test_rejects_a_negative_seed(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["sample", "--seed", "-1", str(tmp_path / "x")])
    assert result.exit_code == 2
    assert "seed" in result.output
