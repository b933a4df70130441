"""What a page asked the API, kept in the session so that the same question is asked once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import streamlit as st

T = TypeVar("T")


def remembered(name: str, asked: object, ask: Callable[[], T], waiting: str) -> T:
    """The answer to ``asked``; the one of last time if that was the same question.

    Args:
        name: of the kind of question; one answer is kept for each.
        ask: called for an answer; what it raises is raised, and nothing is kept.
        waiting: said meanwhile, if that takes long.
    """
    key = f"remembered-{name}"
    kept: tuple[object, T] | None = st.session_state.get(key)
    place = st.empty()  # there whether or not it is needed, so that what follows keeps its place
    if kept is None or kept[0] != asked:
        with place, st.spinner(waiting):
            kept = (asked, ask())
        st.session_state[key] = kept
    return kept[1]
