"""``nadeuri guide evaluate``: how well the guide answers questions with gold plans."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nadeuri.cli.guide.opening import FOLDER_HELP
from nadeuri.cli.table import format_table

if TYPE_CHECKING:
    from nadeuri.guide.evaluation.read import Questions
    from nadeuri.guide.evaluation.report import Report
    from nadeuri.guide.evaluation.run import AnsweredTurn

_BY_KIND = {
    "n": "turns",
    "plan_exact": "plan",
    "slot_f1": "slots",
    "answer_kind": "kind",
    "execution_accuracy": "execution",
    "constraint_satisfaction": "fit",
    "grounding_violations": "ungrounded",
}
"""Figures of the table by kind, and what they are called there."""
_COUNTS = ("n", "grounding_violations")
_OWN = "questions"  # part of a file of one's own


@click.command("evaluate")
@click.argument("tables", type=click.Path(path_type=Path))
@click.option("--folder", type=click.Path(path_type=Path, file_okay=False), help=FOLDER_HELP)
@click.option(
    "--questions",
    type=click.Path(path_type=Path, dir_okay=False),
    help="TOML file in the form of the shipped questions, which are about the sample world at "
    "size demo.",
)
@click.option(
    "--part",
    type=click.Choice(["development", "held_back", "all"]),
    default="all",
    show_default=True,
    help="Of the shipped questions.",
)
@click.option("--failures", is_flag=True, help="List the turns with something wrong.")
@click.option("--json", "as_json", is_flag=True, help="Everything as JSON.")
def command(
    tables: Path,
    folder: Path | None,
    questions: Path | None,
    part: str,
    failures: bool,
    as_json: bool,
) -> None:
    """Ask questions with gold plans, and compare with what the tables in TABLES say.

    TABLES is a sample world, or the folder that the guide's graph was loaded from. What is right
    is worked out from its rows: the places that meet a plan, the number that is asked for, every
    number that a recommendation mentions. The language model is used where one is configured.

    \b
    Example: nadeuri guide evaluate work/sample --failures
    Example: nadeuri guide evaluate work/sample --part held_back --json
    """
    from nadeuri.cli.guide.opening import guide_folder, language_model_of
    from nadeuri.guide.evaluation.oracle.tables import PlaceTables
    from nadeuri.guide.evaluation.report import report_of
    from nadeuri.guide.evaluation.run import answer_all
    from nadeuri.guide.ladybug_reader import LadybugReader
    from nadeuri.guide.parts import GRAPH
    from nadeuri.guide.pipeline import open_guide
    from nadeuri.settings import Settings

    if questions is not None and part != "all":
        raise click.UsageError("--part is of the shipped questions; leave it out with --questions")
    asked = _asked(questions, part)
    settings = Settings.from_env()
    folder = guide_folder(settings, folder)
    known = PlaceTables(tables)
    model = language_model_of(settings)
    answered: dict[str, list[AnsweredTurn]] = {}
    with LadybugReader(folder / GRAPH) as reader:
        for name, some in asked.items():
            with open_guide(folder, model=model, clock=partial(_as_it_is, some.now)) as guide:
                answered[name] = list(answer_all(some.conversations, guide, reader, known))
    report = report_of(answered)
    click.echo(report.model_dump_json(indent=1) if as_json else _text(report, failures=failures))


def _as_it_is(now: datetime) -> datetime:
    """A clock that stands still."""
    return now


def _asked(questions: Path | None, part: str) -> dict[str, Questions]:
    """Questions by part."""
    from nadeuri.guide.evaluation.read import PARTS, read_questions, read_shipped

    if questions is not None:
        return {_OWN: read_questions(questions)}
    return {name: read_shipped(name) for name in PARTS if part in (name, "all")}


def _text(report: Report, *, failures: bool) -> str:
    tables = [_by_part(report)]
    tables += [_by_group(part, groups) for part, groups in report.kinds.items()]
    tables += [_by_group(f"{part}, by tag", groups) for part, groups in report.tags.items()]
    tables.append(_by_stage(report))
    if failures:
        tables.append(_failures(report))
    return "\n\n".join(tables)


def _by_part(report: Report) -> str:
    names = dict.fromkeys(name for figures in report.parts.values() for name in figures)
    rows = [["turns", *(f"{n:,}" for n in report.n.values())]]
    rows += [[name, *(_cell(name, figures) for figures in report.parts.values())] for name in names]
    return format_table(["", *report.parts], rows)


def _by_group(title: str, groups: Mapping[str, Mapping[str, float]]) -> str:
    rows = [
        [name, *(_cell(figure, figures) for figure in _BY_KIND)] for name, figures in groups.items()
    ]
    return format_table([title, *_BY_KIND.values()], rows)


def _by_stage(report: Report) -> str:
    rows = [(name, f"{p50:.1f}", f"{p95:.1f}") for name, (p50, p95) in report.stages.items()]
    return format_table(("stage", "p50 ms", "p95 ms"), rows)


def _failures(report: Report) -> str:
    if not report.failures:
        return "nothing went wrong"
    return "\n".join(
        line
        for each in report.failures
        for line in (
            f"{each.part} {each.conversation}.{each.turn}: {each.question}",
            *(f"  {fault}" for fault in each.faults),
        )
    )


def _cell(name: str, figures: Mapping[str, float]) -> str:
    value = figures.get(name)
    if value is None:
        return "-"
    return f"{value:,.0f}" if name in _COUNTS else f"{value:.3f}"
