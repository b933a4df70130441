"""``nadeuri guide <verb>``: one module per verb."""

from __future__ import annotations

import click

from nadeuri.cli.lazy import LazyGroup, Verb

VERBS = {
    "load": Verb("nadeuri.cli.guide.load", "Load tables of places into the graph."),
}


@click.group("guide", cls=LazyGroup, verbs=VERBS)
def command() -> None:
    """Places to eat, and their graph.

    Example: nadeuri guide load work/sample
    """
