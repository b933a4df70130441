from __future__ import annotations

from importlib import resources
from pathlib import Path

import pytest

from nadeuri import columns
from nadeuri.errors import ConfigError
from nadeuri.recommend.compare_config import CompareConfig, load_compare_config, load_preset

PRESETS = sorted(
    entry.name.removesuffix(".toml")
    for entry in (resources.files("nadeuri.recommend") / "presets").iterdir()
)

THREE = """
name = "three"
seeds = [4, 5]
experiments.popularity.model.kind = "popularity"
experiments.plain.model.kind = "bert4rec"
experiments.ncf.model.kind = "ncf"
experiments.ncf.seeds = [9]
"""


@pytest.fixture
def three(tmp_path: Path) -> CompareConfig:
    path = tmp_path / "three.toml"
    path.write_text(THREE)
    return load_compare_config(path)


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_loads(name: str) -> None:
    config = load_preset(name)
    kinds = [compared.model.kind for compared in config.experiments.values()]
    assert set(kinds) >= {columns.POPULARITY, columns.MARKOV}
    for experiment in config.experiments:
        assert config.experiment(experiment).evaluation == config.evaluation


def test_unknown_data_gets_the_default_preset() -> None:
    assert load_preset("../ml-1m") == load_preset("our own shop") == load_preset("default")


def test_overrides() -> None:
    config = load_preset("default", ["experiments.ncf.train.epochs=3", 'split.kind="temporal"'])
    assert config.experiments["ncf"].train.epochs == 3
    assert config.experiment("ncf").split.kind == "temporal"


def test_seeds(three: CompareConfig) -> None:
    assert three.seeds_of("popularity") == (4,)  # counting has no seed to vary
    assert three.seeds_of("plain") == (4, 5)
    assert three.seeds_of("ncf") == (9,)
    assert three.with_seeds(3).seeds_of("ncf") == (1, 2, 3)


def test_select_and_floors(three: CompareConfig) -> None:
    chosen = three.select(["plain"])
    assert list(chosen.experiments) == ["plain"]
    assert list(chosen.with_floors().experiments) == ["popularity", "markov", "plain"]
    assert list(three.with_floors().experiments) == ["markov", "popularity", "plain", "ncf"]


def test_unknown_model_is_named(three: CompareConfig) -> None:
    with pytest.raises(ConfigError, match=r"--models bert: .* popularity, plain, ncf"):
        three.select(["bert"])


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("seeds = []", "seeds"),
        ('seed = 3\nexperiments.a.model.kind = "ncf"', "seed"),
        ("[experiments]", "experiments"),
        ('experiments.a.model.kind = "magic"', "experiments.a.model"),
        ('experiments.a.model = { kind = "ncf", dim = 0 }', "experiments.a.model.ncf.dim"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, text: str, where: str) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text(f'name = "wrong"\n{text}\n')
    with pytest.raises(ConfigError) as caught:
        load_compare_config(path)
    assert str(caught.value).startswith(f"{path}: {where}")
    assert "\n" not in str(caught.value)
