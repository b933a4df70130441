"""``nadeuri artifact publish``: an exported model becomes a version in the store."""

from __future__ import annotations

from pathlib import Path

import click

from nadeuri.cli.artifact.options import name_option, store_option


@click.command("publish")
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@name_option
@store_option
def command(folder: Path, name: str, store: str) -> None:
    """Upload the artefact FOLDER as a version of NAME and print NAME@VERSION.

    The manifest goes last: a version is there whole or not at all. One that is there already is
    left alone. No alias is moved; "nadeuri artifact promote" does that.

    \b
    Example: nadeuri artifact publish work/artifacts/for-you --name for-you \\
             --store s3://models/nadeuri
    """
    from nadeuri.artifact_s3 import ArtifactStore

    click.echo(str(ArtifactStore(store).publish(folder, name)))
