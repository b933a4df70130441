"""``nadeuri recommend <verb>``: one module per verb."""

from __future__ import annotations

import click

from nadeuri.cli.lazy import LazyGroup, Verb

VERBS = {
    "train": Verb("nadeuri.cli.recommend.train", "Train one model as a config file says."),
    "compare": Verb("nadeuri.cli.recommend.compare", "Train and compare models; write a report."),
    "tune": Verb("nadeuri.cli.recommend.tune", "Search settings; write the config to ship."),
    "also-viewed": Verb(
        "nadeuri.cli.recommend.also_viewed", "Products viewed beside a product, or beside all."
    ),
    "map": Verb("nadeuri.cli.recommend.map", "Draw exported product vectors as maps."),
    "score": Verb("nadeuri.cli.recommend.score", "Recommend for every user, to a Parquet file."),
}


@click.group("recommend", cls=LazyGroup, verbs=VERBS)
def command() -> None:
    """Personalised recommendation: train, compare and score.

    Example: nadeuri recommend train configs/meta_bert4rec.toml --data work/sample
    """
