"""Facts of the tiny sample's places."""

from __future__ import annotations

import pytest

from nadeuri.guide.facts import PlaceFacts, facts_of
from nadeuri.guide.ladybug import LadybugStore


class Places(dict[str, PlaceFacts]):
    """Facts by place; hypothesis prints what a test is given."""

    def __repr__(self) -> str:
        return f"{len(self)} places"


@pytest.fixture(scope="session")
def places(tiny_store: LadybugStore) -> dict[str, PlaceFacts]:
    """Facts of all thirty places."""
    rows = tiny_store.query("MATCH (p:Place) RETURN p.place_id AS id ORDER BY id")
    return Places(facts_of(tiny_store, [str(row["id"]) for row in rows]))


@pytest.fixture(scope="session")
def pork(places: dict[str, PlaceFacts]) -> PlaceFacts:
    """고운마루: grilled pork in Aewol, closed on Tuesdays, 28% of the visits have to wait."""
    return places["P00001"]
