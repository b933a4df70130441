"""Who visits and what they looked at, in the session and in the address, so that links keep it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self
from urllib.parse import quote, unquote

import streamlit as st

from nadeuri.web.shop_types import Traveller

MOST_SEEN = 30
"""Products that a visit remembers; the oldest go first."""
MOST_STORED = 20
"""Products of a known traveller that go before those of the visit."""

_VISIT, _OWN = "visit", "visit-own-addresses"
_USER, _SEEN = "user", "seen"
MAX_CODE = 100
"""Characters of a product code or a traveller's id; no longer one is asked for."""


@dataclass(frozen=True)
class Visit:
    """A visit so far.

    Attributes:
        user: the known traveller that is visiting; None for somebody new.
        seen: codes of products, oldest first, none twice.
    """

    user: str | None = None
    seen: tuple[str, ...] = ()

    def with_seen(self, code: str) -> Self:
        """The product was looked at just now."""
        seen = (*(each for each in self.seen if each != code), code)
        return type(self)(self.user, seen[-MOST_SEEN:])

    def without_seen(self, code: str) -> Self:
        """As if the product had never been looked at."""
        return type(self)(self.user, tuple(each for each in self.seen if each != code))

    def of(self, user: str | None) -> Self:
        """The same, by another traveller."""
        return type(self)(user, self.seen)

    def history(self, traveller: Traveller | None) -> list[str]:
        """What to recommend by, oldest first; empty where the stored history does as it is.

        The API takes a given history in place of the stored one, so a known traveller's last
        products go before those of the visit.
        """
        if not self.seen:
            return []
        stored = [] if traveller is None else [each.item for each in traveller.last[:MOST_STORED]]
        return [*(code for code in reversed(stored) if code not in self.seen), *self.seen]

    @property
    def address(self) -> dict[str, str]:
        """The parameters of an address that name this visit."""
        seen = ",".join(quote(code, safe="") for code in self.seen)
        return ({_USER: self.user} if self.user else {}) | ({_SEEN: seen} if seen else {})

    @classmethod
    def from_address(cls, user: str, seen: str) -> Self:
        """What parameters of an address say; what is no product code is left out."""
        codes = [unquote(each).strip() for each in seen.split(",")]
        visit = cls(user.strip()[:MAX_CODE] or None)
        for code in codes:
            if code and len(code) <= MAX_CODE:
                visit = visit.with_seen(code)
        return visit


def current_visit() -> Visit:
    """The visit of this session; at its beginning, or by a link, what the address says.

    Two quick clicks may send an address that the first of them has outdated: an address that this
    session wrote itself never replaces the session's visit.
    """
    given = (st.query_params.get(_USER, ""), st.query_params.get(_SEEN, ""))
    own = st.session_state.setdefault(_OWN, set())
    if any(given) and given not in own:
        own.add(given)
        st.session_state[_VISIT] = Visit.from_address(*given)
    visit: Visit = st.session_state.get(_VISIT, Visit())
    if given != _parameters(visit.address):
        _write(visit)
    return visit


def keep_visit(visit: Visit) -> None:
    """This is the visit from now on."""
    st.session_state[_VISIT] = visit
    _write(visit)


def see(code: str) -> None:
    """The product was looked at just now; a callback of whatever shows it."""
    keep_visit(current_visit().with_seen(code))


def forget(codes: Sequence[str]) -> None:
    """The products were not looked at after all; a callback."""
    visit = current_visit()
    for code in codes:
        visit = visit.without_seen(code)
    keep_visit(visit)


def _write(visit: Visit) -> None:
    address = visit.address
    st.session_state.setdefault(_OWN, set()).add(_parameters(address))
    for name in (_USER, _SEEN):
        if name in address:
            st.query_params[name] = address[name]
        else:
            st.query_params.pop(name, None)


def _parameters(address: dict[str, str]) -> tuple[str, str]:
    return address.get(_USER, ""), address.get(_SEEN, "")
