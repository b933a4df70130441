"""``nadeuri serve``: the HTTP API on exported models."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nadeuri.cli.counts import CountOrAuto

if TYPE_CHECKING:
    from flask import Flask

    from nadeuri.serve.logs import LogFormat
    from nadeuri.serve.room import Room
    from nadeuri.serve.workers import Plan

logger = logging.getLogger(__name__)


@click.command("serve")
@click.argument("artefacts", metavar="[ARTEFACT]...", type=click.Path(path_type=Path), nargs=-1)
@click.option(
    "--guide",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of the place guide, which is served as well.",
)
@click.option(
    "--match-db",
    metavar="URL",
    help="Database of the place mapping, whose review queue and batch jobs are served as well: "
    "sqlite:///FILE or postgresql://...",
)
@click.option(
    "--labelling-db",
    metavar="URL",
    help="Database of questions to be labelled, which are served as well. Example: --labelling-db "
    "sqlite:///labelling.sqlite",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option(
    "--workers",
    type=CountOrAuto(),
    default="auto",
    show_default=True,
    help="Processes, for example 2; auto: as many as the container's memory holds, measured, and "
    "at most one for each core.",
)
@click.option(
    "--threads",
    type=CountOrAuto(),
    default="auto",
    show_default=True,
    help="Requests that a process answers at once, for example 2; auto: 4, fewer if memory is "
    "short.",
)
@click.option(
    "--explain",
    is_flag=True,
    help="Measure, say which workers were chosen and why, and exit: nadeuri serve --explain.",
)
@click.option(
    "--json", "as_json", is_flag=True, help="With --explain, as JSON: serve --explain --json."
)
@click.option(
    "--keys",
    type=click.Path(path_type=Path, dir_okay=False),
    help='File of API keys, as "nadeuri keys create" writes it: only who has one may ask. Example: '
    "--keys work/keys.json. Without it, what NADEURI_KEYS says is such a file's content.",
)
@click.option(
    "--travellers/--no-travellers",
    "tells_travellers",
    default=None,
    help="Tell who the known travellers are and what they looked at (/v1/travellers), or do not: "
    "--travellers. Without it: told to who has a key, and on a loopback address.",
)
@click.option(
    "--read-timeout",
    "read_timeout_s",
    metavar="SECONDS",
    default=20.0,
    show_default=True,
    type=click.FloatRange(min=0.1, max=3600),
    help="For the head of a request to arrive, and for its body; a slower one is refused with 408. "
    "Example: --read-timeout 60",
)
@click.option(
    "--log-format",
    type=click.Choice(["json", "text"]),
    default="text",
    show_default=True,
    help="Of the log: lines to read, or one JSON object a line. Example: --log-format json",
)
@click.option(
    "--recycle-after",
    metavar="REQUESTS",
    type=click.IntRange(min=0),
    default=0,
    show_default="never",
    help="Replace a worker after so many requests, give or take a tenth: --recycle-after 100000.",
)
@click.option(
    "--reload-seconds",
    "reload_s",
    metavar="SECONDS",
    default=5.0,
    show_default=True,
    type=click.FloatRange(min=0, max=86400),
    help="How often to look whether a newer artefact lies in the folder of one that is served, "
    "such as --reload-seconds 60. With 0 only SIGHUP makes the server look.",
)
@click.option(
    "--drain-seconds",
    "drain_s",
    metavar="SECONDS",
    type=click.FloatRange(min=0),
    default=0.0,
    show_default=True,
    help="After SIGTERM, serve on for so long without being ready, so that a load balancer stops "
    "sending first: --drain-seconds 15.",
)
def command(
    artefacts: tuple[Path, ...],
    guide: Path | None,
    match_db: str | None,
    labelling_db: str | None,
    host: str,
    port: int,
    workers: int | None,
    threads: int | None,
    explain: bool,
    as_json: bool,
    keys: Path | None,
    tells_travellers: bool | None,
    read_timeout_s: float,
    log_format: LogFormat,
    recycle_after: int,
    reload_s: float,
    drain_s: float,
) -> None:
    """Serve exported models, the place guide and reviews of the mapping until Ctrl-C or SIGTERM.

    ARTEFACT is a folder that "nadeuri recommend train", "nadeuri understand train", "nadeuri match
    export", "nadeuri match index" or the demo exported: models of what a traveller does next, of
    which the first answers where none is named, product vectors, a model of questions, packages,
    places to match with, or one of each. Where neither an ARTEFACT nor --guide nor a database is
    named, those in the folder of artefacts are served, and the guide and the databases of the
    mapping and of labelling below $NADEURI_HOME if they are there.

    \b
    Example: nadeuri serve work/artifacts/for-you --port 8000 --workers 2
    Example: nadeuri serve work/artifacts/for-you work/artifacts/also-viewed
    Example: nadeuri serve work/artifacts/for-you work/artifacts/for-you-bert4rec
    Example: nadeuri serve --guide work/guide
    Example: nadeuri serve --host 0.0.0.0 --keys work/keys.json --log-format json
    Example: nadeuri serve work/artifacts/for-you --explain

    A newer artefact that is put in the place of one, by an export or "nadeuri artifact fetch", is
    tried and then served without a pause; one that fails is refused, and /readyz says why.
    """
    if as_json and not explain:
        raise click.UsageError("--json goes with --explain")

    from nadeuri.serve.metrics_folder import FOLDER_VARIABLE, shared_folder

    folder = click.get_current_context().with_resource(shared_folder())
    os.environ[FOLDER_VARIABLE] = str(folder)

    from nadeuri.cli import served
    from nadeuri.serve import logs
    from nadeuri.serve.app import build_app, open_rooms
    from nadeuri.serve.artifact_watch import Watch
    from nadeuri.serve.door import Door
    from nadeuri.serve.draining import Draining
    from nadeuri.serve.metrics import Metrics
    from nadeuri.serve.reload import Reloader
    from nadeuri.serve.reload_state import SharedReloadState
    from nadeuri.serve.server import is_loopback, run
    from nadeuri.serve.trial import Limits
    from nadeuri.serve.workers import plan_workers
    from nadeuri.settings import Settings

    logs.configure(log_format)
    settings = Settings.from_env()
    if not artefacts and guide is None and match_db is None and labelling_db is None:
        guide = served.guide_that_is_there(settings)
        match_db = served.mapping_that_is_there(settings)
        labelling_db = served.labelling_that_is_there(settings)
        nothing_yet = guide is None and match_db is None and labelling_db is None
        artefacts = served.models_that_are_there(settings.artifacts, or_first=nothing_yet)
    keys = keys or served.keys_of(settings, folder)
    rooms = [served.guide_room(settings, guide)] if guide else []
    if match_db:
        rooms += [served.review_room(match_db), served.jobs_room(match_db)]
    if labelling_db:
        rooms.append(served.labelling_room(labelling_db))
    models = open_rooms(artefacts)
    door, counts, stop = Door(keys) if keys else None, Metrics(folder), Draining()
    state = SharedReloadState()
    if tells_travellers is None:
        tells_travellers = door is not None or is_loopback(host)

    def build(models: Sequence[Room]) -> Flask:
        if not tells_travellers:
            models = [each.without_personal() for each in models]
        return build_app(
            [*models, *rooms],
            door=door,
            read_timeout_s=read_timeout_s,
            counts=counts,
            stop=stop,
            refused=state.refusals,
        )

    app = build(models)
    plan = plan_workers(app, workers=workers, threads=threads, always_measure=explain)
    if explain:
        click.echo(_explanation(plan, as_json=as_json))
        return
    names = ", ".join(
        [
            *map(str, artefacts),
            *([str(guide)] if guide else []),
            *(["reviews"] if match_db else []),
            *(["labelling"] if labelling_db else []),
        ]
    )
    if door is None and not is_loopback(host):
        logger.warning("without --keys everybody who reaches %s:%d may ask", host, port)
    logger.info("%s: http://%s:%d/openapi.json describes the API", names, host, port)
    logger.info("%s", plan.reason)
    if plan.warning:
        logger.warning("%s", plan.warning)
    counts.limit_workers(plan.worker_bytes)
    reloader = Reloader(
        [Watch(path, room) for path, room in zip(artefacts, models, strict=True)],
        build,
        state,
        every_s=reload_s,
        limits=Limits(),
        tell=counts.reloaded,
    )
    run(
        app,
        host=host,
        port=port,
        workers=plan.workers,
        threads=plan.threads,
        reloader=reloader,
        recycle_after=recycle_after,
        drain_s=drain_s,
        private_limit=plan.worker_bytes,
    )


def _explanation(plan: Plan, *, as_json: bool) -> str:
    from nadeuri.serve import explained

    if as_json:
        return json.dumps(explained.as_json(plan), ensure_ascii=False, indent=1)
    return explained.as_text(plan)
