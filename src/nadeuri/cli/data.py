"""``nadeuri data``: prepare click logs, look at what came out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nadeuri.cli.table import format_table

if TYPE_CHECKING:
    from nadeuri.data.sequences import Dataset


@click.group(name="data")
def command() -> None:
    """Read, clean and prepare click logs.

    Example: nadeuri data prepare spring.toml work/spring
    """


@command.command
@click.argument("source", type=click.Path(path_type=Path))
@click.argument("out", type=click.Path(path_type=Path))
@click.option(
    "--engine",
    type=click.Choice(["duckdb", "spark"]),
    default="duckdb",
    show_default=True,
    help="What reads and cleans; the result is the same.",
)
@click.option(
    "--spark-master",
    metavar="MASTER",
    help="Where Spark runs, such as local[4] or spark://host:7077; by default "
    "$NADEURI_SPARK_MASTER, else what spark-defaults.conf says, else this machine.",
)
def prepare(source: Path, out: Path, engine: str, spark_master: str | None) -> None:
    """Clean the clicks and the catalogue of SOURCE and store them as the data set folder OUT.

    SOURCE is a TOML file, a folder with a source.toml, or the folder of a public data set (ml-1m,
    ml-100k, beauty, nyc, flickr-trips). Rejected rows are counted by reason and written to
    OUT/rejects.parquet.

    \b
    Example: nadeuri data prepare work/sample work/prepared
    Example: nadeuri data prepare work/sample work/prepared --engine spark --spark-master local[2]
    """
    from nadeuri.data.prepare import Engine, with_duckdb
    from nadeuri.data.prepare import prepare as run
    from nadeuri.data.source import load_source
    from nadeuri.settings import Settings

    if spark_master and engine != "spark":
        raise click.UsageError("--spark-master needs --engine spark")
    description = load_source(source)
    reader: Engine = with_duckdb
    if engine == "spark":
        from nadeuri.data.spark import spark_engine

        reader = spark_engine(spark_master or Settings.from_env().spark_master)
    _show(run(description, out, engine=reader), n_top=0)


@command.command
@click.argument("dataset", type=click.Path(path_type=Path))
@click.option("--top", "n_top", type=click.IntRange(min=0), default=10, show_default=True)
def show(dataset: Path, n_top: int) -> None:
    """Show counts, sequence lengths, rejects and the most clicked items of a prepared data set.

    Example: nadeuri data show work/prepared
    """
    from nadeuri.data.sequences import open_dataset

    _show(open_dataset(dataset), n_top)


def _show(dataset: Dataset, n_top: int) -> None:
    from nadeuri.data.describe import describe
    from nadeuri.data.sequences import REJECTS

    description = describe(dataset, n_top)
    click.echo(f"{dataset.path}: {dataset.name}, fingerprint {dataset.fingerprint[:12]}")
    span = f", {description.first} to {description.last}" if description.first else ", no times"
    click.echo(
        f"  {dataset.sequences.n_clicks:,} clicks, {dataset.n_users:,} users, "
        f"{dataset.n_items:,} items ({description.cold_items:,} never clicked){span}"
    )
    click.echo(
        "  clicks per user: "
        + ", ".join(f"p{share} {length:,}" for share, length in description.lengths.items())
        + f"; {description.sessions_per_user:.1f} sessions per user"
    )
    fields = [
        (field["name"], field["kind"], field.get("values", "?"), field.get("missing", "?"))
        for field in dataset.manifest["fields"]
    ]
    _table(("field", "kind", "values", "missing"), fields)
    _table(("rejected from", "reason", "rows"), description.rejected)
    if (dataset.path / REJECTS).is_file():
        click.echo(f"every rejected row: {dataset.path / REJECTS}")
    _table(("item", "name", "clicks"), description.top_items)
    for warning in dataset.manifest.get("warnings", []):
        click.echo(f"warning: {warning}")


def _table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    if rows:
        click.echo()
        click.echo(format_table(header, rows))
