"""Syntax tree of the read-only part of Cypher. What has no class here cannot be run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias


class Tree:
    """Base of all nodes of the tree; fields are nodes, tuples of them, or plain values."""

    __slots__ = ()
    __match_args__: tuple[str, ...] = ()


# --- expressions ------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Text(Tree):
    value: str


@dataclass(frozen=True, slots=True)
class Number(Tree):
    """As it is written: digits, for a float with a point or an exponent."""

    digits: str


@dataclass(frozen=True, slots=True)
class Constant(Tree):
    word: Literal["TRUE", "FALSE", "NULL"]


@dataclass(frozen=True, slots=True)
class Parameter(Tree):
    name: str


@dataclass(frozen=True, slots=True)
class Variable(Tree):
    name: str


@dataclass(frozen=True, slots=True)
class Property(Tree):
    owner: Expression
    key: str


@dataclass(frozen=True, slots=True)
class Index(Tree):
    owner: Expression
    position: Expression


@dataclass(frozen=True, slots=True)
class Slice(Tree):
    owner: Expression
    start: Expression | None
    end: Expression | None


@dataclass(frozen=True, slots=True)
class ListLiteral(Tree):
    items: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class MapLiteral(Tree):
    entries: tuple[tuple[str, Expression], ...]


@dataclass(frozen=True, slots=True)
class Call(Tree):
    """``name`` as in :data:`nadeuri.guide.guard.functions.FUNCTIONS`."""

    name: str
    arguments: tuple[Expression, ...]
    distinct: bool


@dataclass(frozen=True, slots=True)
class CountRows(Tree):
    """``count(*)``."""


@dataclass(frozen=True, slots=True)
class Case(Tree):
    subject: Expression | None
    branches: tuple[tuple[Expression, Expression], ...]
    default: Expression | None


@dataclass(frozen=True, slots=True)
class Loop(Tree):
    """A list comprehension (kind ``list``) or a test of a list's elements."""

    kind: str
    variable: str
    source: Expression
    where: Expression | None
    result: Expression | None


@dataclass(frozen=True, slots=True)
class PatternList(Tree):
    """``[(a)-->(b) WHERE ... | b.name]``."""

    path: Path
    where: Expression | None
    result: Expression


@dataclass(frozen=True, slots=True)
class Subquery(Tree):
    """``EXISTS { MATCH ... }`` (which a bare pattern in an expression means too) and ``COUNT``."""

    kind: Literal["EXISTS", "COUNT"]
    matches: tuple[Match, ...]


@dataclass(frozen=True, slots=True)
class LabelTest(Tree):
    variable: str
    label: str


@dataclass(frozen=True, slots=True)
class Not(Tree):
    operand: Expression


@dataclass(frozen=True, slots=True)
class Negative(Tree):
    operand: Expression


@dataclass(frozen=True, slots=True)
class Chain(Tree):
    """Operators of one precedence level beside each other, flat, so that long ones are not deep.

    Attributes:
        level: one of the precedence levels below.
        rest: operator and right operand; ``IS NULL`` and ``IS NOT NULL`` have none.
    """

    level: int
    first: Expression
    rest: tuple[tuple[str, Expression | None], ...]


Expression: TypeAlias = (
    Text
    | Number
    | Constant
    | Parameter
    | Variable
    | Property
    | Index
    | Slice
    | ListLiteral
    | MapLiteral
    | Call
    | CountRows
    | Case
    | Loop
    | PatternList
    | Subquery
    | LabelTest
    | Not
    | Negative
    | Chain
)

OR, XOR, AND, NOT, COMPARE, ADD, MULTIPLY, POWER, NEGATE, ATOM = range(10)
"""Precedence levels, weakest first."""

LEVEL_OF = {
    "OR": OR,
    "XOR": XOR,
    "AND": AND,
    **dict.fromkeys(("=", "<>", "<=", ">=", "<", ">", "=~"), COMPARE),
    **dict.fromkeys(("IN", "IS", "STARTS", "ENDS", "CONTAINS"), COMPARE),
    **dict.fromkeys("+-", ADD),
    **dict.fromkeys("*/%", MULTIPLY),
    "^": POWER,
}
"""First word or symbol of an operator -> its level."""


# --- patterns ---------------------------------------------------------------------------------
Direction: TypeAlias = Literal["right", "left", "both"]


@dataclass(frozen=True, slots=True)
class Node(Tree):
    """``labels``: any of them."""

    variable: str | None
    labels: tuple[str, ...]
    properties: tuple[tuple[str, Expression], ...]


@dataclass(frozen=True, slots=True)
class Relation(Tree):
    """``types``: any of them. ``hops``: least and most of a variable-length relationship."""

    variable: str | None
    types: tuple[str, ...]
    direction: Direction
    hops: tuple[int, int] | None
    properties: tuple[tuple[str, Expression], ...]


@dataclass(frozen=True, slots=True)
class Path(Tree):
    """``nodes`` has one more element than ``relations``, which join neighbours."""

    variable: str | None
    nodes: tuple[Node, ...]
    relations: tuple[Relation, ...]


# --- clauses ----------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Match(Tree):
    optional: bool
    paths: tuple[Path, ...]
    where: Expression | None


@dataclass(frozen=True, slots=True)
class Unwind(Tree):
    source: Expression
    variable: str


@dataclass(frozen=True, slots=True)
class Projection(Tree):
    """What follows WITH or RETURN. ``order``: expression, and whether it is descending."""

    distinct: bool
    everything: bool
    items: tuple[tuple[Expression, str | None], ...]
    order: tuple[tuple[Expression, bool], ...]
    skip: int | None
    limit: int | None


@dataclass(frozen=True, slots=True)
class With(Tree):
    projection: Projection
    where: Expression | None


@dataclass(frozen=True, slots=True)
class Return(Tree):
    projection: Projection


Clause: TypeAlias = Match | Unwind | With | Return


@dataclass(frozen=True, slots=True)
class Query(Tree):
    """Branches of a UNION: clauses each, RETURN last. ``keep_all``: UNION ALL, for each join."""

    branches: tuple[tuple[Clause, ...], ...]
    keep_all: tuple[bool, ...]


def walk(tree: object, stop: Callable[[Tree], bool] | None = None) -> Iterator[Tree]:
    """All nodes of a tree, or of a tuple of trees, in no particular order.

    Args:
        stop: nodes whose own nodes are left out.
    """
    stack = [tree]
    while stack:
        top = stack.pop()
        if isinstance(top, tuple):
            stack.extend(top)
        elif isinstance(top, Tree):
            yield top
            if stop is None or not stop(top):
                stack.extend(getattr(top, field) for field in top.__match_args__)


def variables(path: Path) -> Iterator[str]:
    """Names that a pattern gives to itself, its nodes and its relationships."""
    parts: tuple[Path | Node | Relation, ...] = (path, *path.nodes, *path.relations)
    for part in parts:
        if part.variable is not None:
            yield part.variable
