"""What the tabs of the lab page share: a report to choose, charts, tables and empty states."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from typing import TYPE_CHECKING, NamedTuple

import streamlit as st

from nadeuri.tracking_read import TrackedRun
from nadeuri.web.korea import moment
from nadeuri.web.lab_charts import CONFIG
from nadeuri.web.lab_store import LabStore

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


class Row(NamedTuple):
    """A row of a table; its cells are texts, the first one names the row."""

    cells: Sequence[str]
    is_chosen: bool = False


def choose_report(kind: str, label: str, reports: Sequence[TrackedRun]) -> TrackedRun:
    """One of the reports of a kind, as the address has it; at first the last one that was made."""
    by_id = {run.run_id: run for run in reports}
    ids = list(by_id)
    asked = st.query_params.get(kind)
    chosen: str = st.selectbox(
        label,
        ids,
        index=ids.index(asked) if asked in ids else 0,
        format_func=lambda run_id: _title(by_id[run_id]),
        key=f"report-{kind}",
        width=460,
    )
    st.query_params[kind] = chosen
    return by_id[chosen]


def show_figure(figure: Figure, key: str, alt: str) -> None:
    """A chart; ``alt`` says what it shows to those who cannot see it."""
    st.plotly_chart(figure, key=key, config=CONFIG, alt=alt)


def show_page_download(store: LabStore, run: TrackedRun) -> None:
    """The whole report as a file."""
    st.download_button(
        "전체 보고서 내려받기 (HTML)",
        data=lambda: store.page(run.run_id),
        file_name=f"{run.experiment}-{run.started:%Y%m%d}.html",
        mime="text/html",
        icon=":material/download:",
        on_click="ignore",
    )


def show_nothing(text: str, command: str) -> None:
    """There is nothing yet, and how that changes."""
    st.html(f'<div class="nd-lab-empty"><p>{escape(text)}</p></div>')
    st.code(command, language="bash", wrap_lines=True)


def table_html(heads: Sequence[str], rows: Sequence[Row], caption: str) -> str:
    """A table that scrolls within itself where it is too wide; ``caption`` is for screen readers.

    Args:
        heads: of the columns; the first one is that of the names.
    """
    head = "".join(f'<th scope="col">{escape(text)}</th>' for text in heads)
    body = "".join(_row_html(row) for row in rows)
    name = escape(caption)
    return (
        f'<div class="nd-lab-scroll" role="region" aria-label="{name}" tabindex="0">'
        f'<table class="nd-lab-table"><caption>{name}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def facts_html(facts: Sequence[tuple[str, str]]) -> str:
    """Names and what they say, a line for each."""
    rows = "".join(f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in facts)
    return f'<dl class="nd-facts nd-lab-facts">{rows}</dl>'


def verdict_html(title: str, chosen: str, sentences: Sequence[str]) -> str:
    """What was chosen, and why."""
    reasons = "".join(f"<li>{escape(sentence)}</li>" for sentence in sentences)
    return (
        f'<section class="nd-lab-verdict"><p>{escape(title)}</p><strong>{escape(chosen)}</strong>'
        f"<ul>{reasons}</ul></section>"
    )


def heading(text: str, note: str = "") -> None:
    """A section's title, and what is to be seen in it."""
    below = f'<p class="nd-lab-note">{escape(note)}</p>' if note else ""
    st.html(f'<h2 class="nd-lab-head">{escape(text)}</h2>{below}')


def p_text(p_value: float) -> str:
    """A p-value, in words."""
    return "p < 0.001" if p_value < 0.001 else f"p = {p_value:.3f}"


def higher(difference: float) -> str:
    """What a figure is beside another one, after 보다: ``0.0012 높아요``."""
    return f"{abs(difference):.4f} {'낮아요' if difference < 0 else '높아요'}"


def signed(value: float, form: Callable[[float], str] = "{:.4f}".format) -> str:
    """With its sign, minus as a minus."""
    return f"{'−' if value < 0 else '+'}{form(abs(value))}"


def _title(run: TrackedRun) -> str:
    name = run.name.partition(": ")[2] or run.name
    return f"{run.experiment} · {name} · {moment(run.started)}"


def _row_html(row: Row) -> str:
    first, *others = row.cells
    star = '<span class="nd-lab-star" title="선택됨">★</span> ' if row.is_chosen else ""
    cells = "".join(f"<td>{_lines(cell)}</td>" for cell in others)
    mark = ' class="nd-lab-chosen"' if row.is_chosen else ""
    return f'<tr{mark}><th scope="row">{star}{escape(first)}</th>{cells}</tr>'


def _lines(cell: str) -> str:
    """What follows a line break is a smaller line below."""
    first, _, second = cell.partition("\n")
    return escape(first) + (f"<small>{escape(second)}</small>" if second else "")
