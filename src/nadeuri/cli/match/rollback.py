"""``nadeuri match rollback``: an earlier mapping again."""

from __future__ import annotations

import click

from nadeuri.cli.match.opening import STORE_HELP


@click.command("rollback")
@click.argument("version", type=click.IntRange(1))
@click.option("--note", default="", help="Why; kept with the version.")
@click.option("--store", help=STORE_HELP)
def command(version: int, note: str, store: str | None) -> None:
    """Make a new version of the mapping that is like VERSION. Nothing is deleted.

    Places that came or changed since then count as new in the next run, which also puts back what
    people decided: before it, mend what went wrong.

    \b
    Example: nadeuri match rollback 3 --note "wrong table of places"
    """
    from nadeuri.cli.match.opening import store_url
    from nadeuri.match.store import versions
    from nadeuri.match.store.database import MappingStore
    from nadeuri.settings import Settings

    url = store_url(Settings.from_env(), store)
    with MappingStore(url) as mappings, mappings.exclusive(), mappings.begin() as connection:
        number = versions.rollback(connection, version, note=note)
    if number is None:
        click.echo(f"the mapping is like version {version} already")
    else:
        click.echo(f"version {number} is like version {version}")
