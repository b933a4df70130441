"""A number of something, or "auto": an option's type."""

from __future__ import annotations

import click


class CountOrAuto(click.ParamType[int | None]):
    """A number from 1, or ``auto``, which is None: to be chosen."""

    name = "auto|N"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> int | None:
        """``value`` as typed.

        Raises:
            click.BadParameter: neither.
        """
        if value == "auto":
            return None
        text = str(value)
        if not text.isdecimal() or int(text) < 1:
            self.fail(f'{text!r} is neither a number from 1 nor "auto"', param, ctx)
        return int(text)
