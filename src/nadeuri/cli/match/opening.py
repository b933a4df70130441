"""Store, tables and judge, as the environment and the options of a command describe them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nadeuri.settings import Settings

if TYPE_CHECKING:
    from nadeuri.match.jobs.store import JobStore
    from nadeuri.match.judge.desk import Desk, Via
    from nadeuri.match.judge.questions import Mode

STORE_HELP = (
    "URL of the database of mapping and questions, sqlite:///FILE or postgresql://...  "
    "[default: match/match.sqlite below $NADEURI_HOME]"
)


_TABLE = click.Path(path_type=Path, exists=True, dir_okay=False)


@dataclass(frozen=True)
class PlaceFile:
    """A table of places, and what its columns are called where that is not as we call them."""

    path: Path
    renamed: dict[str, str]


class _Renamed(click.ParamType[tuple[str, str]]):
    """``ours=theirs``."""

    name = "OURS=THEIRS"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        if isinstance(value, tuple):
            return value
        ours, separator, theirs = str(value).partition("=")
        if not (ours and separator and theirs):
            self.fail(f"{value!r}: write it as name=place_name", param, ctx)
        return ours, theirs


def place_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that name two tables of places: ``left`` and ``right``, a PlaceFile each."""

    @wraps(command)
    def given(
        left: Path,
        right: Path,
        left_columns: tuple[tuple[str, str], ...],
        right_columns: tuple[tuple[str, str], ...],
        **others: Any,
    ) -> Any:
        tables = PlaceFile(left, dict(left_columns)), PlaceFile(right, dict(right_columns))
        return command(left=tables[0], right=tables[1], **others)

    return _table_option("left", "agency's")(_table_option("right", "other database's")(given))


def right_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that name one table of places: ``right``, a PlaceFile."""

    @wraps(command)
    def given(right: Path, right_columns: tuple[tuple[str, str], ...], **others: Any) -> Any:
        return command(right=PlaceFile(right, dict(right_columns)), **others)

    return _table_option("right", "other database's")(given)


def _table_option(side: str, whose: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def add(command: Callable[..., Any]) -> Callable[..., Any]:
        renamed: Callable[..., Any] = click.option(
            f"--{side}-column",
            f"{side}_columns",
            type=_Renamed(),
            multiple=True,
            help=f"A column of --{side} that has another name there, such as name=place_name.",
        )(command)
        named: Callable[..., Any] = click.option(
            f"--{side}",
            type=_TABLE,
            required=True,
            help=f"The {whose} places (Parquet, CSV or TSV), all of them.",
        )(renamed)
        return named

    return add


def run_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Those of :func:`place_options`, and ``scorer``, ``store``, ``new_only`` and ``mode``."""
    for option in (
        click.option(
            "--mode",
            type=click.Choice(["relation", "yes_no"]),
            default="relation",
            show_default=True,
            help="What a pair is checked for: how the two relate, or whether they are near or the "
            "same.",
        ),
        click.option("--new-only", is_flag=True, help="Only places that are new or changed."),
        click.option("--store", help=STORE_HELP),
        click.option(
            "--scorer",
            type=click.Path(path_type=Path, file_okay=False),
            help="Trained by nadeuri match train  [default: the one that comes with the package]",
        ),
    ):
        command = option(command)
    return place_options(command)


def store_url(settings: Settings, store: str | None) -> str:
    """``store``, or the file in the work folder."""
    return store or f"sqlite:///{(settings.home / 'match' / 'match.sqlite').absolute()}"


@contextmanager
def opened_desk(
    settings: Settings | None, jobs: JobStore, via: Via, mode: Mode
) -> Iterator[Desk | None]:
    """The judge's desk; None without settings, or where they have no language model."""
    if settings is None or settings.llm_base_url is None:
        yield None
        return
    from nadeuri.llm import LanguageModel, LanguageModelConfig
    from nadeuri.llm_batch import BatchApi
    from nadeuri.match.jobs.runner import Runner
    from nadeuri.match.judge.desk import Desk
    from nadeuri.match.judge.questions import Questions

    config = LanguageModelConfig(settings.llm_base_url, settings.llm_model or "", settings.llm_key)
    model, api = LanguageModel(config), BatchApi(config)
    try:
        yield Desk(Questions(config, mode), jobs, model, Runner(jobs, api), via)
    finally:
        model.close()
        api.close()
