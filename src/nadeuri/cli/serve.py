"""``nadeuri serve``: the HTTP API on an exported model."""

from __future__ import annotations

import os
from pathlib import Path

import click


@click.command("serve")
@click.argument("artefacts", metavar="[ARTEFACT]...", type=click.Path(path_type=Path), nargs=-1)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option(
    "--workers", type=click.IntRange(min=1), help="Processes; the number of usable cores if absent."
)
def command(artefacts: tuple[Path, ...], host: str, port: int, workers: int | None) -> None:
    """Serve exported models until Ctrl-C or SIGTERM.

    ARTEFACT is a folder that "nadeuri recommend train", "nadeuri understand train" or the demo
    exported: a model of what a traveller does next, product vectors, a model of questions, or one
    of each. Without it, those of them that lie in the folder of artefacts.

    \b
    Example: nadeuri serve work/artifacts/for-you --port 8000 --workers 2
    Example: nadeuri serve work/artifacts/for-you work/artifacts/also-viewed
    """
    from nadeuri.serve.app import create_app
    from nadeuri.serve.server import run
    from nadeuri.settings import Settings

    folders = artefacts or _of_the_folder(Settings.from_env().artifacts)
    app = create_app(*folders)
    names = ", ".join(map(str, folders))
    click.echo(f"{names}: http://{host}:{port}/openapi.json describes the API", err=True)
    run(app, host=host, port=port, workers=workers or len(os.sched_getaffinity(0)))


def _of_the_folder(folder: Path) -> tuple[Path, ...]:
    """The models that lie there; where there is none, the one whose absence will be reported."""
    from nadeuri.recommend.bundle import DEFAULT_FOLDER as FOR_YOU
    from nadeuri.recommend.coview.bundle import DEFAULT_FOLDER as ALSO_VIEWED
    from nadeuri.understand.bundle import DEFAULT_FOLDER as QUESTIONS

    models = (folder / name for name in (FOR_YOU, ALSO_VIEWED, QUESTIONS))
    return tuple(path for path in models if path.exists()) or (folder / FOR_YOU,)
