"""How pages say where places lie."""

from __future__ import annotations


def distance(metres: float | None) -> str:
    """In words; a place without coordinates has none."""
    if metres is None:
        return "모름"
    return f"{metres:.0f} m" if metres < 1000 else f"{metres / 1000:,.1f} km"
