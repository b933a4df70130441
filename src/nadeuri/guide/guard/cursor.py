"""Where the parser stands: looking at tokens, taking them, and saying what was expected."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from nadeuri.guide.guard.limits import Limits
from nadeuri.guide.guard.refusals import (
    FORBIDDEN_CLAUSE,
    SEVERAL_STATEMENTS,
    TOO_DEEP,
    UNPARSABLE,
    RefusedError,
    shown,
)
from nadeuri.guide.guard.tokens import END, NAME, QUOTED_NAME, SYMBOL, Token
from nadeuri.guide.guard.words import RESERVED, STATEMENT_WORDS

_OPEN = {"(": ")", "[": "]", "{": "}"}


class Cursor:
    """A position in a list of tokens.

    Raises:
        RefusedError: brackets do not fit together, or are too deep inside each other.
    """

    def __init__(self, tokens: list[Token], limits: Limits) -> None:
        self.tokens = tokens
        self.limits = limits
        self.position = 0
        self.depth = 0
        self._closing = self._brackets()

    @property
    def token(self) -> Token:
        """The token here; ``END`` for ever once all are taken."""
        return self.tokens[self.position]

    def ahead(self, steps: int) -> Token:
        """A later token."""
        position = self.position + steps
        return self.tokens[position] if position < len(self.tokens) else self.tokens[-1]

    def symbol(self, steps: int = 0) -> str:
        """The symbol there; empty where there is none."""
        token = self.ahead(steps)
        return token.text if token.kind == SYMBOL else ""

    def behind_bracket(self) -> int:
        """How many steps ahead the token behind the bracket that opens here is."""
        return self._closing[self.position] + 1 - self.position

    def take(self) -> Token:
        """The token here; go on to the next."""
        token = self.token
        if token.kind != END:
            self.position += 1
        return token

    def at(self, *symbols: str) -> bool:
        """Whether one of these symbols stands here."""
        return self.symbol() in symbols

    def at_words(self, *words: str) -> bool:
        """Whether these keywords stand here, in this order."""
        if self.token.word != words[0]:
            return False
        return all(self.ahead(steps).word == word for steps, word in enumerate(words))

    def accept(self, symbol: str) -> bool:
        """Take the symbol if it stands here."""
        if found := self.at(symbol):
            self.position += 1
        return found

    def accept_words(self, *words: str) -> bool:
        """Take the keywords if they stand here."""
        if found := self.at_words(*words):
            self.position += len(words)
        return found

    def expect(self, symbol: str) -> None:
        """Take the symbol.

        Raises:
            RefusedError: something else stands here.
        """
        if not self.accept(symbol):
            raise self.fault(f"'{symbol}'")

    def expect_words(self, *words: str) -> None:
        """Take the keywords.

        Raises:
            RefusedError: something else stands here.
        """
        if not self.accept_words(*words):
            raise self.fault(" ".join(words))

    def at_variable(self, steps: int = 0) -> bool:
        """Whether a name stands there that a variable may have."""
        token = self.ahead(steps)
        return token.kind == QUOTED_NAME or (
            token.kind == NAME and token.word not in RESERVED and token.word not in STATEMENT_WORDS
        )

    def variable(self) -> str:
        """Take the name of a variable."""
        if not self.at_variable():
            raise self.fault("the name of a variable")
        return self.take().text

    def name(self, what: str) -> str:
        """Take a name where keywords are names too: of a label, a property, a column."""
        if self.token.kind not in {NAME, QUOTED_NAME}:
            raise self.fault(what)
        return self.take().text

    @contextmanager
    def nested(self) -> Iterator[None]:
        """One level deeper for as long as it lasts.

        Raises:
            RefusedError: that is too deep.
        """
        self.depth += 1
        if self.depth > self.limits.depth:
            raise self._too_deep()
        yield
        self.depth -= 1

    def fault(self, expected: str) -> RefusedError:
        """What to raise where something else was expected."""
        token = self.token
        if token.word in STATEMENT_WORDS:
            return RefusedError(
                FORBIDDEN_CLAUSE, f"{token.word} is not allowed: write a query that only reads"
            )
        if token.kind == SYMBOL and token.text == ";":
            return RefusedError(SEVERAL_STATEMENTS, "there is more than one statement; write one")
        found = "the end" if token.kind == END else shown(token.text)
        return RefusedError(UNPARSABLE, f"expected {expected}, found {found} (at {token.at})")

    def _brackets(self) -> dict[int, int]:
        """Position of every opening bracket -> position of the one that closes it."""
        closing: dict[int, int] = {}
        opened: list[int] = []
        for position, token in enumerate(self.tokens):
            if token.kind != SYMBOL:
                continue
            if token.text in _OPEN:
                opened.append(position)
                if len(opened) > self.limits.depth:
                    raise self._too_deep()
            elif token.text in _OPEN.values():
                if not opened or _OPEN[self.tokens[opened[-1]].text] != token.text:
                    raise self._unbalanced(position)
                closing[opened.pop()] = position
        if opened:
            raise self._unbalanced(opened[-1])
        return closing

    def _unbalanced(self, position: int) -> RefusedError:
        token = self.tokens[position]
        return RefusedError(UNPARSABLE, f"the bracket '{token.text}' at {token.at} has no partner")

    def _too_deep(self) -> RefusedError:
        return RefusedError(
            TOO_DEEP, f"expressions are more than {self.limits.depth} deep; write them flatter"
        )
