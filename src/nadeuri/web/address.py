"""Switches whose state is in the address, so that a link keeps it."""

from __future__ import annotations

import streamlit as st

_ON = "1"


def show_switch(label: str, name: str, *, help_text: str | None = None) -> bool:
    """A switch; the address has ``name=1`` while it is on.

    Streamlit's own binding keeps a parameter on every page that comes after, and lets nobody clear
    it; this one is of its page alone.
    """
    key = f"switch-{name}"
    if key not in st.session_state:
        st.session_state[key] = st.query_params.get(name) == _ON
    is_on = st.toggle(label, key=key, help=help_text, persist_state="session")
    if is_on and st.query_params.get(name) != _ON:
        st.query_params[name] = _ON
    elif not is_on and name in st.query_params:
        st.query_params.pop(name)
    return is_on
