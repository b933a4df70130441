"""Clauses and whole queries: the top of the parser."""

from __future__ import annotations

from typing import NoReturn

from nadeuri.guide.guard import tree
from nadeuri.guide.guard.cursor import Cursor
from nadeuri.guide.guard.limits import Limits
from nadeuri.guide.guard.patterns import PatternParser
from nadeuri.guide.guard.refusals import ROW_LIMIT, TOO_MANY_PARTS, RefusedError
from nadeuri.guide.guard.tokens import END, INTEGER, Token


def parse(tokens: list[Token], limits: Limits) -> tree.Query:
    """Parse exactly one read-only query.

    Raises:
        RefusedError: the tokens are anything else.
    """
    cursor = Cursor(tokens, limits)
    query = QueryParser(cursor).query()
    if cursor.at(";") and cursor.ahead(1).kind == END:
        cursor.take()
    if cursor.token.kind != END:
        raise cursor.fault("the end of the query")
    return query


class QueryParser(PatternParser):
    """Reads clauses off a cursor."""

    def query(self) -> tree.Query:
        """Take branches with UNION between them."""
        branches = [self._branch()]
        keep_all: list[bool] = []
        while self.cursor.accept_words("UNION"):
            keep_all.append(self.cursor.accept_words("ALL"))
            branches.append(self._branch())
        return tree.Query(tuple(branches), tuple(keep_all))

    def subquery_body(self) -> tuple[tree.Match, ...]:
        """Take what stands between the braces of EXISTS or COUNT: MATCH clauses, or a pattern."""
        if self.cursor.at("("):
            return (self._match_rest(optional=False),)
        matches = []
        while match := self._match():
            matches.append(match)
        if not matches or not self.cursor.at("}"):
            raise self.cursor.fault("MATCH, or the end of the subquery")
        return tuple(matches)

    def _branch(self) -> tuple[tree.Clause, ...]:
        clauses: list[tree.Clause] = []
        while not clauses or not isinstance(clauses[-1], tree.Return):
            clauses.append(self._clause())
            if len(clauses) > self.cursor.limits.clauses:
                raise RefusedError(
                    TOO_MANY_PARTS, f"the query has more than {self.cursor.limits.clauses} clauses"
                )
        return tuple(clauses)

    def _clause(self) -> tree.Clause:
        cursor = self.cursor
        if match := self._match():
            return match
        if cursor.accept_words("UNWIND"):
            source = self.expression()
            cursor.expect_words("AS")
            return tree.Unwind(source, cursor.name("the name of a variable"))
        if cursor.accept_words("WITH"):
            return tree.With(self._projection(named=True), self._where())
        if cursor.accept_words("RETURN"):
            return tree.Return(self._projection(named=False))
        raise cursor.fault("MATCH, WITH, UNWIND or RETURN")

    def _match(self) -> tree.Match | None:
        if self.cursor.accept_words("OPTIONAL"):
            self.cursor.expect_words("MATCH")
            return self._match_rest(optional=True)
        return self._match_rest(optional=False) if self.cursor.accept_words("MATCH") else None

    def _match_rest(self, *, optional: bool) -> tree.Match:
        return tree.Match(optional, self.paths(), self._where())

    def _where(self) -> tree.Expression | None:
        return self.expression() if self.cursor.accept_words("WHERE") else None

    def _projection(self, *, named: bool) -> tree.Projection:
        cursor = self.cursor
        distinct = cursor.accept_words("DISTINCT")
        everything = cursor.accept("*")
        items: list[tuple[tree.Expression, str | None]] = []
        if not everything or cursor.accept(","):
            items.append(self._item(named=named))
            while cursor.accept(","):
                items.append(self._item(named=named))
        order = self._order()
        skip = self._rows("SKIP", "OFFSET")
        limit = self._rows("LIMIT")
        return tree.Projection(distinct, everything, tuple(items), order, skip, limit)

    def _item(self, *, named: bool) -> tuple[tree.Expression, str | None]:
        expression = self.expression()
        if self.cursor.accept_words("AS"):
            return expression, self.cursor.name("a name")
        if named and not isinstance(expression, tree.Variable):
            raise self.cursor.fault("AS and a name in WITH")
        return expression, None

    def _order(self) -> tuple[tuple[tree.Expression, bool], ...]:
        cursor = self.cursor
        order: list[tuple[tree.Expression, bool]] = []
        if cursor.accept_words("ORDER", "BY"):
            while not order or cursor.accept(","):
                expression = self.expression()
                descending = cursor.accept_words("DESC") or cursor.accept_words("DESCENDING")
                if not descending and not cursor.accept_words("ASC"):
                    cursor.accept_words("ASCENDING")
                order.append((expression, descending))
        return tuple(order)

    def _rows(self, *words: str) -> int | None:
        """Take SKIP or LIMIT: a plain number, so that it can be compared with what is allowed."""
        cursor = self.cursor
        if not any(cursor.accept_words(word) for word in words):
            return None
        if cursor.token.kind != INTEGER:
            self._no_number(words[0])
        number = int(cursor.take().text)
        if cursor.at(*"+-*/%^.[("):
            self._no_number(words[0])
        return number

    def _no_number(self, word: str) -> NoReturn:
        raise RefusedError(ROW_LIMIT, f"{word} takes a plain number, as {word} 10")
