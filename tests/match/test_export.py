"""The artefact that is written: what its files hold, and what of the input is missing."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from packages_world import (
    agency_places,
    catalogue,
    google_places,
    mapping_pairs,
    package_stops,
    write_review_store,
)

from nadeuri import columns
from nadeuri.artifact import Artifact
from nadeuri.errors import DataError
from nadeuri.match import bundle
from nadeuri.match.export import Published, export_packages, published_mapping
from nadeuri.match.store.database import MappingStore


def table(artifact: Artifact, name: str) -> pa.Table:
    return pq.read_table(artifact.file(name))


def test_files_and_their_schemas(packages_artifact: Artifact) -> None:
    assert packages_artifact.metadata == {
        "model": "match-rate",
        "mapping_version": 3,
        "n_packages": 3,
        "n_places": 7,
        "n_others": 7,
        "n_mapped": 5,
        "n_unknown_stops": 0,
        "n_unknown_products": 1,
    }
    for name, schema in (
        (bundle.PRODUCTS_FILE, bundle.PRODUCTS),
        (bundle.PLACES_FILE, bundle.PLACES),
        (bundle.OTHERS_FILE, bundle.OTHERS),
        (bundle.MAPPING_FILE, bundle.MAPPING),
        (bundle.CITIES_FILE, bundle.CITIES),
    ):
        assert table(packages_artifact, name).schema.equals(schema), name


def test_the_same_input_gives_the_same_files(packages_artifact: Artifact, tmp_path: Path) -> None:
    again = export_packages(
        tmp_path / "again",
        stops=package_stops(),
        places=agency_places(),
        others=google_places(),
        mapping=Published(3, mapping_pairs()),
        catalogue=catalogue(),
    )
    assert again.manifest.files == packages_artifact.manifest.files


def test_without_a_catalogue_cities_are_the_agencys(tmp_path: Path) -> None:
    artifact = export_packages(
        tmp_path / "packages",
        stops=package_stops(),
        places=agency_places(),
        others=google_places(),
        mapping=Published(1, mapping_pairs()),
    )
    products = table(artifact, bundle.PRODUCTS_FILE)
    assert products[columns.CITY].to_pylist() == ["다낭", "오사카", "오사카"]
    assert products[columns.NAME].null_count == 3
    others = table(artifact, bundle.OTHERS_FILE)
    assert others[columns.CITY].to_pylist() == [*["오사카"] * 4, *["다낭"] * 2, None]


def test_fields_of_another_type_are_not_shown(tmp_path: Path) -> None:
    odd = catalogue().set_column(4, columns.PRICE, pa.array(["싸다", "비싸다"]))
    odd = odd.set_column(3, columns.NIGHTS, pa.array([1.5, float("nan")]))
    artifact = export_packages(
        tmp_path / "packages",
        stops=package_stops(),
        places=agency_places(),
        others=google_places(),
        mapping=Published(1, mapping_pairs()),
        catalogue=odd,
    )
    products = table(artifact, bundle.PRODUCTS_FILE)
    assert products[columns.PRICE].null_count == products[columns.NIGHTS].null_count == 3


def test_stops_at_places_that_are_not_in_the_table_are_counted(tmp_path: Path) -> None:
    artifact = export_packages(
        tmp_path / "packages",
        stops=package_stops(),
        places=agency_places().slice(1),
        others=google_places(),
        mapping=Published(1, mapping_pairs()),
    )
    assert artifact.metadata["n_unknown_stops"] == 2


def test_the_current_version_of_the_mapping(tmp_path: Path) -> None:
    with MappingStore(write_review_store(tmp_path)) as store, store.reading() as connection:
        published = published_mapping(connection)
    assert published.version == 1
    assert published.pairs.equals(mapping_pairs())


def test_no_version_yet(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'match.sqlite'}"
    with (
        MappingStore(url) as store,
        store.reading() as connection,
        pytest.raises(DataError, match="nadeuri match run"),
    ):
        published_mapping(connection)
