"""``nadeuri match status``: how things stand."""

from __future__ import annotations

import json
from collections import Counter

import click

from nadeuri.cli.match.opening import STORE_HELP


@click.command("status")
@click.option("--store", help=STORE_HELP)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def command(store: str | None, as_json: bool) -> None:
    """Show the mapping's version, and how many places, questions and reviews are in which state.

    \b
    Example: nadeuri match status --json
    """
    from nadeuri import columns
    from nadeuri.cli.match.opening import store_url
    from nadeuri.match.jobs.store import JobStore
    from nadeuri.match.store import labels, reviews, versions
    from nadeuri.match.store.database import MappingStore
    from nadeuri.settings import Settings

    url = store_url(Settings.from_env(), store)
    with MappingStore(url) as mappings, JobStore(url) as jobs, mappings.reading() as connection:
        places = Counter(each.decision for each in versions.decisions(connection).values())
        found = {
            "version": versions.latest(connection),
            "mapped": places[columns.ACCEPT],
            "no_match": places[columns.NONE],
            "uncertain": places[columns.ASK],
            "reviews": len(reviews.open_lefts(connection)),
            "unpublished": len(labels.unpublished(connection)),
        }
        questions = jobs.counts()
    if as_json:
        click.echo(json.dumps({**found, "questions": questions}))
        return
    click.echo(
        f"version {found['version'] or 0}: {found['mapped']:,} mapped, {found['no_match']:,} "
        f"without match, {found['uncertain']:,} uncertain"
    )
    click.echo(
        f"{found['reviews']:,} places to review; {found['unpublished']:,} places that people "
        "decided about since"
    )
    counted = ", ".join(f"{n:,} {state}" for state, n in sorted(questions.items()))
    click.echo(f"questions: {counted or 'none'}")
