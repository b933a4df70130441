"""The look that all pages share: style, head, and how a failure is told."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from html import escape
from importlib.resources import files
from typing import Any, Literal

import streamlit as st

from nadeuri.web.navigation import MAIN_ID
from nadeuri.web.theme import DARK, LIGHT


def show_style() -> None:
    """The style sheets, once in a run."""
    st.html(f"<style>{_style()}</style>")


def show_head(title: str, button: str, icon: str, on_click: Callable[[], None]) -> None:
    """The title of a page, and a button that begins anew."""
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        show_title(title)
        st.button(button, icon=icon, on_click=on_click)


def show_title(title: str) -> None:
    """The title of a page, to which the skip link goes."""
    st.html(f'<h1 class="nd-title" id="{MAIN_ID}" tabindex="-1">{escape(title)}</h1>')


def show_section(
    title: str,
    note: str = "",
    *,
    tag: tuple[str, str] | None = None,
    width: Literal["stretch", "content"] = "stretch",
) -> None:
    """The head of a part of a page.

    Args:
        note: in small letters beside it.
        tag: words and the class of their colour.
        width: ``content`` where something else is on its line.
    """
    marked = "" if tag is None else f'<span class="nd-tag {tag[1]}">{escape(tag[0])}</span>'
    small = f" <small>{escape(note)}</small>" if note else ""
    st.html(f'<h2 class="nd-section">{escape(title)}{marked}{small}</h2>', width=width)


def show_lead(text: str) -> None:
    """What a page is for, while it is empty."""
    st.html(f'<p class="nd-lead">{escape(text)}</p>')


def ink() -> str:
    """The colour of text in the theme that is shown, for charts, which know no CSS variables."""
    theme = DARK if st.context.theme.type == "dark" else LIGHT
    return theme["textColor"]


def show_fault(
    message: str,
    on_click: Callable[..., None] | None = None,
    args: tuple[Any, ...] = (),
    *,
    key: str | None = None,
) -> None:
    """What went wrong, and a way to try again.

    Args:
        key: of the button, where another fault may be on the page.
    """
    st.error(message, icon=":material/cloud_off:")
    st.button("다시 시도", icon=":material/refresh:", key=key, on_click=on_click, args=args)


@cache
def _style() -> str:
    sheets = sorted(files("nadeuri.web").joinpath("style").iterdir(), key=lambda sheet: sheet.name)
    return "\n".join(sheet.read_text(encoding="utf-8") for sheet in sheets)
