"""How many places versions have, over a real database."""

from __future__ import annotations

from pathlib import Path

from packages_world import write_versions

from nadeuri import columns
from nadeuri.match.store.database import MappingStore
from nadeuri.match.store.tally import Tally, tallies


def test_versions_are_counted_as_they_were(tmp_path: Path) -> None:
    with MappingStore(write_versions(tmp_path)) as store, store.reading() as connection:
        first = [
            Tally(1, columns.ACCEPT, columns.SCORER, "s-1", 5),
            Tally(1, columns.ASK, columns.SCORER, "s-1", 2),
        ]
        assert tallies(connection, [1]) == first
        counted = {(each.decision, each.source): each.n_places for each in tallies(connection, [2])}
        assert counted == {
            (columns.ACCEPT, columns.SCORER): 5,
            (columns.ACCEPT, columns.PERSON): 1,
            (columns.NONE, columns.LLM): 1,
        }
        again = [(each.decision, each.n_places) for each in tallies(connection, [3])]
        assert again == [(each.decision, each.n_places) for each in first]
        assert len(tallies(connection, [3, 1])) == 4
        assert tallies(connection, []) == []
