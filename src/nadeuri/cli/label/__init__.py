"""``nadeuri label <verb>``: one module per verb."""

from __future__ import annotations

import click

from nadeuri.cli.lazy import LazyGroup, Verb

VERBS = {
    "import": Verb("nadeuri.cli.label.import_", "Take in questions, and labels of other tools."),
    "rank": Verb("nadeuri.cli.label.rank", "Offer first what a model is least sure of."),
    "status": Verb("nadeuri.cli.label.status", "How far people have come, and how they agree."),
    "export": Verb("nadeuri.cli.label.export", "Write what was labelled."),
}


@click.group("label", cls=LazyGroup, verbs=VERBS)
def command() -> None:
    """Questions that people label in the web pages: in, out, and how far they are.

    \b
    Example: nadeuri label import questions.txt --double 0.1
    Example: nadeuri label export --out questions.parquet
    """
