"""``nadeuri keys``: API keys, for "nadeuri serve --keys"."""

from __future__ import annotations

from pathlib import Path

import click

from nadeuri.cli.table import format_table
from nadeuri.serve.keys import ROOMS, create_key, read_keys, revoke_key
from nadeuri.settings import Settings

_FILE = click.option(
    "--file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File of the keys [default: keys.json below $NADEURI_HOME]. "
    "Example: --file work/keys.json",
)


@click.group("keys")
def command() -> None:
    """API keys, for "nadeuri serve --keys". The file holds their hashes only.

    \b
    Example: nadeuri keys create web --rate 20/s --burst 40
    Example: nadeuri keys list
    Example: nadeuri keys revoke web
    """


@command.command("create")
@click.argument("name")
@click.option("--rate", help="How often it may be used; always if absent. Example: --rate 10/s")
@click.option(
    "--burst",
    type=click.IntRange(min=1),
    help="Requests at once after a pause; what a second earns if absent. Example: --burst 20",
)
@click.option(
    "--room",
    "rooms",
    type=click.Choice(ROOMS),
    multiple=True,
    help="What it is for, may be repeated; everything if absent. Example: --room guide",
)
@click.option(
    "--days", type=click.IntRange(1, 3650), help="How long it lasts; for ever. Example: --days 90"
)
@_FILE
def create(
    name: str,
    rate: str | None,
    burst: int | None,
    rooms: tuple[str, ...],
    days: int | None,
    file: Path | None,
) -> None:
    """Make a key and print it, once: it is kept nowhere.

    Clients send it as "Authorization: Bearer KEY"; "nadeuri web" takes it from NADEURI_API_KEY.

    Example: nadeuri keys create partner --rate 10/s --burst 20 --room recommend --days 90
    """
    click.echo(create_key(_file(file), name, rate=rate, burst=burst, rooms=rooms, days=days))


@command.command("list")
@_FILE
def show(file: Path | None) -> None:
    """Show the names of the keys, and what each may.

    Example: nadeuri keys list --file work/keys.json
    """
    rows = [
        (
            key.name,
            f"{key.created:%Y-%m-%d}",
            f"{key.expires:%Y-%m-%d}" if key.expires else "never",
            key.rate or "any",
            str(key.limit.burst) if key.limit else "any",
            ", ".join(key.rooms or ("all",)),
        )
        for key in read_keys(_file(file))
    ]
    click.echo(format_table(("name", "created", "expires", "rate", "burst", "rooms"), rows))


@command.command("revoke")
@click.argument("name")
@_FILE
def revoke(name: str, file: Path | None) -> None:
    """Take a key away; running servers refuse it within a second.

    Example: nadeuri keys revoke partner
    """
    revoke_key(_file(file), name)


def _file(given: Path | None) -> Path:
    return given or Settings.from_env().home / "keys.json"
