"""The plan in the session and in the address, so that a reload or another page loses nothing."""

from __future__ import annotations

import streamlit as st

from nadeuri.web.plan import Plan

_PLAN, _OWN_TEXTS, _UNREADABLE = "plan", "plan-own-texts", "plan-unreadable"
_ADDRESS = "plan"


def current_plan() -> Plan:
    """The plan of this session; at the beginning of a visit, what the address says.

    Two quick clicks may send an address that the first of them has outdated: an address that this
    session wrote itself never replaces the session's plan.
    """
    text = st.query_params.get(_ADDRESS, "")
    own: set[str] = st.session_state.setdefault(_OWN_TEXTS, set())
    if text and text not in own:
        own.add(text)
        given = Plan.from_text(text)
        st.session_state[_UNREADABLE] = given is None
        if given is not None:
            st.session_state[_PLAN] = given
    plan: Plan = st.session_state.get(_PLAN, Plan())
    if text != _text(plan):
        _write(plan)
    return plan


def keep_plan(plan: Plan) -> None:
    """This is the plan from now on."""
    st.session_state[_PLAN] = plan
    st.session_state.pop(_UNREADABLE, None)
    _write(plan)


def is_address_unreadable() -> bool:
    """Whether the address held no plan that can be read, and nothing was planned since."""
    return bool(st.session_state.get(_UNREADABLE))


def _write(plan: Plan) -> None:
    text = _text(plan)
    st.session_state.setdefault(_OWN_TEXTS, set()).add(text)
    if text:
        st.query_params[_ADDRESS] = text
    else:
        st.query_params.pop(_ADDRESS, None)


def _text(plan: Plan) -> str:
    return "" if plan == Plan() else plan.to_text()
