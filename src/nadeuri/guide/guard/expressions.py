"""Expressions, by precedence; patterns and subqueries inside them are left to subclasses."""

from __future__ import annotations

from abc import ABC, abstractmethod

from nadeuri.guide.guard import tree
from nadeuri.guide.guard.cursor import Cursor
from nadeuri.guide.guard.functions import FUNCTIONS
from nadeuri.guide.guard.refusals import (
    FORBIDDEN_CLAUSE,
    FORBIDDEN_FUNCTION,
    TOO_DEEP,
    RefusedError,
    shown,
)
from nadeuri.guide.guard.tokens import FLOAT, INTEGER, NAME, PARAMETER, QUOTED_NAME, TEXT
from nadeuri.guide.guard.words import STATEMENT_WORDS

_TESTS = {"ANY", "ALL", "NONE", "SINGLE"}
_MAX_SUFFIXES = 5


class ExpressionParser(ABC):
    """Reads expressions off a cursor."""

    def __init__(self, cursor: Cursor) -> None:
        self.cursor = cursor

    @abstractmethod
    def path(self) -> tree.Path:
        """Take one pattern."""

    @abstractmethod
    def subquery_body(self) -> tuple[tree.Match, ...]:
        """Take what stands between the braces of EXISTS or COUNT."""

    def expression(self) -> tree.Expression:
        """Take an expression.

        Raises:
            RefusedError: there is none, or it holds what is not allowed.
        """
        with self.cursor.nested():
            return self._level(tree.OR)

    def properties(self) -> tuple[tuple[str, tree.Expression], ...]:
        """Take the entries of a map, if one stands here."""
        entries: list[tuple[str, tree.Expression]] = []
        if self.cursor.accept("{"):
            while not self.cursor.accept("}"):
                if entries:
                    self.cursor.expect(",")
                key = self.cursor.name("a property")
                self.cursor.expect(":")
                entries.append((key, self.expression()))
        return tuple(entries)

    def pattern_ahead(self) -> bool:
        """Whether the parenthesis here opens a pattern of at least one relationship."""
        cursor = self.cursor
        if not cursor.at("("):
            return False
        inside = 2 if cursor.at_variable(1) else 1
        if cursor.symbol(inside) not in {")", ":", "{"}:
            return False
        behind = cursor.behind_bracket()
        following = "".join(cursor.symbol(behind + step) for step in range(3))
        return following.startswith(("-[", "<-[", "--(", "-->", "<--"))

    def _level(self, level: int) -> tree.Expression:
        if level == tree.NOT:
            return self._not()
        if level == tree.NEGATE:
            return self._negative()
        first = self._level(level + 1)
        rest: list[tuple[str, tree.Expression | None]] = []
        while operator := self._operator(level):
            operand = None if operator.startswith("IS ") else self._level(level + 1)
            rest.append((operator, operand))
        return tree.Chain(level, first, tuple(rest)) if rest else first

    def _operator(self, level: int) -> str | None:
        """Take an operator of this level, if one stands here."""
        cursor = self.cursor
        first = cursor.token.word or cursor.symbol()
        if tree.LEVEL_OF.get(first) != level:
            return None
        cursor.take()
        if first in {"STARTS", "ENDS"}:
            cursor.expect_words("WITH")
            return f"{first} WITH"
        if first == "IS":
            negated = cursor.accept_words("NOT")
            cursor.expect_words("NULL")
            return "IS NOT NULL" if negated else "IS NULL"
        return first

    def _not(self) -> tree.Expression:
        if not self.cursor.accept_words("NOT"):
            return self._level(tree.COMPARE)
        with self.cursor.nested():
            return tree.Not(self._not())

    def _negative(self) -> tree.Expression:
        if not self.cursor.accept("-"):
            return self._suffixed()
        with self.cursor.nested():
            return tree.Negative(self._negative())

    def _suffixed(self) -> tree.Expression:
        """An atom with its properties, elements and slices."""
        cursor = self.cursor
        found = self._atom()
        suffixes = 0
        while cursor.at(".", "["):
            suffixes += 1
            if suffixes > _MAX_SUFFIXES:
                raise RefusedError(
                    TOO_DEEP, f"more than {_MAX_SUFFIXES} properties or elements in a row"
                )
            if cursor.accept("."):
                found = tree.Property(found, cursor.name("a property"))
            else:
                found = self._element(found)
        if isinstance(found, tree.Variable) and cursor.accept(":"):
            return tree.LabelTest(found.name, cursor.name("a label"))
        return found

    def _element(self, owner: tree.Expression) -> tree.Expression:
        cursor = self.cursor
        cursor.expect("[")
        start = None if cursor.at("..") else self.expression()
        if start is not None and cursor.accept("]"):
            return tree.Index(owner, start)
        cursor.expect("..")
        end = None if cursor.at("]") else self.expression()
        cursor.expect("]")
        return tree.Slice(owner, start, end)

    def _atom(self) -> tree.Expression:
        cursor = self.cursor
        token = cursor.token
        if token.kind == INTEGER:
            return tree.Number(str(int(cursor.take().text)))
        if token.kind == FLOAT:
            return tree.Number(cursor.take().text)
        if token.kind == TEXT:
            return tree.Text(cursor.take().text)
        if token.kind == PARAMETER:
            return tree.Parameter(cursor.take().text)
        if token.kind in {NAME, QUOTED_NAME}:
            return self._named()
        if self.pattern_ahead():
            return tree.Subquery("EXISTS", (self._bare_match(),))
        if cursor.accept("("):
            inside = self.expression()
            cursor.expect(")")
            return inside
        if cursor.at("["):
            return self._list()
        if cursor.at("{"):
            return tree.MapLiteral(self.properties())
        raise cursor.fault("an expression")

    def _named(self) -> tree.Expression:
        """What begins with a name."""
        cursor = self.cursor
        word = cursor.token.word
        if word in {"TRUE", "FALSE", "NULL"}:
            return tree.Constant(cursor.take().word)  # type: ignore[arg-type]
        if word == "CASE":
            return self._case()
        opens = cursor.symbol(1)
        if opens == "{":
            return self._subquery()
        if word in _TESTS and opens == "(":
            return self._test()
        if function := self._function_ahead():
            return self._call(function)
        return tree.Variable(cursor.variable())

    def _function_ahead(self) -> str | None:
        """The dotted name of the function that is called here."""
        parts = [self.cursor.token.text]
        steps = 1
        while (
            self.cursor.symbol(steps) == "."
            and self.cursor.ahead(steps + 1).kind in {NAME, QUOTED_NAME}
            and len(parts) < _MAX_SUFFIXES
        ):
            parts.append(self.cursor.ahead(steps + 1).text)
            steps += 2
        return ".".join(parts) if self.cursor.symbol(steps) == "(" else None

    def _call(self, function: str) -> tree.Expression:
        cursor = self.cursor
        upper = function.upper()
        if upper in STATEMENT_WORDS:
            raise cursor.fault("an expression")
        if upper == "EXISTS":
            return self._exists_call()
        if function.lower() not in FUNCTIONS:
            raise RefusedError(FORBIDDEN_FUNCTION, f"the function {shown(function)} is not allowed")
        name, least, most = FUNCTIONS[function.lower()]
        while not cursor.accept("("):
            cursor.take()
        if upper == "COUNT" and cursor.accept("*"):
            cursor.expect(")")
            return tree.CountRows()
        distinct = cursor.accept_words("DISTINCT")
        arguments: list[tree.Expression] = []
        while not cursor.accept(")"):
            if arguments:
                cursor.expect(",")
            if self.pattern_ahead():
                raise cursor.fault("COUNT { MATCH ... } or EXISTS { MATCH ... } around a pattern")
            arguments.append(self.expression())
        if not least <= len(arguments) <= most:
            raise RefusedError(
                FORBIDDEN_FUNCTION,
                f"{name}() takes {least} to {most} arguments, not {len(arguments)}",
            )
        return tree.Call(name, tuple(arguments), distinct)

    def _exists_call(self) -> tree.Expression:
        """``exists(pattern)``, or ``exists(a.b)``, which newer dialects write ``IS NOT NULL``."""
        cursor = self.cursor
        cursor.take()
        cursor.expect("(")
        if self.pattern_ahead():
            found: tree.Expression = tree.Subquery("EXISTS", (self._bare_match(),))
        else:
            inside = self._level(tree.ADD)
            found = tree.Chain(tree.COMPARE, inside, (("IS NOT NULL", None),))
        cursor.expect(")")
        return found

    def _bare_match(self) -> tree.Match:
        return tree.Match(False, (self.path(),), None)

    def _subquery(self) -> tree.Expression:
        cursor = self.cursor
        word = cursor.token.word
        if word == "COLLECT":
            raise RefusedError(FORBIDDEN_CLAUSE, "COLLECT { } is not allowed: use collect()")
        if word not in {"EXISTS", "COUNT"}:
            cursor.take()
            raise cursor.fault("an operator")
        cursor.take()
        with cursor.nested():
            cursor.expect("{")
            matches = self.subquery_body()
            cursor.expect("}")
        return tree.Subquery("EXISTS" if word == "EXISTS" else "COUNT", matches)

    def _test(self) -> tree.Expression:
        cursor = self.cursor
        kind = cursor.take().word.lower()
        cursor.expect("(")
        variable = cursor.variable()
        cursor.expect_words("IN")
        source = self.expression()
        cursor.expect_words("WHERE")
        where = self.expression()
        cursor.expect(")")
        return tree.Loop(kind, variable, source, where, None)

    def _case(self) -> tree.Expression:
        cursor = self.cursor
        cursor.expect_words("CASE")
        subject = None if cursor.at_words("WHEN") else self.expression()
        branches: list[tuple[tree.Expression, tree.Expression]] = []
        while cursor.accept_words("WHEN"):
            condition = self.expression()
            cursor.expect_words("THEN")
            branches.append((condition, self.expression()))
        if not branches:
            raise cursor.fault("WHEN")
        default = self.expression() if cursor.accept_words("ELSE") else None
        cursor.expect_words("END")
        return tree.Case(subject, tuple(branches), default)

    def _list(self) -> tree.Expression:
        cursor = self.cursor
        cursor.expect("[")
        if self.pattern_ahead():
            found: tree.Expression = self._pattern_list()
        elif cursor.at_variable() and cursor.ahead(1).word == "IN":
            found = self._comprehension()
        else:
            items: list[tree.Expression] = []
            while not cursor.at("]"):
                if items:
                    cursor.expect(",")
                items.append(self.expression())
            found = tree.ListLiteral(tuple(items))
        cursor.expect("]")
        return found

    def _pattern_list(self) -> tree.Expression:
        path = self.path()
        where = self.expression() if self.cursor.accept_words("WHERE") else None
        self.cursor.expect("|")
        return tree.PatternList(path, where, self.expression())

    def _comprehension(self) -> tree.Expression:
        cursor = self.cursor
        variable = cursor.variable()
        cursor.expect_words("IN")
        source = self.expression()
        where = self.expression() if cursor.accept_words("WHERE") else None
        result = self.expression() if cursor.accept("|") else None
        return tree.Loop("list", variable, source, where, result)
