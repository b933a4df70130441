"""From the tree back to text, the only text that is run: canonical words, names and strings."""

from __future__ import annotations

from collections.abc import Sequence

from nadeuri.guide.guard import tree
from nadeuri.guide.guard.tokens import PLAIN_NAME
from nadeuri.guide.guard.words import QUOTED

_ESCAPES = str.maketrans({"\\": "\\\\", "'": "\\'", "\n": "\\n", "\t": "\\t", "\r": "\\r"})


def written(query: tree.Query) -> str:
    """The query as text, on one line. Parsing it gives the same tree."""
    text = _branch(query.branches[0])
    for keep_all, branch in zip(query.keep_all, query.branches[1:], strict=True):
        text += (" UNION ALL " if keep_all else " UNION ") + _branch(branch)
    return text


def _branch(clauses: Sequence[tree.Clause]) -> str:
    return " ".join(map(_clause, clauses))


def _clause(clause: tree.Clause) -> str:
    match clause:
        case tree.Match():
            return _match(clause)
        case tree.Unwind(source, variable):
            return f"UNWIND {_expression(source)} AS {_name(variable)}"
        case tree.With(projection, where):
            return f"WITH {_projection(projection)}{_where(where)}"
        case tree.Return(projection):
            return f"RETURN {_projection(projection)}"


def _match(match: tree.Match) -> str:
    paths = ", ".join(map(_path, match.paths))
    return f"{'OPTIONAL ' if match.optional else ''}MATCH {paths}{_where(match.where)}"


def _where(where: tree.Expression | None) -> str:
    return "" if where is None else f" WHERE {_expression(where)}"


def _projection(projection: tree.Projection) -> str:
    items = ["*"] if projection.everything else []
    for expression, name in projection.items:
        items.append(_expression(expression) + ("" if name is None else f" AS {_name(name)}"))
    text = ("DISTINCT " if projection.distinct else "") + ", ".join(items)
    if projection.order:
        text += " ORDER BY " + ", ".join(
            _expression(expression) + (" DESC" if descending else "")
            for expression, descending in projection.order
        )
    if projection.skip is not None:
        text += f" SKIP {projection.skip}"
    if projection.limit is not None:
        text += f" LIMIT {projection.limit}"
    return text


def _path(path: tree.Path) -> str:
    text = "" if path.variable is None else f"{_name(path.variable)} = "
    text += _node(path.nodes[0])
    for relation, node in zip(path.relations, path.nodes[1:], strict=True):
        text += _relation(relation) + _node(node)
    return text


def _node(node: tree.Node) -> str:
    named = _named(node.variable, node.labels)
    return f"({' '.join(filter(None, (named, _properties(node.properties))))})"


def _relation(relation: tree.Relation) -> str:
    named = _named(relation.variable, relation.types)
    if relation.hops is not None:
        named += f"*{relation.hops[0]}..{relation.hops[1]}"
    inside = " ".join(filter(None, (named, _properties(relation.properties))))
    left = "<-" if relation.direction == "left" else "-"
    right = "->" if relation.direction == "right" else "-"
    return f"{left}[{inside}]{right}"


def _named(variable: str | None, names: Sequence[str]) -> str:
    text = "" if variable is None else _name(variable)
    return text + (":" + "|".join(map(_name, names)) if names else "")


def _properties(entries: Sequence[tuple[str, tree.Expression]]) -> str:
    return _map(entries) if entries else ""


def _map(entries: Sequence[tuple[str, tree.Expression]]) -> str:
    return "{" + ", ".join(f"{_name(key)}: {_expression(value)}" for key, value in entries) + "}"


def _expression(expression: tree.Expression, least: int = tree.OR) -> str:
    """Text of an expression, in parentheses where it binds weaker than ``least``."""
    text, level = _leveled(expression)
    return f"({text})" if level < least else text


def _leveled(expression: tree.Expression) -> tuple[str, int]:
    """Text of an expression, and the level at which it binds."""
    match expression:
        case tree.Chain(level, first, rest):
            text = _expression(first, level + 1)
            for operator, operand in rest:
                text += f" {operator}"
                text += "" if operand is None else f" {_expression(operand, level + 1)}"
            return text, level
        case tree.Not(operand):
            return f"NOT {_expression(operand, tree.NOT)}", tree.NOT
        case tree.Negative(operand):
            return f"- {_expression(operand, tree.NEGATE)}", tree.NEGATE
        case tree.LabelTest(variable, label):
            return f"{_name(variable)}:{_name(label)}", tree.NEGATE
        case _:
            return _atom(expression), tree.ATOM


def _atom(expression: tree.Expression) -> str:
    match expression:
        case tree.Text(value):
            return "'" + value.translate(_ESCAPES) + "'"
        case tree.Number(digits):
            return digits
        case tree.Constant(word):
            return word.lower()
        case tree.Parameter(name):
            return f"${name}"
        case tree.Variable(name):
            return _name(name)
        case tree.Property(owner, key):
            return f"{_expression(owner, tree.ATOM)}.{_name(key)}"
        case tree.Index(owner, position):
            return f"{_expression(owner, tree.ATOM)}[{_expression(position)}]"
        case tree.Slice(owner, start, end):
            bounds = ["" if bound is None else _expression(bound) for bound in (start, end)]
            return f"{_expression(owner, tree.ATOM)}[{' .. '.join(bounds).strip()}]"
        case tree.ListLiteral(items):
            return f"[{', '.join(map(_item, items))}]"
        case tree.MapLiteral(entries):
            return _map(entries)
        case tree.Call(name, arguments, distinct):
            joined = ", ".join(map(_expression, arguments))
            return f"{name}({'DISTINCT ' if distinct else ''}{joined})"
        case tree.CountRows():
            return "count(*)"
        case tree.Case():
            return _case(expression)
        case tree.Loop():
            return _loop(expression)
        case tree.PatternList(path, where, result):
            return f"[{_path(path)}{_where(where)} | {_expression(result)}]"
        case tree.Subquery(kind, matches):
            return f"{kind} {{ {' '.join(map(_match, matches))} }}"
        case _:
            raise AssertionError(expression)


def _item(item: tree.Expression) -> str:
    """An element of a list; ``[x IN xs]`` alone would read as a comprehension."""
    leftmost = item
    while isinstance(leftmost, tree.Chain) and isinstance(leftmost.first, tree.Chain):
        leftmost = leftmost.first
    match leftmost:
        case tree.Chain(tree.COMPARE, tree.Variable(), (("IN", _), *_)):
            return f"({_expression(item)})"
        case _:
            return _expression(item)


def _case(case: tree.Case) -> str:
    text = "CASE" if case.subject is None else f"CASE {_expression(case.subject)}"
    for condition, result in case.branches:
        text += f" WHEN {_expression(condition)} THEN {_expression(result)}"
    return text + ("" if case.default is None else f" ELSE {_expression(case.default)}") + " END"


def _loop(loop: tree.Loop) -> str:
    text = f"{_name(loop.variable)} IN {_expression(loop.source)}{_where(loop.where)}"
    if loop.kind != "list":
        return f"{loop.kind}({text})"
    return f"[{text}{'' if loop.result is None else f' | {_expression(loop.result)}'}]"


def _name(name: str) -> str:
    plain = PLAIN_NAME.fullmatch(name) and name.upper() not in QUOTED
    return name if plain else f"`{name}`"
