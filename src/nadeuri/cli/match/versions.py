"""``nadeuri match versions``: the history of the mapping."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from nadeuri.cli.match.opening import STORE_HELP
from nadeuri.cli.table import format_table

if TYPE_CHECKING:
    from nadeuri.match.store.versions import Decision


@click.command("versions")
@click.option("--store", help=STORE_HELP)
@click.option(
    "--diff", "compared", nargs=2, type=int, help="Show what is different in two versions."
)
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def command(store: str | None, compared: tuple[int, int] | None, limit: int, as_json: bool) -> None:
    """List the versions of the mapping, the latest first, or compare two of them.

    \b
    Example: nadeuri match versions
    Example: nadeuri match versions --diff 3 4
    """
    from dataclasses import asdict

    from nadeuri.cli.match.opening import store_url
    from nadeuri.match.store import versions
    from nadeuri.match.store.database import MappingStore
    from nadeuri.settings import Settings

    url = store_url(Settings.from_env(), store)
    with MappingStore(url) as mappings, mappings.reading() as connection:
        if compared:
            changes = versions.diff(connection, *compared)
        else:
            listed = versions.versions(connection, limit=limit)
    if compared and as_json:
        click.echo(json.dumps([asdict(each) for each in changes], ensure_ascii=False))
    elif compared:
        rows = [(each.left, _shown(each.before), _shown(each.after)) for each in changes[:limit]]
        click.echo(format_table(("place", f"version {compared[0]}", f"{compared[1]}"), rows))
        click.echo(f"{len(changes):,} places differ")
    elif as_json:
        click.echo(json.dumps([asdict(each) for each in listed], ensure_ascii=False))
    else:
        table = [
            (
                str(each.number),
                each.made[:19],
                each.cause if each.restores is None else f"{each.cause} to {each.restores}",
                f"{each.changed:,}",
                each.note,
            )
            for each in listed
        ]
        click.echo(format_table(("version", "made (UTC)", "by", "changed", "note"), table))


def _shown(decision: Decision | None) -> str:
    if decision is None:
        return "-"
    right = decision.right if decision.is_mapped else decision.decision
    return f"{right} ({decision.source})"
