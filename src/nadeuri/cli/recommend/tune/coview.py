"""``nadeuri recommend tune coview``: the settings of Prod2Vec and Meta-Prod2Vec."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from nadeuri.cli.recommend.tune.options import Listed, shared


@click.command("coview")
@shared
@click.option("--windows", type=Listed(int), help="Values of window [default: 2,5,10].")
@click.option(
    "--ns-exponents", type=Listed(float), help="Values of ns_exponent [default: 0,0.5,0.75,1]."
)
@click.option(
    "--subsamples", type=Listed(float), help="Values of subsample [default: 0,0.0001,0.001]."
)
@click.option(
    "--output-shares", type=Listed(float), help="Values of output_share [default: 0,0.5,1]."
)
@click.option("--epochs", type=Listed(int), help="Numbers of epochs [default: 10,20,40].")
@click.option(
    "--field-weights",
    type=Listed(float),
    help="Values of field_weight, with metadata [default: 0.3,1].",
)
@click.option("--trials", type=click.IntRange(1), help="Let TPE choose this many settings instead.")
@click.option(
    "--seeds",
    type=click.IntRange(1),
    default=3,
    show_default=True,
    help="Trainings of a finalist, seeds 1 to N.",
)
def command(
    config: Path,
    data: Path,
    out: Path | None,
    workers: int,
    overrides: tuple[str, ...],
    track: bool,
    trials: int | None,
    seeds: int,
    **values: tuple[Any, ...] | None,
) -> None:
    """Search the settings of CONFIG's skip-gram: window, negatives, scoring, epochs, field weight.

    CONFIG is an experiment with prod2vec or meta_prod2vec; its own setting is always among those
    tried. Every combination is trained with seed 1 (or those that TPE chooses), the best three with
    all seeds. Settings are chosen on the validation cases; the test cases are looked at for the
    chosen setting and the one in use.

    \b
    Example: nadeuri recommend tune coview configs/prod2vec.toml --data work/sample --trials 30
    Example: nadeuri recommend tune coview configs/meta_prod2vec.toml \\
             --data ../shared/data/clicks/beauty --windows 3,5 --epochs 20 --workers 2
    """
    from nadeuri.cli.table import format_table
    from nadeuri.data.prepare import open_or_prepare
    from nadeuri.recommend.config import load_config
    from nadeuri.recommend.experiment import make_split
    from nadeuri.recommend.track import track_study
    from nadeuri.recommend.tune.coview import KIND, make_space, search, usual_values
    from nadeuri.recommend.tune.coview_report import write_coview
    from nadeuri.recommend.tune.report import ending
    from nadeuri.settings import Settings
    from nadeuri.tracking import open_tracker

    settings = Settings.from_env()
    base = load_config(config, overrides)
    dataset = open_or_prepare(data, settings.data_cache)
    split = make_split(base.split, dataset)
    asked = {_AXIS[name]: given for name, given in values.items() if given}
    space = make_space(base, usual_values(base) | asked)
    folder = out or settings.studies / f"{dataset.name}-{base.name}-coview"
    tracker = open_tracker(settings.tracking_uri if track else None)
    result = search(space, dataset, split, folder, sampled=trials, seeds=seeds, workers=workers)
    files = write_coview(result, dataset, split, folder)
    best_first = sorted(result.candidates, key=lambda c: -c.ndcg if c.is_complete else 1.0)
    rows = [
        [
            space.label(each.setting),
            f"{each.ndcg:.4f}" if each.is_complete else ending(each),
            f"{len(each.seeds)}" if each.is_complete else "",
            f"{each.seconds_per_epoch:.2f}" if each.is_complete else "",
        ]
        for each in best_first
    ]
    click.echo(format_table(["setting", "valid nDCG@10", "seeds", "s/epoch"], rows))
    click.echo(f"ship {result.why}")
    click.echo(f"config: {files.ship}")
    click.echo(f"report: {files.html}")
    track_study(KIND, result, files, dataset, tracker)


_AXIS = {
    "windows": "window",
    "ns_exponents": "ns_exponent",
    "subsamples": "subsample",
    "output_shares": "output_share",
    "epochs": "epochs",
    "field_weights": "field_weight",
}
