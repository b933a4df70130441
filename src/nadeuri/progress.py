"""Progress bars on stderr, where a person is watching."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TypeVar, cast

T = TypeVar("T")


def progress(
    iterable: Iterable[T], description: str, total: int | None = None, *, force: bool = False
) -> Iterable[T]:
    """Iterate with a bar when stderr is a terminal; otherwise return ``iterable`` itself.

    Args:
        iterable: what is worked through.
        description: short text before the bar.
        total: number of steps, where ``iterable`` has no length.
        force: draw the bar even when stderr is no terminal.
    """
    if not (force or sys.stderr.isatty()):
        return iterable
    from tqdm import tqdm

    bar = tqdm(iterable, desc=description, total=total, dynamic_ncols=True, file=sys.stderr)
    return cast("Iterable[T]", bar)


def notice(text: str) -> None:
    """A line on stderr that stays, above a bar if there is one: for what nobody expected."""
    from tqdm import tqdm

    tqdm.write(text, file=sys.stderr)
