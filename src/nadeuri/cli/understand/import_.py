"""``nadeuri understand import``: labelled questions of other tools as a table of ours."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import click


@click.command("import")
@click.argument("source", type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="Parquet table to write; rejected rows go to rejects.parquet beside it.",
)
@click.option("--format", "named", default="auto", show_default=True, help="Of SOURCE.")
def command(source: Path, out: Path, named: str) -> None:
    """Read labelled questions from the file or folder SOURCE into one table.

    Formats: doccano (.jsonl), label-studio (.json), label-studio-predictions, kochat (.csv), klue
    (.tsv), atis (folders of seq.in, seq.out, label), text (.txt, a question a line) and table
    (.parquet).

    \b
    Example: nadeuri understand import export.jsonl --out questions.parquet
    Example: nadeuri understand import project.json --format label-studio --out questions.parquet
    """
    from nadeuri.data.questions import write_questions
    from nadeuri.errors import DataError
    from nadeuri.understand.exchange.formats import FORMATS, Format, read_any
    from nadeuri.understand.exchange.imported import write_rejects

    if named not in ("auto", *FORMATS):
        raise click.UsageError(f"--format {named}: not one of auto, {', '.join(FORMATS)}")
    imported = read_any(source, cast(Format, named))
    rejected = write_rejects(out.parent, imported.rejects)
    if not imported.questions:
        raise DataError(f"{source}: no usable question; rejected: {rejected or 'nothing'}")
    total = write_questions(out, imported.questions)
    click.echo(f"{out}: {total:,} questions")
    if rejected:
        click.echo(f"rejected: {rejected}; see {out.parent / 'rejects.parquet'}")
