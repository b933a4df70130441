"""How two lists differ, as an HTML table; whatever comes from data is escaped."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from nadeuri.web.comparison import Mix

_MOST_NAMED = 4


def versus_html(names: Sequence[str], mixes: Sequence[Mix], n_both: int) -> str:
    """A column for each model: how many cities, countries and categories are in its list.

    Args:
        n_both: products that are in both lists.
    """
    heads = "".join(f'<th scope="col">{escape(name)}</th>' for name in names)
    rows = "".join(
        _row(label, [getattr(mix, field) for mix in mixes], unit)
        for label, field, unit in (
            ("도시", "cities", "곳"),
            ("나라", "countries", "곳"),
            ("종류", "categories", "가지"),
        )
    )
    both = (
        f"각 목록 가운데 두 목록에 모두 있는 상품 <b>{n_both}개</b>"
        if n_both
        else "두 목록이 모두 달라요"
    )
    return (
        f'<div class="nd-versus"><table><thead><tr><td></td>{heads}</tr></thead>'
        f"<tbody>{rows}</tbody></table><p>{both}</p></div>"
    )


def _row(
    label: str,
    counted: Sequence[Sequence[tuple[str, int]]],
    unit: str,
) -> str:
    cells = "".join(
        f"<td><b>{len(values)}{unit}</b><small>{_named(values)}</small></td>" for values in counted
    )
    return f'<tr><th scope="row">{label}</th>{cells}</tr>'


def _named(values: Sequence[tuple[str, int]]) -> str:
    """The commonest values and how many products of the list have each."""
    said = [f"{escape(value)} {n}" for value, n in values[:_MOST_NAMED]]
    more = len(values) - _MOST_NAMED
    return " · ".join([*said, *([f"외 {more}"] if more > 0 else [])])
