"""``nadeuri artifact promote``: an alias means another version from now on."""

from __future__ import annotations

import click

from nadeuri.cli.artifact.options import alias_option, store_option


@click.command("promote")
@click.argument("references", metavar="NAME@VERSION...", nargs=-1, required=True)
@store_option
@alias_option
def command(references: tuple[str, ...], store: str, alias: str) -> None:
    """Let the alias of each NAME mean this VERSION; also the way back to an older one.

    What runs goes on with the version that it was deployed with: deploy to change it.

    \b
    Example: nadeuri artifact promote for-you@20260102T030405Z-0a1b2c3d \\
             --store s3://models/nadeuri
    """
    from nadeuri.artifact_s3 import ArtifactStore, Reference
    from nadeuri.errors import ConfigError

    wanted = [Reference.parse(text) for text in references]
    for reference in wanted:
        if not reference.is_version:
            raise ConfigError(f"{reference}: name the version, as NAME@VERSION")
    opened = ArtifactStore(store)
    for reference in wanted:
        pointer = opened.promote(opened.alias(reference.name, alias), reference.which)
        click.echo(
            f"{reference.name}@{alias}: {pointer.previous or 'nothing'} -> {pointer.version}"
        )
