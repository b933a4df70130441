"""``nadeuri understand compare``: train and judge several question models, adopt the best."""

from __future__ import annotations

from pathlib import Path

import click

from nadeuri.cli.understand.inputs import DATA_HELP

_AUGMENT_SEED = 0


@click.command("compare")
@click.argument(
    "configs",
    metavar="[CONFIG]...",
    nargs=-1,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
)
@click.option("--data", type=click.Path(path_type=Path), required=True, help=DATA_HELP)
@click.option("--out", type=click.Path(path_type=Path), help="Folder of report and runs.")
@click.option(
    "--publish",
    type=click.Path(path_type=Path),
    help="Where the adopted model goes [default: questions below the artefacts folder].",
)
@click.option(
    "--seeds",
    type=click.IntRange(1),
    default=3,
    show_default=True,
    help="Trainings per model, seeds 1 to N.",
)
@click.option("--set", "overrides", multiple=True, metavar="TABLE.KEY=VALUE", help="Override.")
@click.option(
    "--augment",
    "factor",
    type=click.IntRange(min=1),
    help="Add so many questions for each of training, with other names in them.",
)
@click.option(
    "--company",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="The company's table of names: name, label, code, aliases.",
)
@click.option(
    "--track/--no-track", default=True, help="Keep the runs in MLflow.", show_default=True
)
def command(
    configs: tuple[Path, ...],
    data: Path,
    out: Path | None,
    publish: Path | None,
    seeds: int,
    overrides: tuple[str, ...],
    factor: int | None,
    company: Path | None,
    track: bool,
) -> None:
    """Train models on one data set, write a report and publish the one with the best precision.

    Without CONFIG, the shipped experiments are compared; an encoder that this machine cannot load
    is left out. The model is chosen by its mean micro precision on the validation part, and of it
    the seed that is best there. Finished runs are kept and not repeated: a comparison that was
    stopped goes on where it was.

    \b
    Example: nadeuri understand compare --data work/sample
    Example: nadeuri understand compare configs/understand/characters.toml \\
             configs/understand/e5.toml --data work/sample --seeds 1 --publish work/candidate
    """
    from nadeuri.cli.table import format_table
    from nadeuri.cli.understand.inputs import gazetteer_of, name_of, questions_of
    from nadeuri.settings import Settings
    from nadeuri.tracking import open_tracker
    from nadeuri.understand.bundle import DEFAULT_FOLDER
    from nadeuri.understand.compare import compare
    from nadeuri.understand.compare import publish as publish_run
    from nadeuri.understand.compare_config import load_shipped
    from nadeuri.understand.config import load_config
    from nadeuri.understand.parts import augmented, divide
    from nadeuri.understand.report import TITLES, write_report

    settings = Settings.from_env()
    experiments = [load_config(path, overrides) for path in configs] or load_shipped(overrides)
    name = name_of(data)
    folder = out or settings.comparisons / f"{name}-questions"
    gazetteer = gazetteer_of(company, folder / "rejects.parquet")
    parts = divide(questions_of(data))
    if factor:
        parts = augmented(parts, gazetteer, factor=factor, seed=_AUGMENT_SEED)
    comparison = compare(
        experiments,
        parts,
        seeds=range(1, seeds + 1),
        data=name,
        folder=folder / "runs",
        tracker=open_tracker(settings.tracking_uri if track else None),
        gazetteer=gazetteer,
        on_run=lambda text: click.echo(text, err=True),
    )
    files = write_report(comparison, folder)
    artifact = publish_run(comparison.adopted, publish or settings.artifacts / DEFAULT_FOLDER)

    shown = [metric for metric in TITLES if metric in comparison.chosen.test]
    rows = [
        [
            model.name,
            *(f"{model.test[metric].mean:.4f}" for metric in shown),
            f"{model.p50_ms:.2f}",
            f"{model.p99_ms:.2f}",
            f"{model.size_mib:.1f}",
        ]
        for model in comparison.models
    ]
    titles = [TITLES[metric] for metric in shown]
    click.echo(format_table(["model", *titles, "p50 ms", "p99 ms", "MiB"], rows))
    adopted = comparison.adopted
    click.echo(
        f"adopted {adopted.config.name}, seed {adopted.seed} (highest validation precision): "
        f"{artifact.path}"
    )
    click.echo(f"report: {files.html}")
