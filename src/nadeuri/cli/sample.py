"""``nadeuri sample``."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(name="sample")
@click.argument("out", type=click.Path(path_type=Path))
@click.option(
    "--size",
    type=click.Choice(["tiny", "demo", "full"]),
    default="demo",
    show_default=True,
    help="200 users, 3,000 users, or about 10 million clicks.",
)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option("--force", is_flag=True, help="Replace OUT whatever it holds.")
def command(out: Path, size: str, seed: int, force: bool) -> None:
    """Write a synthetic travel agency to the folder OUT.

    It has a catalogue, a click log, labelled questions of travellers, eating places on Jeju
    with reviews, two databases of places to be mapped, and packages with itineraries.

    The same size and seed give the same rows. The log holds duplicates, unknown
    products, bad dates and bots on purpose; OUT/dirt.json counts them.

    Example: nadeuri sample --size demo work/sample
    """
    from nadeuri.data.sample import write_sample

    summary = write_sample(out, size, seed, force=force)
    verb = "already holds" if summary.reused else "wrote"
    dirt = ", ".join(f"{kind} {count:,}" for kind, count in summary.dirt.items())
    click.echo(f"{summary.path}: {verb} the synthetic {summary.size} world (seed {summary.seed})")
    click.echo(f"  {summary.n_users:,} users, {summary.n_items:,} products")
    click.echo(f"  {summary.n_questions:,} labelled questions")
    click.echo(f"  {summary.n_places:,} eating places, {summary.n_reviews:,} reviews")
    click.echo(
        f"  {summary.n_agency_places:,} and {summary.n_google_places:,} places of two databases, "
        f"{summary.n_packages:,} packages, {summary.n_itineraries:,} itineraries"
    )
    click.echo(f"  {summary.n_rows:,} log rows, {summary.n_clean:,} of them sound; {dirt}")
