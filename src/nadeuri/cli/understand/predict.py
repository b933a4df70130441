"""``nadeuri understand predict``: intent and entities of questions."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from nadeuri.understand.predict import Answer, Entity


@click.command("predict")
@click.argument("texts", metavar="TEXT...", nargs=-1, required=True)
@click.option(
    "--model",
    type=click.Path(path_type=Path),
    help="Exported question model [default: questions below the artefacts folder].",
)
@click.option(
    "--today",
    type=click.DateTime(["%Y-%m-%d"]),
    help='The day from which "다음 달" is reckoned [default: today].',
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object per question.")
def command(
    texts: tuple[str, ...], model: Path | None, today: datetime | None, as_json: bool
) -> None:
    """Show what questions ask for: intent, entities with their confidence, values and codes.

    With - for TEXT, questions are read from standard input, one per line, and answered as they
    come.

    \b
    Example: nadeuri understand predict "일본 부모님과 갈만한 패키지 추천"
    Example: nadeuri understand predict - --json < questions.txt
    """
    from nadeuri.settings import Settings
    from nadeuri.understand.bundle import DEFAULT_FOLDER
    from nadeuri.understand.predict import QuestionParser

    parser = QuestionParser(model or Settings.from_env().artifacts / DEFAULT_FOLDER)
    day = today.date() if today else date.today()
    for text in _lines() if texts == ("-",) else texts:
        answer = parser.answer(text, today=day)
        click.echo(json.dumps(answer.as_json(), ensure_ascii=False) if as_json else _shown(answer))


def _lines() -> Iterator[str]:
    for line in sys.stdin.buffer:
        if text := line.decode("utf-8", errors="replace").strip():
            yield text


def _shown(answer: Answer) -> str:
    from nadeuri.cli.table import format_table

    intent = f"{answer.intent} ({answer.intent_confidence:.0%})" if answer.intent else "알 수 없음"
    lines = [answer.text, f"의도: {intent}"]
    if answer.entities:
        rows = [
            [each.text, each.label, f"{each.confidence:.0%}", _meaning(each)]
            for each in answer.entities
        ]
        lines.append(format_table(["개체", "라벨", "확신", "값"], rows))
    else:
        lines.append("개체 없음")
    return "\n".join(lines) + "\n"


def _meaning(entity: Entity) -> str:
    """The value or the linked name, short."""
    if entity.value:
        return _flat(entity.value.as_json())
    if entity.link:
        code = f" ({entity.link.code})" if entity.link.code else ""
        return f"{entity.link.name}{code}"
    return ""


def _flat(value: object) -> str:
    """``{"nights": {"min": 2, "max": 2}}`` as ``nights 2``; what is not set is left out."""
    if not isinstance(value, dict):
        return f"{value:,}" if isinstance(value, int) else str(value)
    if value.keys() == {"min", "max"}:
        low, high = (_flat(value[end]) if value[end] is not None else "" for end in value)
        return low if low == high else f"{low}~{high}"
    set_ones = {name: each for name, each in value.items() if each not in (None, False)}
    return ", ".join(f"{name} {_flat(each)}" for name, each in set_ones.items())
