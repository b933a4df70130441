"""``nadeuri guide chat``: a conversation in the terminal."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nadeuri.cli.guide.opening import FOLDER_HELP, MEMORY

if TYPE_CHECKING:
    from nadeuri.guide.answer import Answer
    from nadeuri.guide.pipeline import Guide

HELP = """\
/help     이 도움말
/history  지금까지의 대화
/trace    방금 답의 근거: 계획, 질의, 단계별 시간
/new      대화를 지우고 처음부터
Ctrl-D    끝내기"""
PROMPT = "나> "


@click.command("chat")
@click.option("--folder", type=click.Path(path_type=Path, file_okay=False), help=FOLDER_HELP)
@click.option(
    "--thread",
    default="terminal",
    show_default=True,
    help="Name of the conversation; one that exists goes on.",
)
def command(folder: Path | None, thread: str) -> None:
    """Talk with the guide until Ctrl-D; it remembers the conversation.

    Follow-ups refer to what was said: 가격은?, 거기 말고 더 조용한 데. /help lists the commands.

    \b
    Example: nadeuri guide chat
    Example: nadeuri guide chat --thread jeju-2026
    """
    from nadeuri.cli.guide.opening import guide_folder, opened_guide
    from nadeuri.guide.memory import check_thread
    from nadeuri.settings import Settings

    check_thread(thread)
    settings = Settings.from_env()
    memory = guide_folder(settings, folder) / MEMORY
    with opened_guide(settings, folder, memory=memory) as guide:
        n_turns = len(guide.history(thread))
        before = f" 지난 질문 {n_turns}개를 기억하고 있어요 (/history)." if n_turns else ""
        click.echo(f"제주의 식당과 카페, 무엇이든 물어보세요.{before} /help는 도움말이에요.")
        _talk(guide, thread)


def _talk(guide: Guide, thread: str) -> None:
    """Questions and answers until the input ends."""
    from nadeuri.cli.guide.shown import answer_text, trace_text
    from nadeuri.errors import NadeuriError

    last: Answer | None = None
    while (line := _read()) is not None:
        match line.strip():
            case "":
                continue
            case "/help":
                click.echo(HELP)
            case "/history":
                for turn in guide.history(thread):
                    click.echo(f"{PROMPT}{turn.question}\n\n{answer_text(turn.answer)}\n")
            case "/trace":
                click.echo("아직 답이 없어요." if last is None else trace_text(last))
            case "/new":
                guide.forget(thread)
                last = None
                click.echo("새 대화를 시작해요.")
            case question if question.startswith("/"):
                click.echo(f"{question}: 모르는 명령이에요.\n{HELP}")
            case question:
                try:
                    last = _answer(guide, question, thread)
                except NadeuriError as error:  # the next question may fare better
                    click.echo(f"error: {error}", err=True)
                else:
                    click.echo(f"\n{answer_text(last)}\n")


def _read() -> str | None:
    """A line of the input; None at its end."""
    try:
        return input(PROMPT if sys.stdin.isatty() else "")
    except EOFError:
        return None


def _answer(guide: Guide, question: str, thread: str) -> Answer:
    """The answer; what is being done is told on stderr, in one line that goes away again."""
    from nadeuri.guide.answer import Answer

    shows = sys.stderr.isatty()
    for told in guide.stream(question, thread=thread):
        if isinstance(told, Answer):
            if shows:
                click.echo("\r\033[K", nl=False, err=True)
            return told
        if shows:
            click.echo(f"\r\033[K{told.text} …", nl=False, err=True)
    raise AssertionError("a stream ends with an answer")
