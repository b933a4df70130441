"""``nadeuri recommend also-viewed``: the products beside one product, or beside all."""

from __future__ import annotations

import time
from pathlib import Path

import click


@click.command("also-viewed")
@click.argument("code", required=False)
@click.option(
    "--artefact",
    type=click.Path(path_type=Path),
    help="Exported product vectors [default: also-viewed below the artefacts folder].",
)
@click.option("--k", default=10, show_default=True, type=click.IntRange(min=1), help="List length.")
@click.option("--city", "cities", multiple=True, help="Only products of this city (repeatable).")
@click.option("--same-country", is_flag=True, help="Only products of the same country.")
@click.option("--per-city", type=click.IntRange(min=1), help="At most so many of one city.")
@click.option("--all", "everything", is_flag=True, help="Beside every product, to --out.")
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help="Parquet file, with --all."
)
def command(
    code: str | None,
    artefact: Path | None,
    k: int,
    cities: tuple[str, ...],
    same_country: bool,
    per_city: int | None,
    everything: bool,
    out: Path | None,
) -> None:
    """Show what others also viewed beside the product CODE, or write it for all products.

    What is not on sale is left out, and of a trip that leaves on several days only one departure is
    shown, where the catalogue has the columns on_sale and trip.

    \b
    Example: nadeuri recommend also-viewed POSA1003
    Example: nadeuri recommend also-viewed POSA1003 --k 5 --same-country --per-city 2
    Example: nadeuri recommend also-viewed --all --out also-viewed.parquet
    """
    from nadeuri import columns
    from nadeuri.cli.table import format_table
    from nadeuri.recommend.coview.bundle import DEFAULT_FOLDER
    from nadeuri.recommend.coview.predict import AlsoViewed, Query
    from nadeuri.recommend.coview.table import write_table
    from nadeuri.settings import Settings

    if everything == (code is not None):
        raise click.UsageError("give a product code, or --all with --out")
    if everything and (out is None or cities or same_country or per_city):
        raise click.UsageError("--all needs --out FILE.parquet and takes no other rule than --k")
    if not everything and out is not None:
        raise click.UsageError("--out goes with --all")
    started = time.perf_counter()
    model = AlsoViewed(artefact or Settings.from_env().artifacts / DEFAULT_FOLDER)
    if everything:
        assert out is not None
        n_products, n_rows = write_table(model, out, k=k)
        seconds = time.perf_counter() - started
        click.echo(f"{out}: {n_rows:,} rows for {n_products:,} products in {seconds:.1f} s")
        return
    assert code is not None
    filters = {columns.CITY: cities} if cities else {}
    answer = model.answer(
        Query(code, k=k, filters=filters, same_country=same_country, per_city=per_city)
    )
    for field, values in answer.unknown_filters.items():
        click.echo(f"{field}: 상품이 없는 값입니다: {', '.join(values)}", err=True)
    rows = [
        [each.rank, each.item, each.name or "", each.city or "", f"{each.score:.3f}"]
        for each in answer.items
    ]
    click.echo(format_table(["순위", "상품", "이름", "도시", "점수"], rows))
    click.echo(_SOURCES[answer.source])


_SOURCES = {
    "viewed": "함께 본 기록으로 고른 목록입니다.",
    "metadata": "아직 본 사람이 없는 상품이라 비슷한 상품의 정보로 고른 목록입니다.",
    "popular": "알려진 것이 없는 상품이라 인기 상품으로 채운 목록입니다.",
}
