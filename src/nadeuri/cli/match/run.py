"""``nadeuri match run``: the job that keeps the mapping up to date."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nadeuri.cli.match.opening import PlaceFile, run_options

if TYPE_CHECKING:
    from nadeuri.match.judge.desk import Via
    from nadeuri.match.judge.questions import Mode

NO_LLM = "none"


@click.command("run")
@run_options
@click.option("--batch", "via", flag_value="batch", help="Ask the language model in batches.")
@click.option("--sync", "via", flag_value="sync", help="Ask it at once.")
@click.option("--no-llm", "via", flag_value=NO_LLM, help="Ask people instead.")
@click.option("--json", "as_json", is_flag=True, help="The summary as JSON.")
@click.pass_context
def command(
    ctx: click.Context,
    left: PlaceFile,
    right: PlaceFile,
    scorer: Path | None,
    store: str | None,
    new_only: bool,
    via: str | None,
    mode: Mode,
    as_json: bool,
) -> None:
    """Map the places of one table to those of another, and keep the mapping up to date.

    What the scorer is sure of is mapped. About the rest the language model at NADEURI_LLM_BASE_URL
    is asked: few questions at once, many in batches, which are collected by the next run; without
    it people are asked (nadeuri match review). A run may be repeated and broken off at any time.
    Rejected rows are in match/rejects-left.parquet and -right.parquet below $NADEURI_HOME.

    \b
    Exit codes: 0 all is decided; 2 wrong input; 3 batches are on their way, run again later;
    4 some questions failed (nadeuri match retry), or the batch server had trouble (on stderr);
    5 another run is at work.

    \b
    Example: nadeuri match run --left agency.parquet --right google.parquet --new-only
    """
    from nadeuri.cli.match.opening import opened_desk, store_url
    from nadeuri.cli.match.scoring import read_places, scoring
    from nadeuri.database import LockedError
    from nadeuri.match.jobs.store import JobStore
    from nadeuri.match.run import LOCKED, run
    from nadeuri.match.store.database import MappingStore
    from nadeuri.settings import Settings

    settings = Settings.from_env()
    url = store_url(settings, store)
    chosen: Via = "batch" if via == "batch" else "sync" if via == "sync" else "auto"
    asked = settings if via != NO_LLM else None
    rejects = settings.home / "match"
    tables = (
        read_places(left, rejects / "rejects-left.parquet"),
        read_places(right, rejects / "rejects-right.parquet"),
    )
    with MappingStore(url) as mappings, JobStore(url) as jobs:
        try:
            with opened_desk(asked, jobs, chosen, mode) as desk:
                summary = run(
                    *tables, mappings, jobs, scoring(scorer), desk=desk, new_only=new_only
                )
        except LockedError as error:
            click.echo(f"error: {error}", err=True)
            ctx.exit(LOCKED)
    for fault in summary.errors:
        click.echo(f"warning: {fault}", err=True)
    click.echo(json.dumps(summary.as_json()) if as_json else summary.line())
    ctx.exit(summary.exit_code)
