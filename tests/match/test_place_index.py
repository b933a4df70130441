"""A single place against an exported table: what the mapping would say of a table of one row."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from packages_world import agency_places
from poi_town import place, table, town

from nadeuri import columns
from nadeuri.artifact import Artifact
from nadeuri.errors import ArtifactError
from nadeuri.match.mapping import score_pairs
from nadeuri.match.place_index import PlaceIndex, export_place_index
from nadeuri.match.scorer import default_scorer

N = 80
"""Of a town: more than are near one place, so that candidates are left out."""


def opened(folder: Path, places: pa.Table) -> PlaceIndex:
    return PlaceIndex(export_place_index(folder / "index", places, default_scorer()).path)


def both(index: PlaceIndex, left: pa.Table, right: pa.Table) -> list[tuple[float, float]]:
    """Probabilities of the same pairs by the index and by the mapping; the pairs must be equal."""
    found = []
    for row, place_row in enumerate(left.to_pylist()):
        alone = score_pairs(left.slice(row, 1), right, default_scorer()).candidates().to_pylist()
        batch = {each[columns.RIGHT]: each[columns.PROBABILITY] for each in alone}
        asked = {
            each.place[columns.PLACE_ID]: each.probability
            for each in index.match(place_row).candidates
        }
        assert len(batch) == len(asked)
        found += [(asked[each], batch[each]) for each in asked if each in batch]
    return found


def test_a_place_alone_is_judged_like_a_table_of_one_row(tmp_path: Path) -> None:
    left, right = town(N, seed=3)
    pairs = np.array(both(opened(tmp_path, right), left.slice(0, 6), right))
    assert len(pairs) > 50
    assert np.abs(pairs[:, 0] - pairs[:, 1]).max() < 0.05
    assert np.quantile(np.abs(pairs[:, 0] - pairs[:, 1]), 0.9) < 0.005


def test_places_in_several_scripts(place_index_artifact: Artifact) -> None:
    index = PlaceIndex(place_index_artifact.path)
    castle, dotonbori, *_ = agency_places().to_pylist()
    for row, right in ((castle, "G1"), (dotonbori, "G2")):
        match = index.match(row, k=3)
        best = match.candidates[0]
        assert (match.decision, best.place[columns.PLACE_ID]) == (columns.ACCEPT, right)
        assert best.metres == pytest.approx(0, abs=0.1)
        chances = [each.probability for each in match.candidates]
        assert chances == sorted(chances, reverse=True)
        assert 1 < len(chances) <= 3


def test_what_is_nowhere_near_is_none_of_them(place_index_artifact: Artifact) -> None:
    index = PlaceIndex(place_index_artifact.path)
    match = index.match(place("?", "Zzyzx Quarry", 35.1, -116.1))
    assert match.decision == columns.NONE
    assert all(each.probability < 0.5 for each in match.candidates)


def test_a_name_alone_finds_its_place(place_index_artifact: Artifact) -> None:
    match = PlaceIndex(place_index_artifact.path).match({columns.NAME: "Kuromon Market"})
    best = match.candidates[0]
    assert (best.place[columns.PLACE_ID], best.metres) == ("G3", None)


def test_a_telephone_number_leads_to_a_place_elsewhere(tmp_path: Path) -> None:
    rows = [place("r1", "Blue Cafe", 35.0, 135.0) | {columns.PHONE: "06-1234-5678"}]
    rows += [place(f"r{i}", f"Old Hotel {i}", 35.2, 135.2) for i in range(2, 9)]
    index = opened(tmp_path, table(rows))
    asked = place("", "青い珈琲", 34.0, 134.0) | {columns.PHONE: "+81 6 1234 5678"}
    assert "r1" in [each.place[columns.PLACE_ID] for each in index.match(asked).candidates]


def test_a_table_without_coordinates(tmp_path: Path) -> None:
    index = opened(tmp_path, table([place("r1", "Blue Cafe"), place("r2", "Old Hotel")]))
    best = index.match(place("", "Blue Cafe", 35.0, 135.0)).candidates[0]
    assert (best.place[columns.PLACE_ID], best.metres) == ("r1", None)


def test_another_artefact_is_refused(packages_artifact: Artifact) -> None:
    with pytest.raises(ArtifactError, match="place_index"):
        PlaceIndex(packages_artifact.path)
