"""``nadeuri understand train``: one question model from one experiment file."""

from __future__ import annotations

from pathlib import Path

import click

from nadeuri.cli.understand.inputs import DATA_HELP


@click.command("train")
@click.argument("config", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--data", type=click.Path(path_type=Path), required=True, help=DATA_HELP)
@click.option("--out", type=click.Path(path_type=Path), help="Folder of the run.")
@click.option("--seed", type=int, default=1, show_default=True)
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
@click.option("--register", "model_name", metavar="NAME", help="Register the model under NAME.")
@click.option("--alias", default="challenger", show_default=True, help="Alias of that version.")
@click.option("--track/--no-track", default=True, help="Keep the run in MLflow.", show_default=True)
def command(
    config: Path,
    data: Path,
    out: Path | None,
    seed: int,
    overrides: tuple[str, ...],
    factor: int | None,
    company: Path | None,
    model_name: str | None,
    alias: str,
    track: bool,
) -> None:
    """Train the model of CONFIG, judge it on the test part and export it.

    Questions keep the parts (train, valid, test) that the data give them; without parts they are
    split so that no template is in two of them. A run that was stopped goes on from its last epoch
    when started again. The model is exported to the folder ``artifact`` of the run.

    \b
    Example: nadeuri understand train configs/understand/characters.toml --data work/sample
    Example: nadeuri understand train configs/understand/e5.toml --data labelled.jsonl \\
             --augment 2 --set train.epochs=6 --register questions
    """
    from nadeuri.cli.understand.inputs import gazetteer_of, name_of, questions_of
    from nadeuri.cli.understand.scores import errors_table, scores_table
    from nadeuri.settings import Settings
    from nadeuri.tracking import open_tracker
    from nadeuri.training.distributed import joined
    from nadeuri.understand.config import load_config
    from nadeuri.understand.parts import augmented, divide
    from nadeuri.understand.session import train_and_export

    settings = Settings.from_env()
    with joined(settings.launch) as group:
        experiment = load_config(config, overrides)
        name = name_of(data)
        folder = out or settings.runs / f"{name}-{experiment.name}-seed{seed}"
        parts = divide(questions_of(data))
        gazetteer = gazetteer_of(company, folder / "rejects.parquet")
        if factor:
            parts = augmented(parts, gazetteer, factor=factor, seed=seed)
        finished = train_and_export(
            experiment,
            parts,
            seed=seed,
            folder=folder,
            tracker=open_tracker(settings.tracking_uri if track and group.is_first else None),
            experiment=name,
            register=(model_name, alias) if model_name else None,
            gazetteer=gazetteer,
        )
    if finished.evaluation is None:
        return
    counts = ", ".join(f"{part} {len(questions):,}" for part, questions in parts.items())
    click.echo(f"{name}: {counts}")
    click.echo(scores_table(finished.evaluation))
    click.echo(errors_table(finished.evaluation))
    click.echo(f"artefact: {finished.artifact}")
    if finished.version:
        click.echo(f"registered: {model_name} version {finished.version}, alias {alias}")
