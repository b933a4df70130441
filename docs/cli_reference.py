"""The reference of the command line, from the commands themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator

import click

from nadeuri.cli import main

INTRODUCTION = """# Command line

Made from the commands themselves; `nadeuri COMMAND --help` says the same. Errors that you can act
on are one line, with exit code 2.
"""
_EXAMPLE = re.compile(r"^(Examples?): (nadeuri .*)$", re.MULTILINE)


def page() -> str:
    """The page, in Markdown: a heading for each command, its arguments and its options."""
    return INTRODUCTION + "".join(_described(main, "nadeuri", None))


def commands() -> Iterator[tuple[str, click.Command]]:
    """Every command with its full name, groups before what is in them."""
    yield from _walk(main, "nadeuri", None)


def _walk(
    command: click.Command, name: str, parent: click.Context | None
) -> Iterator[tuple[str, click.Command]]:
    yield name, command
    if isinstance(command, click.Group):
        context = click.Context(command, info_name=name, parent=parent)
        for verb in command.list_commands(context):
            found = command.get_command(context, verb)
            if found is not None:
                yield from _walk(found, f"{name} {verb}", context)


def _described(command: click.Command, name: str, parent: click.Context | None) -> Iterator[str]:
    for full_name, each in _walk(command, name, parent):
        level = "##" if full_name.count(" ") < 2 else "###"
        context = click.Context(each, info_name=full_name)
        usage = " ".join(each.collect_usage_pieces(context))
        yield f"\n{level} {full_name}\n\n```text\n{full_name} {usage}\n```\n\n{_help(each)}\n"
        if rows := [row for p in each.params if (row := _row(p, context))]:
            yield "\n| Option | Default | Meaning |\n| --- | --- | --- |\n" + "".join(rows)


def _help(command: click.Command) -> str:
    """Its help; examples in a block of their own, words of code left as they are."""
    text = (command.help or command.short_help or "").replace("\b\n", "")
    examples = [match[2] for match in _EXAMPLE.finditer(text)]
    prose = re.sub(r"\n{3,}", "\n\n", _EXAMPLE.sub("", text)).strip()
    block = "\n\n```text\n" + "\n".join(examples) + "\n```" if examples else ""
    return _escaped(prose) + block


def _row(parameter: click.Parameter, context: click.Context) -> str | None:
    if not isinstance(parameter, click.Option):
        return None
    record = parameter.get_help_record(context)
    if record is None:
        return None
    info = parameter.get_help_extra(context)
    names = f"`{_cell(record[0])}`"
    default = info.get("default")
    shown = f"`{_cell(default)}`" if default else ("required" if parameter.required else "")
    return f"| {names} | {shown} | {_cell(_escaped(parameter.help or ''))} |\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _escaped(text: str) -> str:
    """Markdown of plain text."""
    return re.sub(r"([*_<>\[\]$`])", r"\\\1", text)
