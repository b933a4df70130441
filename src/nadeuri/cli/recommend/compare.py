"""``nadeuri recommend compare``: train and judge several models, write the report."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("compare")
@click.argument(
    "config", type=click.Path(path_type=Path, exists=True, dir_okay=False), required=False
)
@click.option(
    "--data",
    type=click.Path(path_type=Path, exists=True),
    required=True,
    help="A prepared data set, a source description, or a known public set.",
)
@click.option("--out", type=click.Path(path_type=Path), help="Folder of report and runs.")
@click.option(
    "--export", "artifact", type=click.Path(path_type=Path), help="Export the model to ship here."
)
@click.option("--models", help="Only these experiments, comma-separated (floors always run).")
@click.option("--seeds", type=click.IntRange(1), help="Trainings per model, seeds 1 to N.")
@click.option("--split", type=click.Choice(["leave-one-out", "temporal"]), help="How to divide.")
@click.option("--set", "overrides", multiple=True, metavar="TABLE.KEY=VALUE", help="Override.")
@click.option(
    "--track/--no-track", default=True, help="Keep runs and report in MLflow.", show_default=True
)
def command(
    config: Path | None,
    data: Path,
    out: Path | None,
    artifact: Path | None,
    models: str | None,
    seeds: int | None,
    split: str | None,
    overrides: tuple[str, ...],
    track: bool,
) -> None:
    """Train models on one data set, compare them and write a report that says which to ship.

    Without CONFIG, settings for the data set's name are used, else the default ones. Finished runs
    are kept and not repeated: a comparison that was stopped goes on where it was.

    \b
    Example: nadeuri recommend compare --data ../shared/data/clicks/ml-1m
    Example: nadeuri recommend compare --data work/sample --export work/for-you
    Example: nadeuri recommend compare --data work/sample --models bert4rec,meta_bert4rec --seeds 2
    """
    from nadeuri.cli.table import format_table
    from nadeuri.data.prepare import open_or_prepare
    from nadeuri.recommend.compare import compare
    from nadeuri.recommend.compare_config import load_compare_config, load_preset
    from nadeuri.recommend.experiment import make_split
    from nadeuri.recommend.report import write_report
    from nadeuri.recommend.track import track_comparison
    from nadeuri.report.pages import metric_title
    from nadeuri.settings import Settings
    from nadeuri.tracking import open_tracker

    settings = Settings.from_env()
    dataset = open_or_prepare(data, settings.data_cache)
    if split:
        overrides = (*overrides, f'split.kind="{split}"')
    chosen = (
        load_compare_config(config, overrides) if config else load_preset(dataset.name, overrides)
    )
    if models:
        chosen = chosen.select([name.strip() for name in models.split(",")])
    if seeds:
        chosen = chosen.with_seeds(seeds)
    divided = make_split(chosen.split, dataset)
    folder = out or settings.comparisons / f"{dataset.name}-{divided.name}"
    tracker = open_tracker(settings.tracking_uri if track else None)
    comparison = compare(
        chosen,
        dataset,
        divided,
        folder / "runs",
        tracker,
        on_run=lambda text: click.echo(text, err=True),
    )
    files = write_report(comparison, dataset, divided, folder)
    track_comparison(comparison, files, dataset, tracker)

    metrics = list(comparison.models[0].test[comparison.filter_seen])
    rows = [
        [model.name, *(f"{model.test[comparison.filter_seen][m].mean:.4f}" for m in metrics)]
        for model in comparison.models
    ]
    click.echo(format_table(["model", *map(metric_title, metrics)], rows))
    click.echo(
        f"ship {comparison.choice.name} (highest validation {metric_title(comparison.metric)})"
    )
    click.echo(f"report: {files.html}")
    if artifact:
        from nadeuri.recommend.ship import best_exportable, export_run

        run = best_exportable(comparison)
        export_run(run, dataset, divided, artifact)
        click.echo(f"exported {run.name}, seed {run.seed}: {artifact}")
