"""``nadeuri guide embed``: the vectors of reviews and places."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import click

from nadeuri.cli.guide.opening import FOLDER_HELP


@click.command("embed")
@click.option("--folder", type=click.Path(path_type=Path, file_okay=False), help=FOLDER_HELP)
@click.option(
    "--processes", type=click.IntRange(1), help="That embed side by side [default: the cores]."
)
def command(folder: Path | None, processes: int | None) -> None:
    """Make the vectors of all reviews and places in the graph, beside it.

    Only texts that have none yet are embedded; a run that was interrupted goes on where it stopped.
    Run it after each nadeuri guide load.

    \b
    Example: nadeuri guide embed
    Example: nadeuri guide embed --folder work/guide --processes 2
    """
    from nadeuri.cli.guide.opening import guide_folder
    from nadeuri.embed import UseEmbedder
    from nadeuri.guide.embed_graph import embed_graph
    from nadeuri.settings import Settings

    folder = guide_folder(Settings.from_env(), folder)
    with _bar() as on_batch:
        made = embed_graph(folder, UseEmbedder(), processes=processes, on_batch=on_batch)
    reviews = made.reviews
    click.echo(
        f"{reviews.artifact.path}: {reviews.n_reviews:,} reviews of {reviews.n_places:,} places; "
        f"{reviews.n_embedded:,} texts embedded now"
    )
    click.echo(f"{made.places.path}: {made.places.metadata['n_places']:,} places")


class _OnBatch(Protocol):
    def __call__(self, place_ids: Sequence[str], n_places: int, /) -> object: ...


@contextmanager
def _bar() -> Iterator[_OnBatch]:
    """A progress bar over places, where a person is watching."""
    import sys

    from tqdm import tqdm

    with tqdm(desc="reviews of places", disable=not sys.stderr.isatty(), file=sys.stderr) as bar:

        def advance(place_ids: Sequence[str], n_places: int, /) -> None:
            bar.total = n_places
            bar.update(len(place_ids))

        yield advance
