"""What the guard needs to know of a graph."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Protocol


class Relationship(Protocol):
    """A relationship type: the labels that it joins, and its properties."""

    @property
    def pairs(self) -> Collection[tuple[str, str]]:
        """``(from label, to label)``."""

    @property
    def properties(self) -> Mapping[str, str]:
        """Property -> type name."""


class Schema(Protocol):
    """A graph whose nodes have one label each. Names are case-sensitive."""

    @property
    def labels(self) -> Mapping[str, Mapping[str, str]]:
        """Label -> property -> type name."""

    @property
    def relationships(self) -> Mapping[str, Relationship]:
        """Relationship type -> what it joins."""
