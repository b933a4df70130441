"""``nadeuri artifact <verb>``: one module per verb."""

from __future__ import annotations

import click

from nadeuri.cli.lazy import LazyGroup, Verb

VERBS = {
    "gate": Verb("nadeuri.cli.artifact.gate", "Refuse a model that is worse than the champion."),
    "publish": Verb("nadeuri.cli.artifact.publish", "Upload an exported model as a version."),
    "promote": Verb("nadeuri.cli.artifact.promote", "Let an alias mean a version."),
    "fetch": Verb("nadeuri.cli.artifact.fetch", "Download models, verified."),
    "list": Verb("nadeuri.cli.artifact.list_", "Show what the store has."),
}


@click.group("artifact", cls=LazyGroup, verbs=VERBS)
def command() -> None:
    """Exported models in an S3 bucket: published, judged, promoted, fetched.

    Credentials and region are AWS's own: from the environment, or the role of the machine.

    \b
    Example: nadeuri artifact publish work/for-you --name for-you --store s3://models/nadeuri
    Example: nadeuri artifact fetch for-you also-viewed --store s3://models/nadeuri
    """
