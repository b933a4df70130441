"""The reference of configuration files and of the environment, from the models that check them."""

from __future__ import annotations

import inspect
import re
import types
from collections.abc import Iterator
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from nadeuri.data.source import Source
from nadeuri.recommend.compare_config import CompareConfig
from nadeuri.recommend.config import ExperimentConfig
from nadeuri.settings import Settings
from nadeuri.understand.config import ExperimentConfig as QuestionConfig

INTRODUCTION = """# Configuration

Made from the models that check the files. Files are TOML; unknown keys are refused, and any field
of an experiment can be set on the command line: `--set train.lr=0.002`.
"""
FILES: dict[str, tuple[type[BaseModel], str]] = {
    "Source of clicks": (Source, "What `--data` and `nadeuri data prepare` read."),
    "Experiment": (ExperimentConfig, "What `nadeuri recommend train` and `tune` read."),
    "Comparison": (CompareConfig, "What `nadeuri recommend compare` reads."),
    "Question experiment": (QuestionConfig, "What `nadeuri understand train` reads."),
}
_ATTRIBUTE = re.compile(r"^ {4}(\w+): (.*(?:\n {8,}.*)*)", re.MULTILINE)


def page() -> str:
    """The page, in Markdown: a table for each table of each file, and the environment."""
    parts = [INTRODUCTION]
    for title, (model, use) in FILES.items():
        parts.append(f"\n## {title}\n\n{use}\n")
        for name, section in sections(model):
            parts.append(f"\n### {title}: {name}\n\n{_summary(section)}\n\n{_table(section)}")
    rows = (f"| {_variable(text)} | {_cell(text)} |\n" for text in attributes(Settings).values())
    parts.append(
        "\n## Environment\n\nRead once, by `settings.py`.\n\n"
        "| Variable | Meaning |\n| --- | --- |\n"
    )
    return "".join([*parts, *rows])


def attributes(model: type[Any]) -> dict[str, str]:
    """What the docstring of a class says of its attributes."""
    text = inspect.getdoc(model) or ""
    _, _, listed = text.partition("Attributes:\n")
    return {name: " ".join(said.split()) for name, said in _ATTRIBUTE.findall(listed)}


def sections(model: type[BaseModel]) -> Iterator[tuple[str, type[BaseModel]]]:
    """The model and every model below it, by what the table is called in the file."""
    yield "top level", model
    waiting = [("", model)]
    while waiting:
        above, section = waiting.pop(0)
        for name, info in section.model_fields.items():
            below = list(_models(info.annotation))
            many = get_origin(info.annotation) is dict
            path = f"{above}{name}" + (".NAME" if many else "")
            for each in below:
                kind = f" (`{_kinds(each)}`)" if len(below) > 1 else ""
                yield f"`[{path}]`{kind}", each
                waiting.append((f"{path}.", each))


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)


def _kinds(model: type[BaseModel]) -> str:
    return ", ".join(map(str, get_args(model.model_fields["kind"].annotation)))


def _summary(model: type[BaseModel]) -> str:
    """The first paragraph of the docstring, with Markdown's literals."""
    return (inspect.getdoc(model) or "").partition("\n\n")[0].replace("``", "`")


def _table(model: type[BaseModel]) -> str:
    said = {name: text for base in reversed(model.mro()) for name, text in attributes(base).items()}
    rows = "".join(
        f"| `{name}` | {_cell(_type(info))} | {_default(info)} | "
        f"{_cell(info.description or said.get(name, ''))} |\n"
        for name, info in model.model_fields.items()
        if not (name == "root" and model is Source)  # set by the reader, not by the file
    )
    return f"| Key | Type | Default | Meaning |\n| --- | --- | --- | --- |\n{rows}"


def _type(info: FieldInfo) -> str:
    limits = [
        f"{sign} {getattr(each, name)}"
        for each in info.metadata
        for name, sign in (("ge", "≥"), ("gt", ">"), ("le", "≤"), ("lt", "<"))
        if hasattr(each, name)
    ]
    return ", ".join([_written(info.annotation), *limits])


def _written(annotation: Any) -> str:
    if annotation is types.NoneType:
        return "nothing"
    if isinstance(annotation, type) and get_origin(annotation) is None:
        is_table = issubclass(annotation, BaseModel)
        return (
            "table" if is_table else {"str": "text"}.get(annotation.__name__, annotation.__name__)
        )
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return ", ".join(f"`{part}`" for part in parts)
    if origin in (Union, types.UnionType):
        written = dict.fromkeys(_written(part) for part in parts if part is not types.NoneType)
        return " or ".join(written)
    if origin is Annotated:
        return _written(parts[0])
    if origin is tuple:
        return f"list of {_written(parts[0])}"
    if origin is dict:
        return f"table of {_written(parts[1])}"
    return str(annotation)


def _default(info: FieldInfo) -> str:
    value = info.default
    if value is PydanticUndefined:
        return "required" if info.is_required() else ""
    if value is None:
        return "none"
    if isinstance(value, BaseModel):
        return "its defaults"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, tuple):
        value = list(value)
    return f"`{_cell(str(value))}`"


def _variable(text: str) -> str:
    """The variable of the environment that a setting comes from: its text names it first."""
    named = re.search(r"``([A-Z][A-Z0-9_]+)``", text)
    return f"`{named[1]}`" if named else ""


def _cell(text: str) -> str:
    return text.replace("``", "`").replace("|", "\\|").replace("\n", " ")
