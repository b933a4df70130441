"""Arguments and options that all studies have, and how lists are written in them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T", int, float)


class Listed(click.ParamType[tuple[Any, ...]]):
    """Numbers or words separated by commas."""

    name = "list"

    def __init__(self, kind: type[int] | type[float] | type[str]) -> None:
        self._kind = kind

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[Any, ...]:
        if isinstance(value, tuple):
            return value
        try:
            values = tuple(self._kind(part.strip()) for part in value.split(",") if part.strip())
        except ValueError:
            self.fail(f"{value!r}: write numbers separated by commas", param, ctx)
        if not values:
            self.fail("names nothing", param, ctx)
        return values


def shared(function: F) -> F:
    """The argument and options of every study."""
    for decorate in reversed(
        [
            click.argument("config", type=click.Path(path_type=Path, exists=True, dir_okay=False)),
            click.option(
                "--data",
                type=click.Path(path_type=Path, exists=True),
                required=True,
                help="A prepared data set, a source description, or a known public set.",
            ),
            click.option(
                "--out",
                type=click.Path(path_type=Path),
                help="Folder of the study; shells share it.",
            ),
            click.option(
                "--workers",
                type=click.IntRange(1),
                default=1,
                show_default=True,
                help="Trials at a time, each in a process of its own.",
            ),
            click.option(
                "--set",
                "overrides",
                multiple=True,
                metavar="TABLE.KEY=VALUE",
                help="Override a field of CONFIG.",
            ),
            click.option(
                "--track/--no-track",
                default=True,
                show_default=True,
                help="Keep the report and its trainings in MLflow.",
            ),
        ]
    ):
        function = decorate(function)
    return function
