"""Tables of places and a scorer, as the options of a command name them."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    import pyarrow as pa

    from nadeuri.cli.match.opening import PlaceFile
    from nadeuri.match.run import Score


def read_places(file: PlaceFile, rejects: Path | None = None) -> pa.Table:
    """The table of a file; what is rejected is told on stderr, and written to ``rejects``.

    Without a rejected row there is no such file, even if there was one before.
    """
    from nadeuri.data.poi import read_pois
    from nadeuri.data.rejects import RejectsWriter, summary

    with tempfile.TemporaryDirectory() as folder:
        if rejects is not None:
            rejects.parent.mkdir(parents=True, exist_ok=True)
            rejects.unlink(missing_ok=True)
        writer = RejectsWriter(rejects or Path(folder) / "rejects.parquet")
        with writer:
            table = read_pois(file.path, writer, renamed=file.renamed)
    if writer.counts:
        where = f"; see {rejects}" if rejects else ""
        click.echo(
            f"{file.path}: rejected {summary(writer.counts, writer.examples)}{where}", err=True
        )
    return table


def scoring(scorer: Path | None) -> Score:
    """Scoring by the artefact in a folder, or by the scorer that comes with the package."""
    from nadeuri.match.run import score_with
    from nadeuri.match.scorer import PairScorer, default_scorer

    opened = default_scorer() if scorer is None else PairScorer.load(scorer)
    return score_with(opened)
