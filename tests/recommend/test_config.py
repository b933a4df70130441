"""Experiment files: what is shipped loads, what is wrong is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from nadeuri import columns
from nadeuri.errors import ConfigError
from nadeuri.recommend.config import Bert4RecConfig, load_config

CONFIGS = Path(__file__).parents[2] / "configs"


@pytest.mark.parametrize("path", sorted(CONFIGS.glob("*.toml")), ids=lambda path: path.stem)
def test_every_shipped_config_loads(path: Path) -> None:
    config = load_config(path)
    assert config.name == path.stem == config.model.kind


def test_there_is_a_config_for_every_model() -> None:
    assert {path.stem for path in CONFIGS.glob("*.toml")} == set(columns.MODELS)


def test_overrides_are_toml_or_plain_text() -> None:
    config = load_config(
        CONFIGS / "meta_bert4rec.toml",
        ["train.lr=0.005", "model.fusion=gated", 'model.fields=["city"]'],
    )
    assert config.train.lr == 0.005
    assert isinstance(config.model, Bert4RecConfig)
    assert config.model.fusion == "gated"
    assert config.model.fields == ("city",)


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("train.lr=-1", r"bert4rec\.toml: train\.lr: Input should be greater than 0"),
        ("train.speed=3", r"bert4rec\.toml: train\.speed: Extra inputs"),
        ("model.heads=3", r"heads \(3\) must divide dim \(64\)"),
        ("model.fields=all", "use kind = 'meta_bert4rec'"),
        ("model.auxiliary_weight=1", "auxiliary_weight needs fields"),
        ("model.kind=meta_bert4rec", "meta_bert4rec needs fields"),
        ("model.kind=gpt", r"bert4rec\.toml: model: Input tag 'gpt'"),
        ("train", "write it as table.key=value"),
        ("train.lr.x=1", "lr is a value, not a table"),
    ],
)
def test_wrong_settings_are_named(override: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        load_config(CONFIGS / "bert4rec.toml", [override])
