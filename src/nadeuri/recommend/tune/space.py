"""What a study varies: axes with their values, and how a setting changes the base experiment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Protocol

from nadeuri.recommend.config import ExperimentConfig, parse_config

Value = int | float | str
Setting = tuple[Value, ...]
"""One value per axis, in the order of the axes."""


@dataclass(frozen=True)
class Axis:
    """One thing that is varied, and the values it takes, in order."""

    name: str
    values: tuple[Value, ...]


@dataclass(frozen=True)
class Job:
    """One training: a setting and a seed. One that is not ``prunable`` always runs to its end."""

    setting: Setting
    seed: int
    prunable: bool = True


class Space(Protocol):
    """All settings of a study. Implementations are frozen and can be sent to another process."""

    @property
    def base(self) -> ExperimentConfig:
        """The experiment that is varied."""

    @property
    def axes(self) -> tuple[Axis, ...]:
        """What is varied."""

    @property
    def as_is(self) -> Setting:
        """The setting that the others are measured against."""

    def config(self, setting: Setting) -> ExperimentConfig:
        """The experiment at ``setting``; its name says which one it is."""

    def label(self, setting: Setting) -> str:
        """``setting`` as people say it."""


def all_settings(axes: Sequence[Axis]) -> Iterator[Setting]:
    """Every combination, the last axis varying fastest."""
    yield from product(*(axis.values for axis in axes))


def varied(
    base: ExperimentConfig, setting: Setting, model: dict[str, Value], train: dict[str, Value]
) -> ExperimentConfig:
    """``base`` with fields of its model and training replaced, validated again, and a name.

    Raises:
        ConfigError: a value is out of range.
    """
    tables = base.model_dump()
    tables["name"] = setting_name(base, setting)
    tables["model"] |= model
    tables["train"] |= train
    return parse_config(tables, tables["name"])


def setting_name(base: ExperimentConfig, setting: Setting) -> str:
    """Name of the experiment at a setting, which is also the start of its folder's name."""
    values = (f"{value:g}" if isinstance(value, float) else str(value) for value in setting)
    return "-".join([base.name, *values])
