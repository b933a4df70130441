"""``nadeuri recommend tune <study>``: one module per study."""

from __future__ import annotations

import click

from nadeuri.cli.lazy import LazyGroup, Verb

VERBS = {
    "length-batch": Verb(
        "nadeuri.cli.recommend.tune.length_batch", "Maximum length x batch size: quality and time."
    ),
    "coview": Verb(
        "nadeuri.cli.recommend.tune.coview", "Settings of Prod2Vec: window, negatives, epochs."
    ),
    "schedule": Verb(
        "nadeuri.cli.recommend.tune.schedule", "Learning-rate schedules x base rates."
    ),
}


@click.group("tune", cls=LazyGroup, verbs=VERBS)
def command() -> None:
    """Search over the settings of an experiment, report what was found, write the config to ship.

    A study is a folder. Start the command again to go on after an interruption, or in another
    shell with the same --out to help with the same study.

    \b
    Example: nadeuri recommend tune length-batch configs/bert4rec.toml --data work/sample
    """
