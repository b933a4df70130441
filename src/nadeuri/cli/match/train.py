"""``nadeuri match train``: a scorer of one's own."""

from __future__ import annotations

from pathlib import Path

import click

from nadeuri.cli.match.opening import STORE_HELP, PlaceFile, place_options


@click.command("train")
@place_options
@click.option(
    "--labelled",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Labelled pairs (left, right, relation).",
)
@click.option("--split", help="Only labelled pairs of this split, such as train.")
@click.option(
    "--encoder",
    type=click.Choice(["use", "e5", "none"]),
    default="use",
    show_default=True,
    help="Compares names in different scripts by meaning: use is quick, e5 slow.",
)
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--store", help=f"What people decided there is learned from, too. {STORE_HELP}")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of the artefact  [default: artifacts/place-scorer below $NADEURI_HOME]",
)
def command(
    left: PlaceFile,
    right: PlaceFile,
    labelled: Path | None,
    split: str | None,
    encoder: str,
    seed: int,
    store: str | None,
    out: Path | None,
) -> None:
    """Train a scorer on labelled pairs and on what people decided in nadeuri match review.

    \b
    Example: nadeuri match train --left agency.parquet --right google.parquet \\
        --labelled gold.parquet --split train
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    from nadeuri import columns
    from nadeuri.cli.match.opening import store_url
    from nadeuri.cli.match.scoring import read_places
    from nadeuri.data.labelled_pairs import read_labelled_pairs
    from nadeuri.match.store.database import MappingStore
    from nadeuri.match.store.labels import labelled_pairs
    from nadeuri.match.train import train
    from nadeuri.settings import Settings

    settings = Settings.from_env()
    names = [columns.LEFT, columns.RIGHT, columns.RELATION]
    with MappingStore(store_url(settings, store)) as mappings, mappings.reading() as connection:
        pairs = labelled_pairs(connection)
    n_decided = pairs.num_rows
    if labelled is not None:
        given = read_labelled_pairs(labelled)
        if split is not None:
            given = given.filter(pc.equal(given[columns.SPLIT], split))
        pairs = pa.concat_tables([given.select(names).cast(pairs.schema), pairs])
    trained = train(
        read_places(left),
        read_places(right),
        pairs,
        encoder=None if encoder == "none" else encoder,
        seed=seed,
    )
    artifact = trained.scorer.save(
        out or settings.artifacts / "place-scorer",
        metrics={"n_pairs": trained.n_pairs, "n_same": trained.n_same},
    )
    click.echo(
        f"{artifact.path}: version {artifact.version}, learned from {trained.n_pairs:,} pairs, "
        f"{trained.n_same:,} of them the same ({n_decided:,} decided by people)"
    )
    if trained.n_missed:
        click.echo(f"{trained.n_missed:,} pairs labelled the same are not among the candidates")
