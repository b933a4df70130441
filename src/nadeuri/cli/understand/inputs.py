"""What the verbs on questions read: labelled data, names, and a language model."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from nadeuri.data.questions import Question
    from nadeuri.llm import LanguageModel
    from nadeuri.settings import Settings
    from nadeuri.understand.gazetteer import Gazetteer

DATA_HELP = "Labelled questions: a file or folder of any format that import reads, a sample world."


def questions_of(path: Path) -> list[Question]:
    """Questions of a file or folder; rows that could not be read are counted on stderr."""
    from nadeuri.understand.parts import read

    imported = read(path)
    if imported.rejects:
        counts = Counter(reject.reason for reject in imported.rejects).most_common()
        reasons = ", ".join(f"{count} {reason}" for reason, count in counts)
        click.echo(f"{path}: left out {reasons} (nadeuri understand import lists them)", err=True)
    return imported.questions


def name_of(path: Path) -> str:
    """A name for data: that of the folder, or of the file if it has one of its own."""
    full = path.resolve()
    return full.parent.name if full.stem == "questions" else full.stem


def gazetteer_of(company: Path | None, rejects: Path) -> Gazetteer:
    """The names that come with the package, below those of the company's own table.

    Args:
        rejects: where unusable rows of the table are written.
    """
    from nadeuri.data.rejects import RejectsWriter, summary
    from nadeuri.understand.gazetteer import Gazetteer
    from nadeuri.understand.names.builtin import builtin_gazetteer
    from nadeuri.understand.names.company import company_entries

    builtin = builtin_gazetteer()
    if company is None:
        return builtin
    rejects.parent.mkdir(parents=True, exist_ok=True)
    with RejectsWriter(rejects) as writer:
        entries = company_entries(company, writer)
    if writer.counts:
        left_out = summary(writer.counts, writer.examples)
        click.echo(f"{company}: left out {left_out}; see {rejects}", err=True)
    return Gazetteer.of(entries, builtin.entries)


def language_model_of(settings: Settings) -> LanguageModel:
    """The configured language model."""
    from nadeuri.llm import LanguageModel, LanguageModelConfig

    return LanguageModel(
        LanguageModelConfig(settings.llm_base_url or "", settings.llm_model or "", settings.llm_key)
    )
