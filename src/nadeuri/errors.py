"""Errors a user can act on: one line saying what was wrong, where, and what to do.

The CLI prints them and exits with code 2; the API turns them into a 4xx problem document.
"""

from __future__ import annotations

from collections.abc import Sequence


class NadeuriError(Exception):
    """Base of every error whose message is meant for the user."""


class DataError(NadeuriError):
    """The input data is not usable (file, row and field are in the message)."""


class ConfigError(NadeuriError):
    """A setting is wrong (the option's or the field's name is in the message)."""


class ArtifactError(NadeuriError):
    """An artefact folder is missing, incomplete or corrupted (the file is in the message)."""


class QueryError(NadeuriError):
    """A request asks for something the artefact does not have (the field is in the message)."""


class GraphError(NadeuriError):
    """A graph cannot be opened, written or asked (what and where is in the message)."""


class QueryTimeoutError(GraphError):
    """A query of a graph took longer than it may and was stopped."""


class UnknownItemError(NadeuriError):
    """A product code that the catalogue does not have."""

    def __init__(self, code: str, nearest: Sequence[str]) -> None:
        hint = f"; the nearest codes are {', '.join(nearest)}" if nearest else ""
        super().__init__(f"{code!r} is not a product of this catalogue{hint}")


class MissingExtraError(NadeuriError):
    """An optional dependency is absent."""

    def __init__(self, package: str, extra: str) -> None:
        super().__init__(
            f"{package} is not installed; install it with: pip install 'nadeuri[{extra}]'"
        )
