"""A product map inside an artefact of vectors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from nadeuri import columns
from nadeuri.artifact import open_artifact
from nadeuri.errors import ConfigError
from nadeuri.recommend.coview import bundle, map_file
from nadeuri.recommend.coview.map import build_map
from nadeuri.recommend.coview.map_file import publish_with_map, read_map
from nadeuri.recommend.coview.predict import AlsoViewed, Query

Write = Callable[..., Path]


def test_what_is_published_is_what_was_drawn(write_map_artefact: Write, tmp_path: Path) -> None:
    paths = [write_map_artefact("a"), write_map_artefact("b", kind=columns.PROD2VEC, seed=1)]
    drawn = build_map(paths)
    published = publish_with_map(paths[0], drawn, tmp_path / "served")
    assert published.version != open_artifact(paths[0]).version
    model = AlsoViewed(published.path)
    assert model.answer(Query("P03")) == AlsoViewed(paths[0]).answer(Query("P03"))
    read = read_map(model.artifact, model.shown)
    assert [panel.model for panel in read] == [columns.META_PROD2VEC, columns.PROD2VEC]
    for panel, expected in zip(read, drawn.panels, strict=True):
        codes = [drawn.codes[row] for row in expected.rows]
        assert [model.shown.codes[each.item - 1].as_py() for each in panel.points] == codes
        points = [(each.x, each.y) for each in panel.points]
        assert np.allclose(points, expected.points, atol=1e-3)
        assert [each.is_new for each in panel.points] == expected.is_cold.tolist()


def test_an_artefact_can_be_given_another_map_in_its_place(write_map_artefact: Write) -> None:
    path = write_map_artefact("a")
    drawn = build_map([path])
    for _ in range(2):
        publish_with_map(path, drawn, path)
    model = AlsoViewed(path)
    (panel,) = read_map(model.artifact, model.shown)
    assert len(panel.points) == 59


def test_of_many_products_some_are_taken_evenly_and_always_the_same(
    write_map_artefact: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [write_map_artefact("a"), write_map_artefact("b", kind=columns.PROD2VEC, seed=1)]
    publish_with_map(paths[0], build_map(paths), paths[0])
    model = AlsoViewed(paths[0])
    whole = read_map(model.artifact, model.shown)[0]
    monkeypatch.setattr(map_file, "MAX_POINTS", 20)
    first, second = (read_map(model.artifact, model.shown) for _ in range(2))
    assert first == second
    taken = [[each.item for each in panel.points] for panel in first]
    assert taken[0] == taken[1]
    assert len(taken[0]) == 20
    assert (taken[0][0], taken[0][-1]) == (whole.points[0].item, whole.points[-1].item)
    assert set(np.diff(taken[0])) <= {3, 4}


def test_an_artefact_without_one(write_map_artefact: Write) -> None:
    model = AlsoViewed(write_map_artefact("a"))
    assert read_map(model.artifact, model.shown) == ()


def test_a_map_of_two_models_of_a_kind_is_refused(write_map_artefact: Write) -> None:
    paths = [write_map_artefact("a"), write_map_artefact("b", seed=1)]
    drawn = build_map(paths)
    with pytest.raises(ConfigError, match=r"has meta_prod2vec, meta_prod2vec; draw it of one"):
        publish_with_map(paths[0], drawn, paths[0])
    assert bundle.MAP_FILE not in open_artifact(paths[0]).manifest.files


def test_a_map_of_other_products_is_refused(write_map_artefact: Write) -> None:
    path = write_map_artefact("a")
    drawn = build_map([path])
    with pytest.raises(ConfigError, match="shows products that it does not have"):
        publish_with_map(path, replace(drawn, codes=("Q", *drawn.codes[1:])), path)
    assert bundle.MAP_FILE not in open_artifact(path).manifest.files
