"""``nadeuri artifact list``: versions in the store, and what an alias means."""

from __future__ import annotations

import click

from nadeuri.cli.artifact.options import store_option


@click.command("list")
@click.argument("names", metavar="[NAME]...", nargs=-1)
@store_option
@click.option(
    "--alias",
    help="Print nothing but NAME@VERSION of what this alias means, a line for each NAME with it.",
)
def command(names: tuple[str, ...], store: str, alias: str | None) -> None:
    """Show the versions of each NAME (all of them if none is given), the newest last.

    \b
    Example: nadeuri artifact list --store s3://models/nadeuri
    Example: nadeuri artifact list for-you also-viewed --store s3://models/nadeuri --alias champion
    """
    from nadeuri.artifact_s3 import CHAMPION, ArtifactStore, Reference
    from nadeuri.cli.table import format_table

    opened = ArtifactStore(store)
    names = names or tuple(opened.names())
    if alias is not None:
        for name in names:
            if pointer := opened.alias(name, alias).pointer:
                click.echo(str(Reference(name, pointer.version)))
        return
    rows = []
    for name in names:
        champion = opened.alias(name).pointer
        for version in opened.versions(name):
            manifest = opened.read_manifest(Reference(name, version))
            megabytes = sum(entry.size_bytes for entry in manifest.files.values()) / 1e6
            is_champion = champion is not None and champion.version == version
            rows.append(
                [name, version, manifest.kind, round(megabytes, 1), CHAMPION if is_champion else ""]
            )
    click.echo(format_table(["name", "version", "kind", "MB", "alias"], rows))
