from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from nadeuri import columns
from nadeuri.artifact import Artifact
from nadeuri.errors import ConfigError
from nadeuri.recommend.coview.map import NONE, build_map, project

Write = Callable[..., Path]


def test_what_is_near_by_cosine_is_near_on_the_map(write_map_artefact: Write) -> None:
    (panel,) = build_map([write_map_artefact("a")]).panels
    cities = (panel.rows + 1) % 3
    distances = np.linalg.norm(panel.points[:, None] - panel.points[None], axis=2)
    np.fill_diagonal(distances, np.inf)
    nearest = np.argsort(distances, axis=1)[:, :5]
    assert (cities[nearest] == cities[:, None]).all()


def test_two_runs_are_equal(write_map_artefact: Write) -> None:
    path = write_map_artefact("a")
    (first,), (second,) = (build_map([path]).panels for _ in range(2))
    assert np.array_equal(first.points, second.points)
    assert np.isfinite(first.points).all()


def test_products_without_a_vector_are_left_out_and_cold_ones_marked(
    write_map_artefact: Write,
) -> None:
    found = build_map([write_map_artefact("a")])
    (panel,) = found.panels
    assert found.n_products == 60
    assert (found.codes[0], found.names[0]) == ("P02", "도쿄 여행 2")
    assert (len(found.codes), panel.n_vectors) == (59, 59)
    assert [found.codes[row] for row in panel.rows[panel.is_cold]] == ["P02"]


def test_every_panel_shows_the_same_sample(write_map_artefact: Write) -> None:
    paths = [write_map_artefact("a"), write_map_artefact("b", kind=columns.PROD2VEC, seed=1)]
    found = build_map(paths, max_shown=20)
    assert len(found.codes) == 20
    assert [len(panel.rows) for panel in found.panels] == [20, 20]
    assert [panel.n_vectors for panel in found.panels] == [59, 59]
    assert [panel.title for panel in found.panels] == ["Meta-Prod2Vec", "Prod2Vec"]
    assert build_map(paths[1:], max_shown=20).codes == found.codes


def test_separation_is_measured_on_all_products(write_map_artefact: Write) -> None:
    path = write_map_artefact("a")
    whole, part = (build_map([path], max_shown=n).panels[0].separation for n in (60, 5))
    assert whole == part
    assert whole.purity == 1
    assert whole.by_chance == pytest.approx(0.32, abs=0.02)


def test_fields_to_colour_by(write_map_artefact: Write) -> None:
    city, category = build_map([write_map_artefact("a")]).fields
    assert (city.name, category.name) == (columns.CITY, columns.CATEGORY)
    assert city.values == tuple(sorted(("오사카", "도쿄", "다낭")))
    assert [city.values[label] for label in city.labels[:3]] == ["도쿄", "다낭", "오사카"]
    assert category.values == ("패키지",)
    assert category.labels[:5].tolist() == [0, 0, 0, 0, NONE]
    asked = build_map([write_map_artefact("b")], columns.CATEGORY)
    assert asked.fields[0].name == columns.CATEGORY
    assert asked.panels[0].separation.purity == 1  # the only value there is


def test_codes_are_shown_by_their_names(write_map_artefact: Write) -> None:
    codes = {"오사카": "OSA", "도쿄": "TYO", "다낭": "DAD"}
    cities = [("오사카", "도쿄", "다낭")[i % 3] for i in range(60)]
    path = write_map_artefact("a", city=[codes[city] for city in cities], city_name=cities)
    (city, _) = build_map([path]).fields
    assert [city.values[label] for label in city.labels[:3]] == ["도쿄", "다낭", "오사카"]


def test_two_of_a_kind_are_told_apart_by_path(write_map_artefact: Write) -> None:
    paths = [write_map_artefact("a"), write_map_artefact("b")]
    assert [panel.title for panel in build_map(paths, max_shown=5).panels] == [
        f"Meta-Prod2Vec ({path})" for path in paths
    ]


def test_an_unknown_field_names_those_there_are(write_map_artefact: Write) -> None:
    for wrong in ("colour", columns.PRICE):
        with pytest.raises(ConfigError, match=rf"{wrong!r} is not .* \(it has: category, city\)"):
            build_map([write_map_artefact("a")], wrong)


def test_artefacts_of_different_products(write_map_artefact: Write) -> None:
    first = write_map_artefact("first")
    second = write_map_artefact("second", item=[f"Q{i:02}" for i in range(60)])
    with pytest.raises(ConfigError, match=r"first and .*second are not of the same products"):
        build_map([first, second])


@pytest.mark.parametrize("n", [0, 1, 3, 4, 7])
def test_few_products(n: int) -> None:
    points = project(np.eye(max(n, 2), dtype=np.float32)[:n])
    assert points.shape == (n, 2)
    assert points.dtype == np.float32
    assert len(np.unique(points, axis=0)) == n


def test_a_trained_model(viewed_artifact: Artifact) -> None:
    found = build_map([viewed_artifact.path])
    assert [field.name for field in found.fields] == [
        *(columns.CITY, columns.COUNTRY, columns.CATEGORY)
    ]
    assert found.panels[0].is_cold.any()
