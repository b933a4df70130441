"""``nadeuri recommend score``: recommend for every user of an artefact."""

from __future__ import annotations

import time
from pathlib import Path

import click


@click.command("score")
@click.argument("artefact", type=click.Path(path_type=Path))
@click.option("--k", default=10, show_default=True, type=click.IntRange(min=1), help="List length.")
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="Parquet file to write: user, rank, item, score.",
)
@click.option("--keep-seen", is_flag=True, help="Let items that the user has clicked come back.")
@click.option(
    "--threads", default=1, show_default=True, type=click.IntRange(min=1), help="Of the model."
)
def command(artefact: Path, k: int, out: Path, keep_seen: bool, threads: int) -> None:
    """Write the best items of every user of ARTEFACT, an exported model, to a Parquet file.

    Example: nadeuri recommend score work/artifacts/for-you --k 10 --out recs.parquet
    """
    from nadeuri.recommend.predict import Predictor
    from nadeuri.recommend.score import score_users

    started = time.perf_counter()
    predictor = Predictor(artefact, threads=threads)
    n_users, n_rows = score_users(predictor, out, k=k, exclude_seen=not keep_seen)
    seconds = time.perf_counter() - started
    click.echo(f"{out}: {n_rows:,} rows for {n_users:,} users in {seconds:.1f} s")
