"""``nadeuri recommend map``: exported product vectors as maps, to look at."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("map")
@click.argument(
    "artefacts", metavar="ARTEFACT...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@click.option("--field", help="Metadata field to colour by [default: city, else the first].")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="HTML page; a PNG is written beside it [default: map.html below the work folder].",
)
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Exported vectors that get the map as well, so that the API serves it at "
    "/v1/products/map: --into work/artifacts/also-viewed; then one ARTEFACT of a kind of model.",
)
def command(
    artefacts: tuple[Path, ...], field: str | None, out: Path | None, into: Path | None
) -> None:
    """Draw exported also-viewed vectors as maps side by side and measure how they separate a field.

    ARTEFACT is a folder of exported Prod2Vec or Meta-Prod2Vec vectors; all must be of the same
    products, of which at most 5,000 are drawn.

    \b
    Example: nadeuri recommend map work/runs/sample-demo-prod2vec-seed1/artifact \\
             work/runs/sample-demo-meta_prod2vec-seed1/artifact
    Example: nadeuri recommend map work/also-viewed --field country --out country.html
    Example: nadeuri recommend map work/artifacts/also-viewed --into work/artifacts/also-viewed
    """
    from nadeuri.cli.table import format_table
    from nadeuri.recommend.coview.map import K, build_map
    from nadeuri.recommend.coview.map_file import publish_with_map
    from nadeuri.recommend.coview.map_page import write_page
    from nadeuri.recommend.coview.map_plot import write_picture
    from nadeuri.settings import Settings

    page = out or Settings.from_env().home / "map.html"
    if page.suffix != ".html":
        raise click.UsageError(
            "--out is the page and ends in .html; the picture is a .png beside it"
        )
    found = build_map(artefacts, field)
    picture = page.with_suffix(".png")
    write_page(found, page)
    write_picture(found, picture)

    rows = [
        [
            panel.title,
            f"{panel.n_vectors:,}",
            f"{panel.separation.purity:.3f}",
            f"{panel.separation.by_chance:.3f}",
            "–" if panel.separation.silhouette is None else f"{panel.separation.silhouette:.3f}",
        ]
        for panel in found.panels
    ]
    click.echo(f"separation by {found.fields[0].name}")
    click.echo(format_table(["model", "products", f"purity@{K}", "by chance", "silhouette"], rows))
    click.echo(f"page: {page}")
    click.echo(f"picture: {picture}")
    if into is not None:
        click.echo(f"artefact: {into}, version {publish_with_map(into, found, into).version}")
