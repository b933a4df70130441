"""``nadeuri artifact gate``: a model worse than the champion is refused."""

from __future__ import annotations

from pathlib import Path

import click

from nadeuri.cli.artifact.options import alias_option, name_option, store_option

REFUSED = 1


@click.command("gate")
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@name_option
@store_option
@click.option(
    "--metric",
    "limits",
    multiple=True,
    required=True,
    metavar="METRIC[:TOLERANCE]",
    help="A figure of metrics.json, and how much lower than the champion's it may be.",
)
@alias_option
@click.pass_context
def command(
    ctx: click.Context, folder: Path, name: str, store: str, limits: tuple[str, ...], alias: str
) -> None:
    """Compare the exported model in FOLDER with the champion of NAME; exit with 1 if it is refused.

    Every METRIC has to hold. Without a champion a model with finite figures passes. Compare models
    that were judged on the same data: where they were not, that is said.

    \b
    Example: nadeuri artifact gate work/artifacts/for-you --name for-you \\
             --store s3://models/nadeuri --metric ndcg_at_10:0.005
    """
    from nadeuri.artifact import open_artifact
    from nadeuri.artifact_gate import METRICS, Limit, judge
    from nadeuri.artifact_s3 import ArtifactStore, Reference
    from nadeuri.cli.table import format_table

    parsed = [Limit.parse(text) for text in limits]
    challenger = open_artifact(folder)
    opened = ArtifactStore(store)
    pointer = opened.alias(name, alias).pointer
    champion = None
    if pointer is not None:
        reference = Reference(name, pointer.version)
        champion = (opened.read_manifest(reference), opened.read_json(reference, METRICS))
    verdict = judge(challenger, champion, parsed)
    rows = [
        [
            finding.limit.metric,
            "none" if finding.champion is None else f"{finding.champion:.4f}",
            f"{finding.challenger:.4f}",
            f"{finding.limit.tolerance:g}",
            "passed" if finding.passed else "refused",
        ]
        for finding in verdict.findings
    ]
    click.echo(format_table(["metric", alias, "new", "tolerance", "verdict"], rows))
    if verdict.same_data is False:
        click.echo("note: the two were judged on different data", err=True)
    click.echo("passed" if verdict.passed else f"refused: worse than {pointer and pointer.version}")
    ctx.exit(0 if verdict.passed else REFUSED)
