"""Options that several of the verbs have."""

from __future__ import annotations

import click

store_option = click.option(
    "--store", required=True, metavar="s3://BUCKET/PREFIX", help="Where the artefacts are kept."
)
name_option = click.option(
    "--name", required=True, help="Name of the model in the store, such as for-you."
)
alias_option = click.option("--alias", default="champion", show_default=True)
