"""``nadeuri recommend tune length-batch``: maximum length x batch size."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nadeuri.cli.recommend.tune.options import Listed, shared

if TYPE_CHECKING:
    from nadeuri.recommend.tune.estimate import LengthEstimate


@click.command("length-batch")
@shared
@click.option("--lengths", type=Listed(int), help="Values of max_len [default: by the estimate].")
@click.option(
    "--batches", type=Listed(int), help="Values of batch_size [default: ½, 1, 2, 4 × CONFIG's]."
)
@click.option("--grid", is_flag=True, help="Try every combination (this is the default).")
@click.option("--trials", type=click.IntRange(1), help="Let TPE choose this many settings instead.")
@click.option(
    "--pruner",
    type=click.Choice(["median", "hyperband", "none"]),
    default="median",
    show_default=True,
    help="How hopeless trials are given up.",
)
@click.option(
    "--lr-rule",
    type=click.Choice(["sqrt", "linear", "none"]),
    default="sqrt",
    show_default=True,
    help="How the learning rate follows the batch size.",
)
@click.option(
    "--tolerance",
    type=click.FloatRange(0, 1, max_open=True),
    default=0.01,
    show_default=True,
    help="Share of the best nDCG that may be lost for speed.",
)
@click.option(
    "--seeds",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    help="Trainings of a finalist, seeds 1 to N.",
)
@click.option(
    "--epochs", type=click.IntRange(1), help="Most epochs of a trial [default: CONFIG's]."
)
@click.option("--estimate-only", is_flag=True, help="Stop after the estimate of the best length.")
def command(
    config: Path,
    data: Path,
    out: Path | None,
    workers: int,
    overrides: tuple[str, ...],
    track: bool,
    lengths: tuple[int, ...] | None,
    batches: tuple[int, ...] | None,
    grid: bool,
    trials: int | None,
    pruner: Any,
    lr_rule: Any,
    tolerance: float,
    seeds: int,
    epochs: int | None,
    estimate_only: bool,
) -> None:
    """Search maximum length x batch size of CONFIG's model; ship the fastest that is good enough.

    First, which length the histories of the data set suggest. Then a training for every setting,
    and for the finalists one for every seed. Settings are chosen on the validation cases; the test
    cases are looked at for the chosen setting and the one in use.

    \b
    Example: nadeuri recommend tune length-batch configs/bert4rec.toml --data work/sample \\
             --workers 2
    Example: nadeuri recommend tune length-batch configs/bert4rec.toml \\
             --data ../shared/data/clicks/beauty --trials 12 --pruner hyperband --seeds 3
    Example: nadeuri recommend tune length-batch configs/bert4rec.toml --data work/sample \\
             --estimate-only
    """
    from nadeuri.cli.table import format_table
    from nadeuri.data.prepare import open_or_prepare
    from nadeuri.recommend.config import load_config
    from nadeuri.recommend.experiment import make_split
    from nadeuri.recommend.track import track_study
    from nadeuri.recommend.tune.claims import check_length_claims
    from nadeuri.recommend.tune.estimate import estimate_length, lengths_to_try
    from nadeuri.recommend.tune.length_batch import (
        KIND,
        batches_to_try,
        encoder_of,
        make_space,
        search,
    )
    from nadeuri.recommend.tune.length_batch_report import write_length_batch
    from nadeuri.recommend.tune.report import ending
    from nadeuri.settings import Settings
    from nadeuri.tracking import open_tracker

    if grid and trials:
        raise click.UsageError("--grid and --trials exclude each other")
    settings = Settings.from_env()
    if epochs:
        overrides = (*overrides, f"train.epochs={epochs}")
    base = load_config(config, overrides)
    dataset = open_or_prepare(data, settings.data_cache)
    split = make_split(base.split, dataset)
    model = encoder_of(base)
    estimate = estimate_length(dataset, split, model, also=lengths or ())
    _print_estimate(estimate, model.max_len)
    if estimate_only:
        return
    space = make_space(
        base,
        lengths or lengths_to_try(estimate, model.max_len),
        batches or batches_to_try(base.train.batch_size),
        lr_rule,
    )
    folder = out or settings.studies / f"{dataset.name}-{base.name}-length-batch"
    tracker = open_tracker(settings.tracking_uri if track else None)
    result = search(
        space,
        dataset,
        split,
        folder,
        sampled=trials,
        pruner=pruner,
        seeds=seeds,
        tolerance=tolerance,
        workers=workers,
    )
    files = write_length_batch(result, estimate, dataset, split, folder)
    rows = []
    for each in result.candidates:
        figures = [ending(each), "", "", ""]
        if each.is_complete:
            figures = [
                f"{each.ndcg:.4f}",
                f"{each.seconds_per_epoch:.2f}",
                f"{each.seconds_to_best:.1f}",
                f"{each.peak_mib:.0f}",
            ]
        rows.append([space.label(each.setting), *figures])
    click.echo(
        format_table(["length × batch", "valid nDCG@10", "s/epoch", "s to best", "MiB"], rows)
    )
    for claim in check_length_claims(result, estimate):
        click.echo(f"{claim.text}: {claim.verdict} ({claim.evidence})")
    click.echo(f"ship {result.why}")
    click.echo(f"config: {files.ship}")
    click.echo(f"report: {files.html}")
    track_study(KIND, result, files, dataset, tracker)


def _print_estimate(estimate: LengthEstimate, base: int) -> None:
    from nadeuri.cli.table import format_table

    quantiles = ", ".join(f"{share:.0%}: {at}" for share, at in estimate.quantiles.items())
    click.echo(
        f"training histories: mean {estimate.mean:.1f} clicks, longest {estimate.longest}; "
        f"this share is not longer than ({quantiles})"
    )
    rows = [
        [
            f"{option.max_len}",
            f"{option.clicks_kept:.1%}",
            f"{option.users_whole:.1%}",
            f"{option.relative_cost:.2f}",
            "recommended" * (option.max_len == estimate.recommended)
            + " (in use)" * (option.max_len == base),
        ]
        for option in estimate.options
    ]
    click.echo(
        format_table(["max_len", "clicks kept", "histories whole", "cost of an epoch", ""], rows)
    )
