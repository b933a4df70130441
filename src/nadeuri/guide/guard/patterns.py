"""Patterns: nodes and relationships. Path selectors and quantified paths are refused."""

from __future__ import annotations

from nadeuri.guide.guard import tree
from nadeuri.guide.guard.expressions import ExpressionParser
from nadeuri.guide.guard.refusals import FORBIDDEN_PATTERN, UNBOUNDED_PATH, RefusedError
from nadeuri.guide.guard.tokens import INTEGER, NAME, PARAMETER


class PatternParser(ExpressionParser):
    """Reads patterns off a cursor."""

    def paths(self) -> tuple[tree.Path, ...]:
        """Take patterns with commas between them.

        Raises:
            RefusedError: there is none, or it is of a kind that is not allowed.
        """
        found = [self.path()]
        while self.cursor.accept(","):
            found.append(self.path())
        return tuple(found)

    def path(self) -> tree.Path:
        """Take one pattern."""
        cursor = self.cursor
        variable = None
        if cursor.at_variable() and cursor.symbol(1) == "=":
            variable = cursor.variable()
            cursor.expect("=")
        if cursor.token.kind == NAME and cursor.at_variable():
            raise RefusedError(
                FORBIDDEN_PATTERN,
                f"{cursor.token.text[:20]} before a pattern is not allowed: "
                "write nodes and relationships only",
            )
        nodes = [self._node()]
        relations: list[tree.Relation] = []
        while cursor.at("-", "<"):
            relations.append(self._relation())
            nodes.append(self._node())
        self._refuse_quantifier()
        return tree.Path(variable, tuple(nodes), tuple(relations))

    def _node(self) -> tree.Node:
        cursor = self.cursor
        cursor.expect("(")
        if cursor.at("("):
            raise self._quantified()
        variable = cursor.variable() if cursor.at_variable() else None
        labels = self._alternatives("a label") if cursor.accept(":") else ()
        self._refuse_parameter_map()
        properties = self.properties()
        cursor.expect(")")
        return tree.Node(variable, labels, properties)

    def _relation(self) -> tree.Relation:
        cursor = self.cursor
        to_left = cursor.accept("<")
        cursor.expect("-")
        variable, hops = None, None
        types: tuple[str, ...] = ()
        properties: tuple[tuple[str, tree.Expression], ...] = ()
        if cursor.accept("["):
            variable = cursor.variable() if cursor.at_variable() else None
            types = self._alternatives("a relationship type") if cursor.accept(":") else ()
            hops = self._hops() if cursor.accept("*") else None
            self._refuse_parameter_map()
            properties = self.properties()
            cursor.expect("]")
        cursor.expect("-")
        to_right = cursor.accept(">")
        direction: tree.Direction = "both"
        if to_left != to_right:
            direction = "left" if to_left else "right"
        if not cursor.at("("):
            self._refuse_quantifier()
        return tree.Relation(variable, types, direction, hops, properties)

    def _alternatives(self, what: str) -> tuple[str, ...]:
        """Take names with ``|`` (or ``|:``) between them."""
        cursor = self.cursor
        names = [cursor.name(what)]
        while cursor.accept("|"):
            cursor.accept(":")
            names.append(cursor.name(what))
        if cursor.at(":"):
            raise RefusedError(
                FORBIDDEN_PATTERN, "a node has one label; write A|B where it may be either"
            )
        return tuple(dict.fromkeys(names))

    def _hops(self) -> tuple[int, int]:
        """Take the bounds of a variable-length relationship, behind its star.

        Raises:
            RefusedError: it has no upper bound, or one that is no plain number or too large.
        """
        cursor = self.cursor
        least = int(cursor.take().text) if cursor.token.kind == INTEGER else None
        if cursor.accept(".."):
            most = int(cursor.take().text) if cursor.token.kind == INTEGER else None
        else:
            most = least
        if cursor.token.kind in {NAME, PARAMETER}:
            raise RefusedError(FORBIDDEN_PATTERN, "a path's length is two plain numbers, as *1..3")
        limit = cursor.limits.path_hops
        if most is None or most > limit:
            raise RefusedError(
                UNBOUNDED_PATH, f"a path has at most {limit} hops: write *1..{limit}"
            )
        least = 1 if least is None else least
        if least > most or most == 0:
            raise RefusedError(FORBIDDEN_PATTERN, f"*{least}..{most} is no path; write *1..{limit}")
        return least, most

    def _refuse_quantifier(self) -> None:
        """Refuse ``{1,3}``, ``+``, ``*`` and a path in brackets behind a pattern or an arrow."""
        if self.cursor.at("(", "{", "+", "*"):
            raise self._quantified()

    def _quantified(self) -> RefusedError:
        return RefusedError(
            UNBOUNDED_PATH,
            "quantified paths are not allowed: "
            f"write -[:TYPE*1..{self.cursor.limits.path_hops}]-> instead",
        )

    def _refuse_parameter_map(self) -> None:
        if self.cursor.token.kind == PARAMETER:
            raise RefusedError(
                FORBIDDEN_PATTERN, "properties are written one by one, as {name: $name}"
            )
