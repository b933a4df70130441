"""Configuration files: what cannot be read or does not fit is named in one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from nadeuri.errors import ConfigError
from nadeuri.training.config import Section, TrainConfig, apply_overrides, parse, read_toml


class Outer(Section):
    train: TrainConfig = TrainConfig()


def test_a_file_with_overrides_becomes_a_model(tmp_path: Path) -> None:
    path = tmp_path / "some.toml"
    path.write_text("[train]\nlr = 0.1\nepochs = 3\n", encoding="utf-8")
    tables = apply_overrides(read_toml(path), ["train.lr=0.2", "train.schedule=cosine"])
    expected = TrainConfig(lr=0.2, epochs=3, schedule="cosine")
    assert parse(Outer, tables, str(path)) == Outer(train=expected)


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        ({"train": {"lr": -1}}, r"^a\.toml: train\.lr: Input should be greater than 0$"),
        ({"train": {"speed": 1}}, r"^a\.toml: train\.speed: Extra inputs"),
        ({"tarin": {}}, r"^a\.toml: tarin: Extra inputs"),
    ],
)
def test_what_does_not_fit_is_named(tables: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        parse(Outer, tables, "a.toml")


def test_unreadable_files(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        read_toml(tmp_path / "absent.toml")
    broken = tmp_path / "broken.toml"
    broken.write_text("name = ")
    with pytest.raises(ConfigError, match=r"broken\.toml: not valid TOML"):
        read_toml(broken)


def test_a_plateau_is_acted_on_before_early_stopping() -> None:
    lowered = {"plateau_factor": 0.5, "patience": 4}
    assert parse(TrainConfig, {**lowered, "plateau_patience": 3}, "a.toml").plateau_factor == 0.5
    with pytest.raises(ConfigError, match=r"plateau_patience \(4\) must be below patience \(4\)"):
        parse(TrainConfig, {**lowered, "plateau_patience": 4}, "a.toml")
