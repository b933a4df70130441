"""``nadeuri label rank``: active learning, the order in which questions are offered."""

from __future__ import annotations

from pathlib import Path

import click

from nadeuri.cli.label.opening import store_option

_BATCH = 64
_WRITTEN = 1_000
"""Tasks that are written at once: people who label meanwhile wait for no more than that."""


@click.command("rank")
@click.option(
    "--model",
    type=click.Path(path_type=Path, file_okay=False),
    help="Artefact of a question model [default: questions in the folder of artefacts]. "
    "Example: --model work/artifacts/questions",
)
@store_option
def command(model: Path | None, store: str | None) -> None:
    """Have a model say which of the unlabelled questions it is least sure of: they come first.

    Active learning. Run it again with every new model.

    Example: nadeuri label rank --model work/artifacts/questions
    """
    from nadeuri.cli.label.opening import store_url
    from nadeuri.progress import progress
    from nadeuri.settings import Settings
    from nadeuri.understand.bundle import DEFAULT_FOLDER
    from nadeuri.understand.labelling.database import LabellingStore
    from nadeuri.understand.labelling.tasks import rank, unlabelled
    from nadeuri.understand.predict import QuestionParser

    settings = Settings.from_env()
    parser = QuestionParser(model or settings.artifacts / DEFAULT_FOLDER)
    with LabellingStore(store_url(settings, store)) as opened:
        with opened.reading() as connection:
            tasks = unlabelled(connection)
        confidences: list[tuple[str, float]] = []
        for start in progress(range(0, len(tasks), _BATCH), "questions"):
            part = tasks[start : start + _BATCH]
            for task, found in zip(part, parser.parse([each.text for each in part]), strict=True):
                least = min([found.intent_confidence, *found.confidences])
                confidences.append((task.task, least))
        for start in range(0, len(confidences), _WRITTEN):
            with opened.begin() as connection:
                rank(connection, dict(confidences[start : start + _WRITTEN]))
    click.echo(f"{parser.artifact.path}: {len(tasks):,} questions ranked")
