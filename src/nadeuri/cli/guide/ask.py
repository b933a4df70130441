"""``nadeuri guide ask``: one question, one answer."""

from __future__ import annotations

from pathlib import Path

import click

from nadeuri.cli.guide.opening import FOLDER_HELP, MEMORY


@click.command("ask")
@click.argument("question")
@click.option("--folder", type=click.Path(path_type=Path, file_okay=False), help=FOLDER_HELP)
@click.option("--thread", help="Go on with this conversation; without it nothing is remembered.")
@click.option("--trace", is_flag=True, help="Also show the plan, the queries and the steps.")
@click.option("--json", "as_json", is_flag=True, help="The whole answer as JSON.")
@click.option(
    "--llm-cypher", is_flag=True, help="Let the language model look with Cypher of its own."
)
def command(
    question: str,
    folder: Path | None,
    thread: str | None,
    trace: bool,
    as_json: bool,
    llm_cypher: bool,
) -> None:
    """Ask the guide a question: places to eat on Jeju, or a fact about them.

    The language model at NADEURI_LLM_BASE_URL is used where there is one.

    \b
    Example: nadeuri guide ask "60대 부모님과 가기 좋은 애월읍 흑돼지 맛집 추천해줘"
    Example: nadeuri guide ask "30대 이용 비중이 가장 높은 한림읍 카페는?" --trace
    """
    from nadeuri.cli.guide.opening import guide_folder, opened_guide
    from nadeuri.cli.guide.shown import answer_text, trace_text
    from nadeuri.guide.memory import check_thread
    from nadeuri.settings import Settings

    if trace and as_json:
        raise click.UsageError("--json holds the trace already; give one of --trace and --json")
    if thread is not None:
        check_thread(thread)
    settings = Settings.from_env()
    memory = guide_folder(settings, folder) / MEMORY if thread is not None else None
    with opened_guide(settings, folder, memory=memory, writes_cypher=llm_cypher) as guide:
        answer = guide.ask(question, thread="ask" if thread is None else thread)
    if as_json:
        click.echo(answer.model_dump_json(indent=1))
        return
    click.echo(answer_text(answer))
    if trace:
        click.echo(f"\n{trace_text(answer)}")
