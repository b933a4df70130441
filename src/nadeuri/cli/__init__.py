"""The command line: ``nadeuri <room> <verb>``. Modules here parse, call and print: nothing else."""

from __future__ import annotations

import os

import click

from nadeuri import __version__
from nadeuri.cli.lazy import LazyGroup, Verb

VERBS = {
    "demo": Verb("nadeuri.cli.demo", "Sample world, model comparison and a running API."),
    "sample": Verb("nadeuri.cli.sample", "Write the synthetic travel world."),
    "data": Verb("nadeuri.cli.data", "Read, clean and prepare click logs."),
    "recommend": Verb("nadeuri.cli.recommend", "Train, compare and score recommenders."),
    "understand": Verb("nadeuri.cli.understand", "Understand travellers' questions."),
    "label": Verb("nadeuri.cli.label", "Questions to be labelled by people, in the web pages."),
    "guide": Verb("nadeuri.cli.guide", "Places to eat: their graph, and a guide who answers."),
    "artifact": Verb("nadeuri.cli.artifact", "Exported models in an S3 bucket."),
    "match": Verb("nadeuri.cli.match", "Which places of two databases are the same."),
    "serve": Verb("nadeuri.cli.serve", "Run the HTTP API on an exported model."),
    "keys": Verb("nadeuri.cli.keys", "API keys: who may ask the HTTP API, and how often."),
    "web": Verb("nadeuri.cli.web", "Run the chat page of the place guide."),
}


# OpenMP reads it when torch is loaded. Its threads would spin while they wait for each other: where
# another process has one of the cores, a training step then takes six times as long or more.
WAIT_POLICY = ("OMP_WAIT_POLICY", "passive")


@click.group(cls=LazyGroup, verbs=VERBS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="nadeuri")
def main() -> None:
    """Nadeuri: from raw click logs to served travel recommendations.

    Example: nadeuri recommend compare --data work/sample
    """
    os.environ.setdefault(*WAIT_POLICY)
