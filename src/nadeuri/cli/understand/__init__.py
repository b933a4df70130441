"""``nadeuri understand <verb>``: one module per verb."""

from __future__ import annotations

import click

from nadeuri.cli.lazy import LazyGroup, Verb

VERBS = {
    "train": Verb("nadeuri.cli.understand.train", "Train one model as a config file says."),
    "predict": Verb("nadeuri.cli.understand.predict", "Intent and entities of questions."),
    "compare": Verb("nadeuri.cli.understand.compare", "Train and compare models; write a report."),
    "evaluate": Verb("nadeuri.cli.understand.evaluate", "Score an exported model."),
    "augment": Verb("nadeuri.cli.understand.augment", "More questions, by other names or words."),
    "vocabulary": Verb("nadeuri.cli.understand.vocabulary", "Add words an encoder cannot read."),
    "import": Verb("nadeuri.cli.understand.import_", "Read labelled questions of other tools."),
    "export": Verb("nadeuri.cli.understand.export", "Write them for a labelling tool."),
    "check": Verb("nadeuri.cli.understand.check", "Statistics, conflicts, duplicates and leaks."),
    "agreement": Verb("nadeuri.cli.understand.agreement", "How far annotators agree."),
}


@click.group("understand", cls=LazyGroup, verbs=VERBS)
def command() -> None:
    """Travellers' questions: label, train, compare and answer.

    Example: nadeuri understand train configs/understand/characters.toml --data work/sample
    """
