"""``nadeuri understand check``: what labelled questions consist of, and what contradicts itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nadeuri.cli.table import format_table
from nadeuri.cli.understand.inputs import DATA_HELP

if TYPE_CHECKING:
    from nadeuri.data.questions import Question

TEXTS_SHOWN = 40


@click.command("check")
@click.option("--data", type=click.Path(path_type=Path), required=True, help=DATA_HELP)
@click.option(
    "--top", type=click.IntRange(min=0), default=10, show_default=True, help="Rows shown."
)
@click.option(
    "--similarity",
    type=click.FloatRange(min=0.5, max=1),
    default=0.9,
    show_default=True,
    help="Of character pairs, from which on two questions are near-duplicates.",
)
def command(data: Path, top: int, similarity: float) -> None:
    """Show counts, conflicting labels, near-duplicates, and test questions that training has.

    A conflict is not always an error: 부산 is a 지역 or a 출발지 by its sentence.

    Example: nadeuri understand check --data questions.parquet
    """
    from nadeuri.cli.understand.inputs import questions_of
    from nadeuri.understand.quality import conflicts, near_duplicates, statistics

    questions = questions_of(data)
    texts = {question.id: question.text for question in questions}
    counts = statistics(questions)
    least, middle, most = counts.length
    click.echo(
        f"{data}: {counts.n_questions:,} questions, {counts.n_texts:,} different texts, "
        f"{counts.n_without_spans:,} without an entity; {least} to {most} characters "
        f"(median {middle:g})"
    )
    for title, found in (
        ("intent", counts.intents),
        ("part", counts.parts),
        ("annotator", counts.annotators),
    ):
        _table((title, "questions"), list(found.items()))
    _table(
        ("label", "entities", "different", "most frequent"),
        [
            (label, n, counts.n_surfaces[label], _listed(counts.surfaces[label]))
            for label, n in counts.labels.items()
        ],
    )
    against = conflicts(questions)
    click.echo(f"\nconflicting labels: {len(against.labels):,}")
    _table(
        ("text", "labels", "for example"),
        [
            (
                conflict.surface,
                _listed([(label or "(not marked)", n) for label, n in conflict.counts.items()]),
                " ".join(ids[0] for ids in conflict.examples.values()),
            )
            for conflict in against.labels[:top]
        ],
    )
    click.echo(f"\nconflicting intents: {len(against.intents):,}")
    _table(
        ("text", "intents"),
        [
            (
                text[:TEXTS_SHOWN],
                _listed([(name or "(none)", len(ids)) for name, ids in by.items()]),
            )
            for text, by in against.intents[:top]
        ],
    )
    pairs = near_duplicates(questions, similarity)
    click.echo(f"\nnear-duplicates: {len(pairs):,}")
    _table(
        ("similarity", "first", "second"),
        [(f"{s:.2f}", texts[a][:TEXTS_SHOWN], texts[b][:TEXTS_SHOWN]) for a, b, s in pairs[:top]],
    )
    _show_leaks(questions, top, similarity)


def _show_leaks(questions: Sequence[Question], top: int, similarity: float) -> None:
    from nadeuri.understand.quality import leaks
    from nadeuri.understand.splits import TRAIN

    parts: dict[str, list[Question]] = defaultdict(list)
    for question in questions:
        if question.split:
            parts[question.split].append(question)
    texts = {question.id: question.text for question in questions}
    for part in sorted(parts.keys() - {TRAIN}):
        found = leaks(parts[TRAIN], parts[part], similarity)
        click.echo(f"\nleaks from {TRAIN} to {part}: {len(found):,} of {len(parts[part]):,}")
        _table(
            ("similarity", TRAIN, part),
            [
                (f"{s:.2f}", texts[a][:TEXTS_SHOWN], texts[b][:TEXTS_SHOWN])
                for a, b, s in found[:top]
            ],
        )


def _listed(counts: Sequence[tuple[str, int]]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts[:5])


def _table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    if rows:
        click.echo()
        click.echo(format_table(header, rows))
