"""Numbers in Korean texts."""

from __future__ import annotations

import re
from dataclasses import dataclass

_NUMBER = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?")
_UNIT_LENGTH = 2
_HALF, _SLACK = 0.5, 1e-6


@dataclass(frozen=True)
class SaidNumber:
    """A number that a text says.

    Attributes:
        digits: after the point.
        unit: the characters right after it, spaces skipped.
    """

    value: float
    digits: int
    unit: str

    def rounds(self, value: float) -> bool:
        """Whether it is ``value``, rounded to its digits."""
        return abs(self.value - value) <= _HALF * 10.0**-self.digits + _SLACK


def numbers_in(text: str) -> list[SaidNumber]:
    """The numbers of a text, ``18,000`` as one."""
    found = []
    for match in _NUMBER.finditer(text):
        plain = match[0].replace(",", "")
        unit = text[match.end() :].lstrip()[:_UNIT_LENGTH]
        found.append(SaidNumber(float(plain), len(plain.partition(".")[2]), unit))
    return found
