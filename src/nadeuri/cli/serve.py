"""``nadeuri serve``: the HTTP API on an exported model."""

from __future__ import annotations

import os
from pathlib import Path

import click


@click.command("serve")
@click.argument("artefact", type=click.Path(path_type=Path), required=False)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option(
    "--workers", type=click.IntRange(min=1), help="Processes; the number of usable cores if absent."
)
def command(artefact: Path | None, host: str, port: int, workers: int | None) -> None:
    """Serve an exported model until Ctrl-C or SIGTERM.

    ARTEFACT is the folder that "nadeuri recommend train" or the demo exported; without it, the
    model of the demo.

    Example: nadeuri serve work/artifacts/for-you --port 8000 --workers 2
    """
    from nadeuri.recommend.bundle import DEFAULT_FOLDER
    from nadeuri.serve.app import create_app
    from nadeuri.serve.server import run
    from nadeuri.settings import Settings

    folder = artefact or Settings.from_env().artifacts / DEFAULT_FOLDER
    app = create_app(folder)
    click.echo(f"{folder}: http://{host}:{port}/openapi.json describes the API", err=True)
    run(app, host=host, port=port, workers=workers or len(os.sched_getaffinity(0)))
