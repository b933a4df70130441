"""``nadeuri match index``: the other database's places as an artefact that is served."""

from __future__ import annotations

from pathlib import Path

import click

from nadeuri.cli.match.opening import PlaceFile, right_options


@click.command("index")
@right_options
@click.option(
    "--scorer",
    type=click.Path(path_type=Path, file_okay=False),
    help="Trained by nadeuri match train, such as work/artifacts/place-scorer  [default: the one "
    "that comes with the package]",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of the artefact, such as work/index  [default: artifacts/place-index below "
    "$NADEURI_HOME]",
)
def command(right: PlaceFile, scorer: Path | None, out: Path | None) -> None:
    """Export the other database's places, so that nadeuri serve matches single places with them.

    \b
    Example: nadeuri match index --right work/sample/match/google_places.parquet
    """
    from nadeuri.cli.match.scoring import read_places
    from nadeuri.match.place_index import DEFAULT_FOLDER, export_place_index
    from nadeuri.match.scorer import PairScorer, default_scorer
    from nadeuri.settings import Settings

    opened = default_scorer() if scorer is None else PairScorer.load(scorer)
    out = out or Settings.from_env().artifacts / DEFAULT_FOLDER
    artifact = export_place_index(out, read_places(right), opened)
    click.echo(f"{artifact.path}: {artifact.metadata['n_places']:,} places")
