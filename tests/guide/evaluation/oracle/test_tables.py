"""What the oracle reads."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from nadeuri.errors import DataError
from nadeuri.guide.evaluation.oracle.tables import PlaceTables


def test_a_sample_world_is_found_as_well(three_places: Path, tmp_path: Path) -> None:
    shutil.copytree(three_places, tmp_path / "places")
    assert list(PlaceTables(tmp_path).places) == ["P1", "P2", "P3"]


def test_all_tables_are_needed(three_places: Path, tmp_path: Path) -> None:
    shutil.copytree(three_places, tmp_path, dirs_exist_ok=True)
    (tmp_path / "usage.parquet").unlink()
    with pytest.raises(DataError, match="the table usage is missing"):
        PlaceTables(tmp_path)


def test_other_formats_are_refused(three_places: Path, tmp_path: Path) -> None:
    shutil.copytree(three_places, tmp_path, dirs_exist_ok=True)
    (tmp_path / "usage.parquet").unlink()
    (tmp_path / "usage.csv").write_text("place_id\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"usage\.csv: the oracle reads Parquet only"):
        PlaceTables(tmp_path)


def test_distances_reach_five_kilometres(tables: PlaceTables) -> None:
    metres = tables.metres_to("한담해안산책로")
    assert metres.keys() == {"P1", "P2"}
    assert metres["P1"] == pytest.approx(927.6, abs=1)
    assert tables.sights_near("P3") == {}


def test_reviews_of_a_place(tables: PlaceTables) -> None:
    assert [row["review_id"] for row in tables.reviews_of("P1")] == ["R1", "R2"]
    assert tables.keywords == ("양이 많아요", "조용해요", "친절해요")
