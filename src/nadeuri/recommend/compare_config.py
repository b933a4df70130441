"""What to compare: experiments that share data, split, evaluation and seeds; TOML files.

A file looks like this (see ``presets/`` for the shipped ones)::

    name = "my comparison"
    seeds = [1, 2, 3]

    [split]
    kind = "leave-one-out"

    [evaluation]
    filter_seen = true

    [experiments.popularity]
    model = { kind = "popularity" }

    [experiments.bert4rec]
    model = { kind = "bert4rec", max_len = 50 }
    train = { epochs = 100 }
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import resources
from pathlib import Path

from pydantic import Field

from nadeuri import columns
from nadeuri.errors import ConfigError
from nadeuri.recommend.config import (
    EvaluationConfig,
    ExperimentConfig,
    MarkovConfig,
    ModelConfig,
    PopularityConfig,
    SplitConfig,
    TrainConfig,
)
from nadeuri.training.config import Section, apply_overrides, parse, read_toml

SEEDLESS = (columns.POPULARITY, columns.MARKOV)
"""Models that count instead of drawing numbers: one run says it all."""
DEFAULT_PRESET = "default"


class ComparedModel(Section):
    """One model of a comparison."""

    model: ModelConfig
    train: TrainConfig = TrainConfig()
    seeds: tuple[int, ...] | None = Field(
        None, min_length=1, description="Seeds of this model, where they differ from the others'."
    )


class CompareConfig(Section):
    """One comparison file."""

    name: str
    seeds: tuple[int, ...] = Field((1, 2, 3), min_length=1, description="One training each.")
    split: SplitConfig = SplitConfig()
    evaluation: EvaluationConfig = EvaluationConfig()
    sample_users: int = Field(8, ge=0, description="Users laid side by side in the report.")
    experiments: dict[str, ComparedModel] = Field(
        min_length=1, description="What is compared, by the name shown in the report."
    )

    def experiment(self, name: str) -> ExperimentConfig:
        """The configuration of one compared model on its own."""
        compared = self.experiments[name]
        return ExperimentConfig(
            name=name,
            model=compared.model,
            train=compared.train,
            split=self.split,
            evaluation=self.evaluation,
        )

    def seeds_of(self, name: str) -> tuple[int, ...]:
        """With which seeds a model is trained."""
        compared = self.experiments[name]
        seeds = compared.seeds or self.seeds
        return seeds[:1] if compared.model.kind in SEEDLESS else seeds

    def select(self, names: Sequence[str]) -> CompareConfig:
        """The same comparison of fewer models.

        Raises:
            ConfigError: a name is not an experiment of this file.
        """
        for name in names:
            if name not in self.experiments:
                known = ", ".join(self.experiments)
                raise ConfigError(f"--models {name}: not in {self.name} (it has: {known})")
        chosen = {name: self.experiments[name] for name in self.experiments if name in names}
        return self.model_copy(update={"experiments": chosen})

    def with_floors(self) -> CompareConfig:
        """The same comparison with popularity and the Markov chain in it: no model without them."""
        kinds = {compared.model.kind for compared in self.experiments.values()}
        floors = {
            config.kind: ComparedModel(model=config)
            for config in (PopularityConfig(), MarkovConfig())
            if config.kind not in kinds
        }
        return self.model_copy(update={"experiments": {**floors, **self.experiments}})

    def with_seeds(self, count: int) -> CompareConfig:
        """The same comparison with seeds 1 to ``count`` for every model."""
        seeds = tuple(range(1, count + 1))
        experiments = {
            name: compared.model_copy(update={"seeds": None})
            for name, compared in self.experiments.items()
        }
        return self.model_copy(update={"seeds": seeds, "experiments": experiments})


def load_compare_config(path: Path, overrides: Sequence[str] = ()) -> CompareConfig:
    """Read a comparison file and apply overrides such as ``experiments.ncf.train.epochs=5``.

    Raises:
        ConfigError: not readable, not TOML, an unknown key or a value out of range.
    """
    return parse(CompareConfig, apply_overrides(read_toml(path), overrides), str(path))


def load_preset(dataset_name: str, overrides: Sequence[str] = ()) -> CompareConfig:
    """The settings shipped for a known public data set, or the default ones for any other.

    Raises:
        ConfigError: an override does not fit.
    """
    folder = resources.files("nadeuri.recommend") / "presets"
    known = {entry.name for entry in folder.iterdir()}
    name = f"{dataset_name}.toml" if f"{dataset_name}.toml" in known else f"{DEFAULT_PRESET}.toml"
    with resources.as_file(folder / name) as path:
        tables = read_toml(path)
    return parse(CompareConfig, apply_overrides(tables, overrides), f"preset {name}")
