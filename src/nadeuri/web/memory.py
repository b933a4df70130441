"""What a page asked the API, kept in the session for a while: drawing anew asks nothing anew."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import TypeVar

import streamlit as st

from nadeuri.web.door import ApiError

MAX_AGE_S = 60.0
"""An older answer is asked for again: models, cities and places change while a session lasts."""

T = TypeVar("T")


def remembered(name: str, asked: object, ask: Callable[[], T], waiting: str) -> T:
    """The answer to ``asked``; the one of last time if that was the same question just now.

    Args:
        name: of the kind of question; one answer is kept for each.
        ask: called for an answer. What it raises is raised and nothing is kept, unless the last
            answer is only too old: that is better than none while the server is busy or away.
        waiting: said meanwhile, if that takes long.
    """
    key = f"remembered-{name}"
    kept: tuple[object, T, float] | None = st.session_state.get(key)
    place = st.empty()  # there whether or not it is needed, so that what follows keeps its place
    if kept is not None and kept[0] != asked:
        kept = None
    if kept is None or monotonic() - kept[2] >= MAX_AGE_S:
        try:
            with place, st.spinner(waiting):
                kept = (asked, ask(), monotonic())
        except ApiError as error:
            if kept is None or error.is_not_offered:
                raise
        st.session_state[key] = kept
    return kept[1]
