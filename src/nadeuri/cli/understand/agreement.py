"""``nadeuri understand agreement``: how far annotators of the same questions agree."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from nadeuri.data.questions import Question, Span


@click.command("agreement")
@click.argument(
    "files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@click.option(
    "--top", type=click.IntRange(min=0), default=10, show_default=True, help="Disagreements shown."
)
def command(files: tuple[Path, ...], top: int) -> None:
    """Compare the labels of several people on the texts that they both labelled.

    A question without an annotator's name is the FILE's, which is named after one.

    Example: nadeuri understand agreement minji.jsonl junho.jsonl
    """
    from nadeuri.cli.table import format_table
    from nadeuri.cli.understand.inputs import questions_of
    from nadeuri.errors import DataError
    from nadeuri.understand.agreement import agreement

    found = agreement([question for file in files for question in _named(questions_of(file), file)])
    if not found.pairs:
        raise DataError(
            f"{', '.join(map(str, files))}: no text that two annotators labelled; give the file of "
            "each, or one with several annotators"
        )
    rows = [
        [
            f"{pair.first} – {pair.second}",
            pair.n_questions,
            _number(pair.span_f1),
            _number(pair.word_kappa),
            _number(pair.intent_kappa),
        ]
        for pair in found.pairs
    ]
    header = ["annotators", "questions", "entity F1", "word kappa", "intent kappa"]
    click.echo(format_table(header, rows))
    labels = sorted({label for pair in found.pairs for label in pair.label_f1})
    by_label = [
        [label, *(_number(pair.label_f1.get(label)) for pair in found.pairs)] for label in labels
    ]
    if by_label:
        click.echo()
        titles = [f"{pair.first} – {pair.second}" for pair in found.pairs]
        click.echo(format_table(["F1 by label", *titles], by_label))
    click.echo(
        f"\nKrippendorff's alpha: words {_number(found.word_alpha)}, "
        f"intents {_number(found.intent_alpha)}"
    )
    click.echo(f"disagreements: {len(found.disagreements):,} of {found.n_questions:,} texts")
    for text, labelled in found.disagreements[:top]:
        click.echo(f"\n{text}")
        for annotator, (intent, spans) in labelled.items():
            click.echo(f"  {annotator}: {_marks(text, spans)} [{intent or 'no intent'}]")


def _named(questions: list[Question], file: Path) -> list[Question]:
    return [
        question if question.annotator else replace(question, annotator=file.stem)
        for question in questions
    ]


def _marks(text: str, spans: tuple[Span, ...]) -> str:
    return ", ".join(f"{text[start:end]}:{label}" for start, end, label in spans) or "no entity"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
