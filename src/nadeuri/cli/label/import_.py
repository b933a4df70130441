"""``nadeuri label import``: questions to be labelled, and what others have labelled already."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import click

from nadeuri.cli.label.opening import store_option


@click.command("import")
@click.argument("source", type=click.Path(path_type=Path))
@click.option(
    "--double",
    type=click.FloatRange(0, 1),
    default=0.1,
    show_default=True,
    help="Share of the new questions that two people are to label. Example: --double 0.2",
)
@click.option(
    "--annotator",
    help="Whose the labels are that have no name; without it they are left aside. Example: "
    "--annotator minji",
)
@click.option(
    "--texts-only", is_flag=True, help="Leave all labels aside: label import FILE --texts-only."
)
@click.option(
    "--format", "named", default="auto", show_default=True, help="Of SOURCE. Example: --format text"
)
@store_option
def command(
    source: Path,
    double: float,
    annotator: str | None,
    texts_only: bool,
    named: str,
    store: str | None,
) -> None:
    """Take the questions of the file or folder SOURCE into the labelling store.

    A text that is there is not taken in again, and nobody's label is overwritten. Formats: text
    (.txt, a question a line), doccano (.jsonl), label-studio (.json), label-studio-predictions,
    table (.parquet), kochat (.csv), klue (.tsv) and atis (folders). What cannot be taken in goes
    to labelling/rejects.parquet below $NADEURI_HOME.

    \b
    Example: nadeuri label import questions.txt --double 0.1
    Example: nadeuri label import project.json --format label-studio
    """
    from nadeuri.cli.label.opening import labelling_folder, store_url
    from nadeuri.errors import DataError
    from nadeuri.settings import Settings
    from nadeuri.understand.exchange.formats import FORMATS, Format, read_any
    from nadeuri.understand.exchange.imported import Reject, write_rejects
    from nadeuri.understand.labelling.database import LabellingStore
    from nadeuri.understand.labelling.results import take_in
    from nadeuri.understand.labels import load_scheme

    if named not in ("auto", *FORMATS):
        raise click.UsageError(f"--format {named}: not one of auto, {', '.join(FORMATS)}")
    settings = Settings.from_env()
    folder = labelling_folder(settings)
    imported = read_any(source, cast(Format, named))
    with LabellingStore(store_url(settings, store)) as opened:
        taken = take_in(
            opened,
            load_scheme(),
            imported.questions,
            source=source.name,
            double=double,
            annotator=annotator,
            texts_only=texts_only,
        )
    unfit = [
        Reject(str(source), 0, reason, f"{question.id}: {wrong}")
        for question, reason, wrong in taken.rejected
    ]
    rejected = write_rejects(folder, [*imported.rejects, *unfit])
    if not imported.questions:
        raise DataError(f"{source}: no usable question; rejected: {rejected or 'nothing'}")
    click.echo(
        f"{source}: {len(imported.questions):,} questions, {taken.new:,} of them new; "
        f"{taken.labels:,} labels taken in"
    )
    if taken.kept:
        click.echo(f"{taken.kept:,} labels differ from what their makers said here since: left out")
    if taken.nameless:
        click.echo(
            f"{taken.nameless:,} labelled questions do not say by whom: only their texts were "
            "taken in (--annotator NAME takes their labels)"
        )
    if rejected:
        click.echo(f"rejected: {rejected}; see {folder / 'rejects.parquet'}")
