"""``nadeuri match estimate``: what the next run would ask, and what that would cost."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nadeuri.cli.match.opening import PlaceFile, run_options

if TYPE_CHECKING:
    from nadeuri.match.judge.questions import Mode


@click.command("estimate")
@run_options
@click.option("--prompt-price", type=click.FloatRange(0), help="Per million tokens of prompts.")
@click.option("--answer-price", type=click.FloatRange(0), help="Per million tokens of answers.")
@click.option(
    "--batch-discount",
    type=click.FloatRange(0, 1),
    default=0.5,
    show_default=True,
    help="Share by which batches are cheaper.",
)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def command(
    left: PlaceFile,
    right: PlaceFile,
    scorer: Path | None,
    store: str | None,
    new_only: bool,
    mode: Mode,
    prompt_price: float | None,
    answer_price: float | None,
    batch_discount: float,
    as_json: bool,
) -> None:
    """Count the questions that nadeuri match run would ask at most; nothing is sent.

    \b
    Example: nadeuri match estimate --left agency.parquet --right google.parquet \\
        --prompt-price 0.15 --answer-price 0.6
    """
    from nadeuri.cli.match.opening import opened_desk, store_url
    from nadeuri.cli.match.scoring import read_places, scoring
    from nadeuri.errors import ConfigError
    from nadeuri.match.jobs.estimate import Prices
    from nadeuri.match.jobs.store import JobStore
    from nadeuri.match.run import estimate
    from nadeuri.match.store.database import MappingStore
    from nadeuri.settings import Settings

    if (prompt_price is None) != (answer_price is None):
        raise click.UsageError("--prompt-price and --answer-price: give both or none")
    prices = None
    if prompt_price is not None and answer_price is not None:
        prices = Prices(prompt_price, answer_price, batch_discount)
    settings = Settings.from_env()
    url = store_url(settings, store)
    tables = read_places(left), read_places(right)
    with (
        MappingStore(url) as mappings,
        JobStore(url) as jobs,
        opened_desk(settings, jobs, "auto", mode) as desk,
    ):
        if desk is None:
            raise ConfigError("NADEURI_LLM_BASE_URL is not set: there is no model to ask")
        found = estimate(*tables, mappings, scoring(scorer), desk, prices, new_only=new_only)
    if as_json:
        click.echo(json.dumps(asdict(found)))
        return
    cost = "" if found.cost is None else f", cost {found.cost:,.4f}"
    click.echo(
        f"at most {found.n_new:,} questions in {found.n_batches:,} batches: "
        f"{found.prompt_tokens:,} tokens of prompts, {found.completion_tokens:,} of answers{cost}; "
        f"{found.n_answered:,} answered before, {found.n_asked:,} on their way or given up"
    )
