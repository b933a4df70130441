"""``nadeuri recommend train``: one model from one experiment file, exported and tracked."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("train")
@click.argument("config", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--data",
    type=click.Path(path_type=Path, exists=True),
    required=True,
    help="A prepared data set, a source description, or a known public set.",
)
@click.option("--out", type=click.Path(path_type=Path), help="Folder of the run.")
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--set", "overrides", multiple=True, metavar="TABLE.KEY=VALUE", help="Override.")
@click.option("--register", "model_name", metavar="NAME", help="Register the model under NAME.")
@click.option("--alias", default="challenger", show_default=True, help="Alias of that version.")
@click.option("--track/--no-track", default=True, help="Keep the run in MLflow.", show_default=True)
def command(
    config: Path,
    data: Path,
    out: Path | None,
    seed: int,
    overrides: tuple[str, ...],
    model_name: str | None,
    alias: str,
    track: bool,
) -> None:
    """Train the model of CONFIG, judge it on the test part and export it.

    A run that was stopped goes on from its last epoch when started again. Models that can be
    served are exported to the folder ``artifact`` of the run. Under torchrun the processes share
    every batch, with the result of one process (docs/beyond-one-machine.md).

    \b
    Example: nadeuri recommend train configs/meta_bert4rec.toml --data work/sample
    Example: nadeuri recommend train configs/bert4rec.toml --data ../shared/data/clicks/nyc \\
             --set train.lr=0.002 --set evaluation.filter_seen=false --register for-you
    Example: torchrun --nproc-per-node 2 -m nadeuri recommend train configs/bert4rec.toml \\
             --data work/sample
    """
    from nadeuri.cli.table import format_table
    from nadeuri.data.prepare import open_or_prepare
    from nadeuri.recommend.config import load_config
    from nadeuri.recommend.session import train_and_export
    from nadeuri.settings import Settings
    from nadeuri.tracking import open_tracker
    from nadeuri.training.distributed import joined

    settings = Settings.from_env()
    with joined(settings.launch) as group:
        experiment = load_config(config, overrides)
        dataset = group.first(lambda: open_or_prepare(data, settings.data_cache))
        finished = train_and_export(
            experiment,
            dataset,
            seed=seed,
            folder=out or settings.runs / f"{dataset.name}-{experiment.name}-seed{seed}",
            tracker=open_tracker(settings.tracking_uri if track and group.is_first else None),
            register=(model_name, alias) if model_name else None,
        )
    if not group.is_first:
        return
    rows = [[name, f"{value:.4f}"] for name, value in finished.metrics.items()]
    click.echo(format_table(["metric", "value"], rows))
    if finished.artifact:
        click.echo(f"artefact: {finished.artifact}")
    if finished.version:
        click.echo(f"registered: {model_name} version {finished.version}, alias {alias}")
