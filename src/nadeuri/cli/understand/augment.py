"""``nadeuri understand augment``: more labelled questions out of those there are."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nadeuri.cli.understand.inputs import DATA_HELP

if TYPE_CHECKING:
    from nadeuri.data.questions import Question


@click.command("augment")
@click.option("--data", type=click.Path(path_type=Path), required=True, help=DATA_HELP)
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="Parquet table to write: the questions and the new ones.",
)
@click.option(
    "--factor",
    type=click.IntRange(min=0),
    default=1,
    show_default=True,
    help="New questions for each of training, with other names.",
)
@click.option(
    "--labels", help="Labels to fill, comma-separated [default: places, hotels, airlines]."
)
@click.option("--seed", type=int, default=0, show_default=True)
@click.option(
    "--company",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="The company's table of names: name, label, code, aliases.",
)
@click.option(
    "--exclude",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Names that no new question may have, one per line.",
)
@click.option(
    "--paraphrase",
    "per_question",
    type=click.IntRange(min=1),
    help="Ask $NADEURI_LLM_MODEL for so many paraphrases of each question of training.",
)
def command(
    data: Path,
    out: Path,
    factor: int,
    labels: str | None,
    seed: int,
    company: Path | None,
    exclude: Path | None,
    per_question: int | None,
) -> None:
    """Write the questions with new ones: other names in their slots, particles fitted.

    New questions are made of the training part only (data without parts are split as train does),
    and never with a name of the validation or test part. Answers of the language model are kept
    beside OUT, and not asked for again.

    \b
    Example: nadeuri understand augment --data work/sample --out work/more.parquet --factor 2
    Example: nadeuri understand augment --data labelled.jsonl --out more.parquet \\
             --labels 국가,지역 --company products.csv --exclude secret.txt --paraphrase 3
    """
    from nadeuri.cli.understand.inputs import gazetteer_of, language_model_of, questions_of
    from nadeuri.data.questions import write_questions
    from nadeuri.settings import Settings
    from nadeuri.understand.augment import augment
    from nadeuri.understand.exchange.imported import lines_of
    from nadeuri.understand.paraphrase import paraphrase
    from nadeuri.understand.parts import NAMED_LABELS, divide, names_of
    from nadeuri.understand.splits import TEST, TRAIN, VALID

    asked = language_model_of(Settings.from_env()) if per_question else None
    parts = divide(questions_of(data))
    wanted = tuple(label.strip() for label in labels.split(",")) if labels else NAMED_LABELS
    excluded = names_of([*parts[VALID], *parts[TEST]], wanted)
    excluded += [line.strip() for line in lines_of(exclude)] if exclude else []
    new: list[Question] = []
    if factor:
        made = augment(
            parts[TRAIN],
            gazetteer_of(company, out.with_suffix(".rejects.parquet")),
            labels=wanted,
            factor=factor,
            seed=seed,
            exclude=excluded,
        )
        _show(f"{len(made.questions):,} with other names", made.skipped)
        new += made.questions
    if asked and per_question:
        told = paraphrase(
            parts[TRAIN],
            asked,
            out.with_suffix(".answers.jsonl"),
            per_question=per_question,
        )
        _show(f"{len(told.questions):,} paraphrases", told.rejected)
        new += told.questions
    total = write_questions(out, [q for part in parts.values() for q in part] + new)
    click.echo(f"{out}: {total:,} questions, {len(new):,} of them new")


def _show(made: str, not_made: Counter[str]) -> None:
    reasons = "; ".join(f"{reason}: {count:,}" for reason, count in not_made.most_common())
    click.echo(f"{made}{f' (not made: {reasons})' if reasons else ''}")
