"""``nadeuri match export``: packages, places and the mapping as an artefact that is served."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nadeuri.cli.match.opening import STORE_HELP, PlaceFile, place_options

if TYPE_CHECKING:
    import pyarrow as pa

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command("export")
@place_options
@click.option(
    "--stops",
    type=_FILE,
    required=True,
    help="Day plans of the packages: package, day, order, place_id (Parquet, CSV, TSV or JSON).",
)
@click.option(
    "--data",
    type=click.Path(path_type=Path, exists=True),
    help="Source with the catalogue that the packages are in: what is shown of them.",
)
@click.option("--store", help=STORE_HELP)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of the artefact  [default: artifacts/packages below $NADEURI_HOME]",
)
def command(
    left: PlaceFile,
    right: PlaceFile,
    stops: Path,
    data: Path | None,
    store: str | None,
    out: Path | None,
) -> None:
    """Export what nadeuri serve and nadeuri match packages need: neither asks the database.

    What people decided in reviews since the last run is put into the mapping first.

    \b
    Example: nadeuri match export --left work/sample/match/agency_places.parquet \\
             --right work/sample/match/google_places.parquet \\
             --stops work/sample/match/package_stops.parquet --data work/sample
    """
    from nadeuri.cli.match.opening import store_url
    from nadeuri.cli.match.scoring import read_places
    from nadeuri.data.day_plans import read_package_stops
    from nadeuri.match.bundle import DEFAULT_FOLDER
    from nadeuri.match.export import export_packages, published_mapping
    from nadeuri.match.store.database import MappingStore
    from nadeuri.match.store.publish import publish_labels
    from nadeuri.settings import Settings

    settings = Settings.from_env()
    with MappingStore(store_url(settings, store)) as mappings:
        with mappings.begin() as connection:
            publish_labels(connection)
        with mappings.reading() as connection:
            mapping = published_mapping(connection)
    artifact = export_packages(
        out or settings.artifacts / DEFAULT_FOLDER,
        stops=read_package_stops(stops),
        places=read_places(left),
        others=read_places(right),
        mapping=mapping,
        catalogue=None if data is None else _catalogue(data),
    )
    told = artifact.metadata
    click.echo(
        f"{artifact.path}: {told['n_packages']:,} packages, {told['n_others']:,} places, "
        f"{told['n_mapped']:,} of them mapped (version {told['mapping_version']})"
    )
    if told["n_unknown_stops"]:
        click.echo(
            f"warning: {told['n_unknown_stops']:,} stops at places that {left.path} lacks: they "
            "match by their id alone",
            err=True,
        )
    if data is not None and told["n_unknown_products"]:
        click.echo(
            f"warning: {told['n_unknown_products']:,} packages that the catalogue lacks: they have "
            "no name",
            err=True,
        )


def _catalogue(data: Path) -> pa.Table:
    """The catalogue of a source; what is rejected is told on stderr.

    Raises:
        DataError: it has none.
    """
    from nadeuri.data.catalogue import read_catalogue
    from nadeuri.data.rejects import RejectsWriter, summary
    from nadeuri.data.source import load_source
    from nadeuri.errors import DataError

    with tempfile.TemporaryDirectory() as folder:
        writer = RejectsWriter(Path(folder) / "rejects.parquet")
        with writer:
            catalogue = read_catalogue(load_source(data), writer)
    if catalogue is None:
        raise DataError(f"{data}: a source without a catalogue; add [catalogue] to it")
    if writer.counts:
        click.echo(f"{data}: rejected {summary(writer.counts, writer.examples)}", err=True)
    return catalogue.table
