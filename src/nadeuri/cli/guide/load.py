"""``nadeuri guide load``: tables of places into a graph."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from nadeuri.cli.table import format_table

if TYPE_CHECKING:
    from nadeuri.guide.store import GraphStore
    from nadeuri.settings import Settings


@click.command("load")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--graph",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File of the graph, made if absent; by default $NADEURI_HOME/guide/places.graph.",
)
@click.option("--neo4j", "on_neo4j", is_flag=True, help="Into the Neo4j at $NEO4J_URI instead.")
@click.option(
    "--rejects",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Parquet file for rejected rows; by default rejects.parquet beside the graph.",
)
def command(folder: Path, graph: Path | None, on_neo4j: bool, rejects: Path | None) -> None:
    """Load the tables of places in FOLDER into the graph of the guide.

    FOLDER has places, menus, reviews, ratings, visits, usage and attractions as Parquet or CSV, or
    is a sample world. Loading again changes nothing but what is new or different; a load that was
    interrupted goes on where it stopped. FOLDER may hold nothing but new reviews.

    \b
    Example: nadeuri guide load work/sample
    Example: nadeuri guide load new-reviews --graph work/guide/places.graph
    """
    from nadeuri.data.place_reader import find_tables
    from nadeuri.guide.load import load_folder
    from nadeuri.settings import Settings

    find_tables(folder)  # or an error, before a graph is made
    if on_neo4j and graph is not None:
        raise click.UsageError("--graph is a file and --neo4j a server; give one of them")
    settings = Settings.from_env()
    graph = graph or settings.home / "guide" / "places.graph"
    rejects = rejects or graph.with_name("rejects.parquet")
    with _store(settings, None if on_neo4j else graph) as store:
        summary = load_folder(folder, store, rejects)
    where = settings.neo4j_uri if on_neo4j else graph
    rows = sum(summary.rows.values())
    click.echo(f"{where}: {rows:,} rows read, {summary.skipped:,} of them loaded before")
    click.echo()
    click.echo(
        format_table(
            ("in the graph", "now", "new"),
            [
                (name, f"{count:,}", f"{summary.created.get(name, 0):,}")
                for name, count in summary.counts.items()
            ],
        )
    )
    if summary.rejected:
        from nadeuri.data.rejects import summary as rejected

        click.echo()
        click.echo(f"rejected: {rejected(summary.rejected, summary.examples)}; see {rejects}")


def _store(settings: Settings, graph: Path | None) -> GraphStore:
    """The graph file, or the server of the settings where there is none."""
    from nadeuri.errors import ConfigError

    if graph is not None:
        from nadeuri.guide.ladybug import LadybugStore

        return LadybugStore(graph)
    if settings.neo4j_uri is None:
        raise ConfigError("environment variable NEO4J_URI is not set; --neo4j needs the address")
    from nadeuri.guide.neo4j import Neo4jStore

    return Neo4jStore(
        settings.neo4j_uri,
        user=settings.neo4j_user,
        password=settings.neo4j_password,
        database=settings.neo4j_database,
    )
