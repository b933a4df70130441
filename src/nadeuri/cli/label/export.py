"""``nadeuri label export``: what was labelled, for training and for other tools."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from nadeuri.cli.label.opening import store_option

if TYPE_CHECKING:
    from nadeuri.understand.exchange.formats import Format
    from nadeuri.understand.labelling.results import Which

_FORMATS: dict[str, Format] = {".parquet": "table", ".jsonl": "doccano", ".json": "label-studio"}


@click.command("export")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="File to write: .parquet, .jsonl for doccano, .json for Label Studio. "
    "Example: --out questions.parquet",
)
@click.option(
    "--which",
    type=click.Choice(["final", "all"]),
    default="final",
    show_default=True,
    help="final: one row a question, which training takes; all: what each person said. Example: "
    "--which all",
)
@store_option
def command(out: Path, which: Which, store: str | None) -> None:
    """Write the labelled questions to the file OUT, whose name says in which format.

    What somebody decided wins over what people said; questions that they disagree about and that
    nobody has decided are left out of "final".

    \b
    Example: nadeuri label export --out questions.parquet
    Example: nadeuri label export --out both.jsonl --which all
    """
    from nadeuri.cli.label.opening import store_url
    from nadeuri.errors import DataError
    from nadeuri.settings import Settings
    from nadeuri.understand.exchange.formats import write_as
    from nadeuri.understand.labelling.database import LabellingStore
    from nadeuri.understand.labelling.results import results

    if out.suffix not in _FORMATS:
        raise click.UsageError(f"--out {out}: name it {', '.join(_FORMATS)}")
    with (
        LabellingStore(store_url(Settings.from_env(), store)) as opened,
        opened.reading() as connection,
    ):
        questions, left_out = results(connection, which)
    if not questions:
        raise DataError(f"{out}: nothing is labelled yet; label on the page 라벨링 of nadeuri web")
    write_as(out, questions, _FORMATS[out.suffix])
    reasons = ", ".join(f"{count:,} {reason}" for reason, count in sorted(left_out.items()))
    click.echo(f"{out}: {len(questions):,} rows{f'; left out: {reasons}' if reasons else ''}")
