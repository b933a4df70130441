"""``nadeuri understand evaluate``: scores of an exported model on labelled questions."""

from __future__ import annotations

from pathlib import Path

import click

from nadeuri.cli.understand.inputs import DATA_HELP


@click.command("evaluate")
@click.option("--data", type=click.Path(path_type=Path), required=True, help=DATA_HELP)
@click.option(
    "--model",
    type=click.Path(path_type=Path),
    help="Exported question model [default: questions below the artefacts folder].",
)
@click.option(
    "--part",
    type=click.Choice(["train", "valid", "test", "all"]),
    default="test",
    show_default=True,
    help="Which questions; without parts in the data, they are split as train does.",
)
@click.option(
    "--errors",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write what went wrong here, the worst first (JSON lines).",
)
def command(data: Path, model: Path | None, part: str, errors: Path | None) -> None:
    """Score an exported model: entities, how their boundaries go wrong, intents, calibration.

    \b
    Example: nadeuri understand evaluate --data work/sample --errors wrong.jsonl
    Example: nadeuri understand evaluate --model work/candidate --data survey.jsonl --part all
    """
    from nadeuri.cli.understand.inputs import questions_of
    from nadeuri.cli.understand.scores import errors_table, labels_table, scores_table
    from nadeuri.errors import DataError
    from nadeuri.settings import Settings
    from nadeuri.understand.bundle import DEFAULT_FOLDER
    from nadeuri.understand.evaluate import evaluate
    from nadeuri.understand.mistakes import mistakes, write_mistakes
    from nadeuri.understand.parts import divide
    from nadeuri.understand.predict import QuestionParser

    parser = QuestionParser(model or Settings.from_env().artifacts / DEFAULT_FOLDER)
    read = questions_of(data)
    questions = read if part == "all" else divide(read)[part]
    if not questions:
        raise DataError(f"{data}: the part {part} is empty; choose another with --part")
    parses = parser.parse([question.text for question in questions])
    found = evaluate(questions, parses)
    click.echo(f"{parser.artifact.path}: {len(questions):,} questions ({part})")
    for table in (scores_table(found), labels_table(found), errors_table(found)):
        click.echo()
        click.echo(table)
    if errors:
        made = mistakes(questions, parses)
        write_mistakes(errors, made)
        click.echo(f"\n{errors}: {len(made):,} questions that went wrong")
