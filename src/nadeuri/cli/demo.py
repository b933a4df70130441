"""``nadeuri demo``: everything once, then the API and the pages until Ctrl-C."""

from __future__ import annotations

import signal
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nadeuri.cli.table import format_table

if TYPE_CHECKING:
    from nadeuri.data.sequences import Dataset

SHOWN = 3
PORT, PAGE_PORT = 8000, 8501
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
    """Sample world, model comparison, report, product map, and the API with three recommendations.

    Also shows what others viewed beside the product that the traveller looked at last, what the API
    understands of a question, what the place guide recommends, and which packages fit an itinerary;
    the pages (guide, planner, review of the place mapping) run as well. Serves until Ctrl-C; with
    DEMO_ONCE=1 in the environment it stops after what it shows. A second call reuses what the first
    one made.

    Example: nadeuri demo --size tiny --home work/try
    """
    from nadeuri.demo.api import (
        also_viewed,
        also_viewed_url,
        ask_guide,
        free_port,
        match_packages,
        recommend,
        running_api,
        running_page,
        understand,
    )
    from nadeuri.demo.build import build
    from nadeuri.demo.guide import ASKED_GUIDE
    from nadeuri.demo.places import an_itinerary
    from nadeuri.demo.questions import ASKED
    from nadeuri.demo.viewed import SERVED
    from nadeuri.recommend.compare_config import load_compare_config, load_preset
    from nadeuri.settings import Settings

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # so that the API is stopped as well
    settings = Settings.from_env(home=home)
    config = load_compare_config(config_path) if config_path else load_preset(PRESET)
    built = build(settings, size, config, click.echo)
    logs = settings.home / "demo-api.log", settings.home / "demo-web.log"
    artifacts = (
        built.artifact,
        *([built.beside] if built.beside else []),
        built.viewed.artifact,
        built.questions,
        built.places.artifact,
        built.places.index,
    )
    ports = (free_port(PORT), free_port(PAGE_PORT)) if port is None else (port, free_port())
    with (
        running_api(
            artifacts,
            ports[0],
            logs[0],
            guide=built.guide,
            mapping=built.places.store,
            labelling=built.labelling,
        ) as url,
        running_page(url, ports[1], logs[1], settings.home) as page,
    ):
        user, last = built.dataset.user_ids[0], _last_products(built.dataset)
        code, name = last[-1]
        click.echo(f"\nTraveller {user} last looked at: {', '.join(name for _, name in last)}")
        click.echo("Recommended over HTTP:\n")
        click.echo(_products(recommend(url, user, SHOWN)))
        click.echo(f"\nOthers who looked at {name} also viewed:\n")
        click.echo(_products(also_viewed(url, code, SHOWN)))
        click.echo(f"\nUnderstood of “{ASKED}”:\n")
        click.echo(_understood(understand(url, ASKED)))
        click.echo(f"\nThe guide, asked “{ASKED_GUIDE}”:\n")
        click.echo(_guided(ask_guide(url, ASKED_GUIDE)))
        stops = an_itinerary(built.sample)
        click.echo("\nPackages that fit this itinerary:\n")
        click.echo(_itinerary(stops) + "\n")
        click.echo(_packages(match_packages(url, stops, SHOWN)))
        click.echo(f"\nReport   {built.report.absolute().as_uri()}")
        click.echo(f"Map      {built.viewed.map.absolute().as_uri()}")
        click.echo(f"API      {url}/openapi.json")
        click.echo(f"Pages    {page}")
        click.echo(f"Model    {built.artifact} ({built.shipped.exported})")
        if built.beside:
            click.echo(f"Beside   {built.beside}")
        click.echo(f"Vectors  {built.viewed.artifact} ({SERVED})")
        click.echo(f"Parser   {built.questions}")
        click.echo(f"Guide    {built.guide}")
        click.echo(f"Packages {built.places.artifact}")
        click.echo(f"Places   {built.places.index}")
        click.echo(f'Ask      curl {url}/v1/recommendations --json \'{{"user": "{user}"}}\'')
        click.echo(f"         curl '{also_viewed_url(url, code, SHOWN)}'")
        click.echo(f'         curl {url}/v1/questions --json \'{{"text": "{ASKED}"}}\'')
        click.echo(f'         curl {url}/v1/guide/chat --json \'{{"question": "{ASKED_GUIDE}"}}\'')
        if not settings.demo_once:
            with suppress(KeyboardInterrupt):  # from the moment that it is offered
                click.echo("\nServing until Ctrl-C.")
                while True:  # signal.pause would sleep through a signal that comes just before it
                    time.sleep(1)


def _last_products(dataset: Dataset, count: int = SHOWN) -> list[tuple[str, str]]:
    """Codes and names of the last products that the first user clicked, the last one last."""
    from nadeuri import columns

    codes, names = dataset.catalogue[columns.ITEM], dataset.catalogue[columns.NAME]
    rows = (int(item) - 1 for item in dataset.sequences.history(0)[-count:])
    return [(codes[row].as_py(), names[row].as_py()) for row in rows]


def _products(answer: dict[str, Any]) -> str:
    """A list of the API as a table."""
    fields = ("rank", "name", "country", "city", "category")
    return format_table(fields, [[item[field] for field in fields] for item in answer["items"]])


def _understood(answer: dict[str, Any]) -> str:
    """The intent and the entities of a question as a table."""
    intent = answer["intent"]
    rows = [["(whole question)", intent["name"], f"{intent['confidence']:.2f}"]] if intent else []
    rows += [[e["text"], e["label"], f"{e['confidence']:.2f}"] for e in answer["entities"]]
    return format_table(("text", "meaning", "confidence"), rows)


def _guided(answer: dict[str, Any]) -> str:
    """What the guide answers."""
    from nadeuri.cli.guide.shown import answer_text
    from nadeuri.guide.answer import Answer

    return answer_text(Answer.model_validate(answer))


def _itinerary(stops: list[dict[str, Any]]) -> str:
    """The names of the stops, a line for each day."""
    days: dict[int, list[str]] = {}
    for stop in stops:
        days.setdefault(stop["day"], []).append(stop["name"] or str(stop["place_id"]))
    return "\n".join(f"day {day}: {' → '.join(names)}" for day, names in sorted(days.items()))


def _packages(answer: dict[str, Any]) -> str:
    """The packages as a table, and what took no part in the comparison."""
    rows = [
        (
            f"{found['rate']:.0%}",
            found["name"] or found["item"],
            len(found["matched"]),
            len(found["missing"]),
            len(found["extra"]),
        )
        for found in answer["packages"]
    ]
    n_left_out = len(answer["unmapped"])
    return (
        format_table(("match", "package", "in both", "missing", "extra"), rows)
        + f"\n{answer['n_mapped']} stops compared, {n_left_out} are in no mapping"
    )
