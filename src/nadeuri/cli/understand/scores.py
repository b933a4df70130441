"""Scores of a question model as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nadeuri.cli.table import format_table

if TYPE_CHECKING:
    from nadeuri.understand.evaluate import Evaluation


def scores_table(evaluation: Evaluation) -> str:
    """The figures of all labels together, and those of the intents."""
    from nadeuri.understand.session import error, figures

    counts = {error(kind) for kind in evaluation.errors}
    rows = [
        [name, f"{value:.4f}"] for name, value in figures(evaluation).items() if name not in counts
    ]
    return format_table(["metric", "value"], rows)


def labels_table(evaluation: Evaluation) -> str:
    """Precision, recall and F1 by label; F1 by intent."""
    rows: list[list[object]] = [
        [label, f"{s.precision:.4f}", f"{s.recall:.4f}", f"{s.f1:.4f}", s.n_true]
        for label, s in evaluation.by_label.items()
    ]
    rows += [
        [f"intent {intent}", "", "", f"{f1:.4f}", ""] for intent, f1 in evaluation.by_intent.items()
    ]
    return format_table(["label", "precision", "recall", "F1", "true"], rows)


def errors_table(evaluation: Evaluation) -> str:
    """How entities are wrong, and how often."""
    return format_table(["error", "entities"], list(evaluation.errors.items()))
