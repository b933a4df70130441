"""``nadeuri demo``: everything once, then the API until Ctrl-C."""

from __future__ import annotations

import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nadeuri.cli.table import format_table

if TYPE_CHECKING:
    from nadeuri.data.sequences import Dataset

SHOWN = 3
PORT = 8000
PRESET = "sample-demo"


@click.command("demo")
@click.option(
    "--size",
    type=click.Choice(["tiny", "demo", "full"]),
    default="demo",
    show_default=True,
    help="Of the sample world.",
)
@click.option(
    "--config",
    "config_path",
    type=click.Path(path_type=Path),
    help="What to compare [default: all models, trained for a few minutes]",
)
@click.option("--home", type=click.Path(path_type=Path), help="Work folder [default: work]")
@click.option(
    "--port", type=click.IntRange(0, 65535), help="Of the API; 0 takes a free one [default: 8000]"
)
def command(size: str, config_path: Path | None, home: Path | None, port: int | None) -> None:
    """Sample world, model comparison, report, and the API with three recommendations.

    Serves until Ctrl-C; with DEMO_ONCE=1 in the environment it stops after the recommendations. A
    second call reuses what the first one made.

    Example: nadeuri demo --size tiny --home work/try
    """
    from nadeuri.demo.api import free_port, recommend, running_api
    from nadeuri.demo.build import build
    from nadeuri.recommend.compare_config import load_compare_config, load_preset
    from nadeuri.settings import Settings

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # so that the API is stopped as well
    settings = Settings.from_env(home=home)
    config = load_compare_config(config_path) if config_path else load_preset(PRESET)
    built = build(settings, size, config, click.echo)
    log = settings.home / "demo-api.log"
    with running_api(built.artifact, free_port(PORT) if port is None else port, log) as url:
        user = built.dataset.user_ids[0]
        click.echo(f"\nTraveller {user} last looked at: {_last_names(built.dataset)}")
        click.echo("Recommended over HTTP:\n")
        answer = recommend(url, user, SHOWN)
        fields = ("rank", "name", "country", "city", "category")
        rows = [[item[field] for field in fields] for item in answer["items"]]
        click.echo(format_table(fields, rows))
        click.echo(f"\nReport   {built.report.absolute().as_uri()}")
        click.echo(f"API      {url}/openapi.json")
        click.echo(f"Model    {built.artifact} ({built.shipped.exported})")
        click.echo(f'Ask      curl {url}/v1/recommendations --json \'{{"user": "{user}"}}\'')
        if not settings.demo_once:
            with suppress(KeyboardInterrupt):  # from the moment that it is offered
                click.echo("\nServing until Ctrl-C.")
                signal.pause()


def _last_names(dataset: Dataset, count: int = SHOWN) -> str:
    """Names of the last products that the first user clicked."""
    from nadeuri import columns

    names = dataset.catalogue[columns.NAME]
    items = dataset.sequences.history(0)[-count:]
    return ", ".join(names[int(item) - 1].as_py() for item in items)
