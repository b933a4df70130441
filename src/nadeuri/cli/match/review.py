"""``nadeuri match review``: what people are asked, and what they answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from nadeuri.cli.match.opening import STORE_HELP

if TYPE_CHECKING:
    from nadeuri.match.store.reviews import Review

NOTHING = "-"


@click.command("review")
@click.option("--limit", type=click.IntRange(1), default=10, show_default=True, help="Shown.")
@click.option("--json", "as_json", is_flag=True, help="Everything known, as JSON.")
@click.option(
    "--decide",
    nargs=3,
    metavar="PLACE OTHER RELATION",
    help=f"Decide about a pair: same, contains, nearby or different; {NOTHING} as OTHER says that "
    "PLACE has no match.",
)
@click.option("--by", "reviewer", help="Who decides.")
@click.option("--note", default="", help="Kept with the decision.")
@click.option("--store", help=STORE_HELP)
def command(
    limit: int,
    as_json: bool,
    decide: tuple[str, str, str] | None,
    reviewer: str | None,
    note: str,
    store: str | None,
) -> None:
    """Show places that the scorer and the language model were not sure of, or decide about one.

    A decision wins over every model, holds at once, and is learned from by nadeuri match train.

    \b
    Example: nadeuri match review --limit 5
    Example: nadeuri match review --decide A17 G203 same --by kim
    """
    from dataclasses import asdict

    from nadeuri.cli.match.opening import store_url
    from nadeuri.errors import QueryError
    from nadeuri.match.store import reviews, seen
    from nadeuri.match.store.database import MappingStore
    from nadeuri.match.store.publish import publish_labels
    from nadeuri.settings import Settings

    url = store_url(Settings.from_env(), store)
    with MappingStore(url) as mappings:
        if decide is not None:
            if not reviewer:
                raise click.UsageError("--decide needs --by, the name of who decides")
            place, other, relation = decide
            right = None if other == NOTHING else other
            with mappings.begin() as connection:
                known = seen.seen(connection, "right")
                if known and right is not None and right not in known:
                    raise QueryError(f"{right}: no such place in the table of the last run")
                reviews.decide(connection, place, right, relation, reviewer, note=note)
                number = publish_labels(connection)
            click.echo(f"kept; version {number}" if number else "kept; the mapping is as it was")
            return
        with mappings.reading() as connection:
            shown = reviews.open_reviews(connection, limit)
            n_open = len(reviews.open_lefts(connection))
    if as_json:
        click.echo(json.dumps([asdict(each) for each in shown], ensure_ascii=False))
        return
    for each in shown:
        click.echo("\n".join(_lines(each)))
    click.echo(f"{n_open:,} places to review")


def _lines(review: Review) -> Iterator[str]:
    from nadeuri import columns

    place = review.evidence["place"]
    yield f"{review.left}  {place.get(columns.NAME, '')}  ({review.reason})"
    for each in review.evidence["candidates"]:
        metres = each.get(columns.METRES)
        far = "" if metres is None else f"  {metres:,.0f} m"
        probability = each.get(columns.PROBABILITY)
        likely = "" if probability is None else f"  {probability:.2f}"
        yield f"   {each[columns.RIGHT]}  {each.get(columns.NAME, '')}{likely}{far}"
    for said in review.evidence["said"]:
        yield f"   language model: {said['step']} {said['right']} {said['relation'] or ''}".rstrip()
    if "lost_to" in review.evidence:
        yield f"   its match went to {review.evidence['lost_to']}"
    if "fault" in review.evidence:
        yield f"   {review.evidence['fault'][:100]}"
