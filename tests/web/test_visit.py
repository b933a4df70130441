"""Visits in addresses: what is written is read again, and any text is read."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from nadeuri.web.shop_types import Product, Traveller
from nadeuri.web.visit import MOST_SEEN, MOST_STORED, Visit

CODES = st.text(st.characters(exclude_categories=["Z", "C"]), min_size=1, max_size=9)


def test_clicks_in_order() -> None:
    visit = Visit().with_seen("A").with_seen("B").with_seen("A")
    assert visit.seen == ("B", "A"), "the last look counts"
    assert visit.without_seen("B").seen == ("A",)
    assert visit.address == {"seen": "B,A"}
    assert Visit().address == {}


def test_a_known_travellers_history_goes_before_that_of_the_visit() -> None:
    last = tuple(Product(item=f"P{n}") for n in range(MOST_STORED + 5))
    traveller = Traveller(user="u", n_clicks=99, last=last)
    assert Visit("u").history(traveller) == [], "the server knows it better"
    history = Visit("u", ("A", "P1")).history(traveller)
    assert history[-3:] == ["P0", "A", "P1"]
    assert len(history) == MOST_STORED + 1
    assert Visit(None, ("A",)).history(None) == ["A"]


def test_long_visits_forget_their_beginning() -> None:
    visit = Visit.from_address("", ",".join(f"P{n}" for n in range(MOST_SEEN + 3)))
    assert len(visit.seen) == MOST_SEEN
    assert visit.seen[-1] == f"P{MOST_SEEN + 2}"


@given(st.none() | CODES, st.lists(CODES, max_size=5, unique=True))
def test_an_address_is_read_as_it_was_written(user: str | None, codes: list[str]) -> None:
    visit = Visit(user, tuple(codes))
    address = visit.address
    assert Visit.from_address(address.get("user", ""), address.get("seen", "")) == visit


@given(st.text(max_size=200), st.text(max_size=200))
def test_any_address_is_a_visit(user: str, seen: str) -> None:
    visit = Visit.from_address(user, seen)
    assert len(visit.seen) <= MOST_SEEN
    assert len(set(visit.seen)) == len(visit.seen)
    assert all(visit.seen)
