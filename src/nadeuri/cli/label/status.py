"""``nadeuri label status``: how things stand."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from nadeuri.cli.label.opening import store_option


@click.command("status")
@click.option("--json", "as_json", is_flag=True, help="As JSON: nadeuri label status --json.")
@store_option
def command(as_json: bool, store: str | None) -> None:
    """Show how many questions are labelled, by whom, and how far people agree.

    Example: nadeuri label status
    """
    from nadeuri.cli.label.opening import store_url
    from nadeuri.cli.table import format_table
    from nadeuri.settings import Settings
    from nadeuri.understand.labelling import progress
    from nadeuri.understand.labelling.database import LabellingStore
    from nadeuri.understand.labelling.labels import latest

    url = store_url(Settings.from_env(), store)
    with LabellingStore(url) as opened, opened.reading() as connection:
        counts, people = progress.counts(connection), progress.people(connection)
        agreed = progress.agreed(connection, latest(connection, of_several=True))
    if as_json:
        found = {
            **asdict(counts),
            "people": [asdict(each) for each in people],
            "pairs": [asdict(each) for each in agreed.pairs],
        }
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    click.echo(
        f"{counts.tasks:,} questions: {counts.labelled:,} labelled, {counts.disputed:,} disputed, "
        f"{counts.settled:,} settled, {counts.withdrawn:,} withdrawn; {counts.double:,} are to be "
        "labelled by two people"
    )
    if people:
        rows = [
            (each.annotator, each.labelled, each.skipped, _number(each.seconds, 0))
            for each in people
        ]
        click.echo()
        click.echo(format_table(("annotator", "labelled", "skipped", "seconds"), rows))
    if agreed.pairs:
        pairs = [
            (
                f"{pair.first} – {pair.second}",
                pair.n_questions,
                *map(_number, (pair.span_f1, pair.word_kappa, pair.intent_kappa)),
            )
            for pair in agreed.pairs
        ]
        header = ("annotators", "questions", "entity F1", "word kappa", "intent kappa")
        click.echo()
        click.echo(format_table(header, pairs))


def _number(value: float | None, digits: int = 3) -> str:
    return "–" if value is None else f"{value:.{digits}f}"
