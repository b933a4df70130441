"""``nadeuri understand export``: labelled questions for a labelling tool."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click


@click.command("export")
@click.argument("data", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "named",
    type=click.Choice(["doccano", "label-studio"]),
    required=True,
    help="Of the file to write.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="File to write: .jsonl for doccano, .json for Label Studio.",
)
def command(data: Path, named: Literal["doccano", "label-studio"], out: Path) -> None:
    """Write the labelled questions of DATA as a file that a labelling tool imports.

    In Label Studio what is labelled appears as predictions, which an annotator corrects.

    \b
    Example: nadeuri understand export questions.parquet --format doccano --out tasks.jsonl
    Example: nadeuri understand export questions.parquet --format label-studio --out tasks.json
    """
    from nadeuri.cli.understand.inputs import questions_of
    from nadeuri.understand.exchange.formats import write_as

    questions = questions_of(data)
    write_as(out, questions, named)
    click.echo(f"{out}: {len(questions):,} questions")
