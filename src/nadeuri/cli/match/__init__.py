"""``nadeuri match <verb>``: one module per verb."""

from __future__ import annotations

import click

from nadeuri.cli.lazy import LazyGroup, Verb

VERBS = {
    "run": Verb("nadeuri.cli.match.run", "Bring the mapping up to date with two tables."),
    "retry": Verb("nadeuri.cli.match.retry", "Have failed questions asked again."),
    "estimate": Verb("nadeuri.cli.match.estimate", "What the language model would cost."),
    "status": Verb("nadeuri.cli.match.status", "How mapping, questions and reviews stand."),
    "review": Verb("nadeuri.cli.match.review", "Show uncertain places, or decide about one."),
    "versions": Verb("nadeuri.cli.match.versions", "List versions, or compare two."),
    "rollback": Verb("nadeuri.cli.match.rollback", "Go back to an earlier version."),
    "export": Verb("nadeuri.cli.match.export", "Write what is served of packages and places."),
    "index": Verb("nadeuri.cli.match.index", "Write what single places are matched with."),
    "packages": Verb("nadeuri.cli.match.packages", "Packages that fit an itinerary."),
    "train": Verb("nadeuri.cli.match.train", "Train a scorer on labelled pairs."),
    "evaluate": Verb("nadeuri.cli.match.evaluate", "Compare the mapping with labelled pairs."),
}


@click.group("match", cls=LazyGroup, verbs=VERBS)
def command() -> None:
    """Which places of two databases are the same.

    \b
    Example: nadeuri match run --left agency.parquet --right google.parquet --new-only
    Example: nadeuri match review
    Example: nadeuri match rollback 3 --note "wrong table"
    """
