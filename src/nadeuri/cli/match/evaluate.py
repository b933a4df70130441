"""``nadeuri match evaluate``: the mapping beside labelled pairs."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from nadeuri.cli.match.opening import STORE_HELP


@click.command("evaluate")
@click.argument("labelled", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--version", type=click.IntRange(1), help="Of the mapping  [default: the current].")
@click.option("--split", help="Only pairs of this split, such as test.")
@click.option(
    "--complete",
    is_flag=True,
    help="The pairs are all that there are: every other mapped place is wrong.",
)
@click.option(
    "--least",
    type=click.FloatRange(0, 1),
    help="Count uncertain places as mapped from this probability on  [default: they are not].",
)
@click.option("--store", help=STORE_HELP)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def command(
    labelled: Path,
    version: int | None,
    split: str | None,
    complete: bool,
    least: float | None,
    store: str | None,
    as_json: bool,
) -> None:
    """Compare the mapping with the labelled pairs of a file (left, right, relation).

    \b
    Example: nadeuri match evaluate work/sample/match/gold.parquet --split test
    """
    import pyarrow.compute as pc

    from nadeuri import columns
    from nadeuri.cli.match.opening import store_url
    from nadeuri.data.labelled_pairs import read_labelled_pairs
    from nadeuri.errors import DataError
    from nadeuri.match.evaluate import agreement
    from nadeuri.match.store import versions
    from nadeuri.match.store.database import MappingStore
    from nadeuri.settings import Settings

    pairs = read_labelled_pairs(labelled)
    if split is not None:
        pairs = pairs.filter(pc.equal(pairs[columns.SPLIT], split))
        if pairs.num_rows == 0:
            raise DataError(f"{labelled}: no pair of split {split!r}")
    url = store_url(Settings.from_env(), store)
    with MappingStore(url) as mappings, mappings.reading() as connection:
        mapped = versions.mapping(connection, version, least=least)
    found = agreement(mapped, pairs, complete=complete)
    if as_json:
        rates = {"precision": found.precision, "recall": found.recall, "f1": found.f1}
        click.echo(json.dumps({**asdict(found), **rates}))
        return
    click.echo(
        f"precision {found.precision:.4f}, recall {found.recall:.4f}, F1 {found.f1:.4f} "
        f"({found.n_right:,} right of {found.n_mapped:,} mapped and {found.n_same:,} labelled)"
    )
