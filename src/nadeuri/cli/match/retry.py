"""``nadeuri match retry``: failed questions go again."""

from __future__ import annotations

import click

from nadeuri.cli.match.opening import STORE_HELP
from nadeuri.cli.table import format_table


@click.command("retry")
@click.option("--store", help=STORE_HELP)
@click.option("--list", "only_list", is_flag=True, help="Only show them, with the reasons.")
def command(store: str | None, only_list: bool) -> None:
    """Have questions that were given up asked again by the next nadeuri match run.

    \b
    Example: nadeuri match retry --list
    Example: nadeuri match retry
    """
    from nadeuri.cli.match.opening import store_url
    from nadeuri.match.jobs.store import JobStore
    from nadeuri.settings import Settings

    with JobStore(store_url(Settings.from_env(), store)) as jobs:
        failed = jobs.failed()
        if failed:
            rows = [
                (each.custom_id, each.kind, str(each.attempts), each.reason, each.detail[:80])
                for each in failed
            ]
            click.echo(format_table(("question", "kind", "attempts", "reason", "detail"), rows))
        if only_list:
            click.echo(f"{len(failed):,} questions failed")
        else:
            click.echo(f"{jobs.retry():,} questions will be asked again by the next run")
