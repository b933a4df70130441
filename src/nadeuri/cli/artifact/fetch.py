"""``nadeuri artifact fetch``: models from the store to folders that are served."""

from __future__ import annotations

from pathlib import Path

import click

from nadeuri.cli.artifact.options import store_option


@click.command("fetch")
@click.argument("references", metavar="NAME[@WHICH]...", nargs=-1, required=True)
@store_option
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder that gets a folder for each NAME [default: artifacts below $NADEURI_HOME].",
)
def command(references: tuple[str, ...], store: str, out: Path | None) -> None:
    """Download models and verify every file; those that were there are replaced in one step.

    WHICH is a version or an alias, champion if absent. Aliases are resolved here and once: what
    serves the folders asks nobody.

    \b
    Example: nadeuri artifact fetch for-you also-viewed --store s3://models/nadeuri
    Example: nadeuri artifact fetch for-you@20260102T030405Z-0a1b2c3d --store s3://models/nadeuri \\
             --out work/artifacts
    """
    from nadeuri.artifact_s3 import ArtifactStore, Reference
    from nadeuri.settings import Settings

    wanted = [Reference.parse(text) for text in references]
    folder = out or Settings.from_env().artifacts
    opened = ArtifactStore(store)
    for reference in wanted:
        artifact = opened.fetch(reference, folder / reference.name)
        click.echo(f"{reference.name}@{artifact.version}: {artifact.path}")
