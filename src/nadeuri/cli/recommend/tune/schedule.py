"""``nadeuri recommend tune schedule``: learning-rate schedules x base rates."""

from __future__ import annotations

from pathlib import Path

import click

from nadeuri.cli.recommend.tune.options import Listed, shared


@click.command("schedule")
@shared
@click.option("--schedules", type=Listed(str), help="Schedules to compare [default: all].")
@click.option(
    "--rates",
    type=Listed(float),
    default="0.001,0.002,0.005,0.01",
    show_default=True,
    help="Base rates.",
)
@click.option(
    "--seeds",
    type=click.IntRange(1),
    default=3,
    show_default=True,
    help="Trainings of a finalist, seeds 1 to N.",
)
@click.option(
    "--epochs", type=click.IntRange(1), default=50, show_default=True, help="Most epochs of a run."
)
@click.option(
    "--patience",
    type=click.IntRange(1),
    default=10,
    show_default=True,
    help="Epochs without improvement before a run is stopped.",
)
def command(
    config: Path,
    data: Path,
    out: Path | None,
    workers: int,
    overrides: tuple[str, ...],
    track: bool,
    schedules: tuple[str, ...] | None,
    rates: tuple[float, ...],
    seeds: int,
    epochs: int,
    patience: int,
) -> None:
    """Compare learning-rate schedules x base rates for CONFIG's model.

    A constant rate of 0.001 is always among them, as what is in use. Every schedule is trained at
    every rate with seed 1, the finalists with all seeds. The report checks the claims that are made
    for schedules and says when runs converged; settings are chosen on the validation cases.

    \b
    Example: nadeuri recommend tune schedule configs/bert4rec.toml --data work/sample --workers 2
    Example: nadeuri recommend tune schedule configs/bert4rec.toml \\
             --data ../shared/data/clicks/beauty --schedules exponential,linear --rates 0.001,0.002
    """
    from nadeuri.cli.table import format_table
    from nadeuri.data.prepare import open_or_prepare
    from nadeuri.recommend.config import load_config
    from nadeuri.recommend.experiment import make_split
    from nadeuri.recommend.track import track_study
    from nadeuri.recommend.tune.claims import check_schedule_claims
    from nadeuri.recommend.tune.report import ending
    from nadeuri.recommend.tune.schedule import (
        KIND,
        SCHEDULES,
        compare_schedules,
        convergence,
        make_space,
    )
    from nadeuri.recommend.tune.schedule_report import write_schedule
    from nadeuri.settings import Settings
    from nadeuri.tracking import open_tracker

    settings = Settings.from_env()
    base = load_config(config, overrides)
    dataset = open_or_prepare(data, settings.data_cache)
    split = make_split(base.split, dataset)
    space = make_space(base, schedules or SCHEDULES, rates, epochs=epochs, patience=patience)
    folder = out or settings.studies / f"{dataset.name}-{base.name}-schedule"
    tracker = open_tracker(settings.tracking_uri if track else None)
    result = compare_schedules(space, dataset, split, folder, seeds=seeds, workers=workers)
    files = write_schedule(result, dataset, split, folder)
    rows = []
    for each in result.candidates:
        figures = [ending(each), "", "", ""]
        if each.is_complete:
            when = convergence(space, [each])
            spread = f" ± {each.ndcg_sd:.4f}" if each.ndcg_sd is not None else ""
            figures = [
                f"{each.ndcg:.4f}{spread}",
                f"{len(each.seeds)}",
                f"{when.epoch:.3g}",
                f"{when.stopped:.3g}",
            ]
        rows.append([space.label(each.setting), *figures])
    click.echo(format_table(["schedule", "valid nDCG@10", "seeds", "converged", "stopped"], rows))
    for claim in check_schedule_claims(result):
        click.echo(f"{claim.text}: {claim.verdict} ({claim.evidence})")
    click.echo(f"ship {result.why}")
    click.echo(f"config: {files.ship}")
    click.echo(f"report: {files.html}")
    track_study(KIND, result, files, dataset, tracker)
