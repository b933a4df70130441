"""Why a text is not run: the reasons, and the refusal that names one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from nadeuri.errors import NadeuriError

NO_QUERY = "no_query"  # nothing to parse, an unclosed fence, or more than one fence
TOO_LONG = "too_long"
CHARACTER = "character"  # a character or an escape that only serves to deceive
UNPARSABLE = "unparsable"
SEVERAL_STATEMENTS = "several_statements"
FORBIDDEN_CLAUSE = "forbidden_clause"
FORBIDDEN_FUNCTION = "forbidden_function"
FORBIDDEN_PATTERN = "forbidden_pattern"  # path selectors, quantified paths, label logic
UNBOUNDED_PATH = "unbounded_path"
UNKNOWN_LABEL = "unknown_label"
UNKNOWN_RELATIONSHIP = "unknown_relationship"
UNKNOWN_PROPERTY = "unknown_property"
UNKNOWN_VARIABLE = "unknown_variable"
UNKNOWN_PARAMETER = "unknown_parameter"
IMPOSSIBLE_PATTERN = "impossible_pattern"  # the graph never has this relationship between these
TOO_DEEP = "too_deep"
TOO_LARGE = "too_large"  # lists, strings, ranges, and values that grow from clause to clause
TOO_MANY_PARTS = "too_many_parts"  # clauses, patterns, hops, loops or subqueries
CARTESIAN = "cartesian"
REGEX = "regex"
ROW_LIMIT = "row_limit"
REASONS = (
    NO_QUERY,
    TOO_LONG,
    CHARACTER,
    UNPARSABLE,
    SEVERAL_STATEMENTS,
    FORBIDDEN_CLAUSE,
    FORBIDDEN_FUNCTION,
    FORBIDDEN_PATTERN,
    UNBOUNDED_PATH,
    UNKNOWN_LABEL,
    UNKNOWN_RELATIONSHIP,
    UNKNOWN_PROPERTY,
    UNKNOWN_VARIABLE,
    UNKNOWN_PARAMETER,
    IMPOSSIBLE_PATTERN,
    TOO_DEEP,
    TOO_LARGE,
    TOO_MANY_PARTS,
    CARTESIAN,
    REGEX,
    ROW_LIMIT,
)

_SHOWN = 40  # characters of foreign text in a message
_LISTED = 20  # names in a message


@dataclass(frozen=True)
class Refusal:
    """A text that is not run.

    Attributes:
        reason: one of :data:`REASONS`.
        message: one line that says what is wrong and what to write instead; fit for the prompt of
            a repair round.
    """

    reason: str
    message: str


class RefusedError(NadeuriError):
    """Raised where the fault is found; :func:`nadeuri.guide.guard.check.guard` turns it into a
    :class:`Refusal`, so that it never leaves the package."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.refusal = Refusal(reason, message)


def shown(text: str) -> str:
    """Foreign text as it may stand in a message: one short line of printable ASCII or Hangul."""
    cut = text if len(text) <= _SHOWN else text[:_SHOWN] + "..."
    return "'" + "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in cut) + "'"


def listed(names: Iterable[str]) -> str:
    """The first names in order, as they may stand in a message."""
    return ", ".join(sorted(names)[:_LISTED])
