"""``nadeuri guide <verb>``: one module per verb."""

from __future__ import annotations

import click

from nadeuri.cli.lazy import LazyGroup, Verb

VERBS = {
    "load": Verb("nadeuri.cli.guide.load", "Load tables of places into the graph."),
    "embed": Verb("nadeuri.cli.guide.embed", "Make the vectors of reviews and places."),
    "ask": Verb("nadeuri.cli.guide.ask", "Ask one question."),
    "chat": Verb("nadeuri.cli.guide.chat", "Talk with the guide."),
    "evaluate": Verb("nadeuri.cli.guide.evaluate", "Ask labelled questions; print the metrics."),
}


@click.group("guide", cls=LazyGroup, verbs=VERBS)
def command() -> None:
    """Places to eat: their graph, and a guide who answers questions from it.

    \b
    Example: nadeuri guide load work/sample
    Example: nadeuri guide embed
    Example: nadeuri guide ask "60대 부모님과 가기 좋은 애월읍 흑돼지 맛집 추천해줘"
    """
