"""The benchmark of the guide: how wishes are judged, and what is measured of a world."""

from __future__ import annotations

from pathlib import Path

import pytest

from guide import full, wishes
from guide.wishes import Wish, by_chance, gain, ndcg
from guide.world import make_world
from nadeuri.data.sample.places.traits import KEYWORDS
from nadeuri.data.sample.sizes import size_named
from nadeuri.errors import DataError
from nadeuri.guide.evaluation.oracle.tables import PlaceTables

VALUES = {"a": 1.0, "b": 0.5, "c": 0.5, "d": 0.0}


def test_the_best_places_first_are_ideal() -> None:
    assert ndcg(["a", "b", "c"], VALUES) == pytest.approx(1)
    assert ndcg(["a", "c", "b", "d"], VALUES) == pytest.approx(1)


def test_fewer_worse_or_unknown_places_are_less() -> None:
    ideal = 1 + 0.5 * (0.6309298 + 0.5)
    assert ndcg(["a"], VALUES) == pytest.approx(1 / ideal)
    assert ndcg(["d", "a"], VALUES) == pytest.approx(0.6309298 / ideal)
    assert ndcg(["x"], VALUES) == ndcg([], VALUES) == 0


def test_chance_is_the_mean_value_at_every_rank() -> None:
    assert by_chance([Wish("?", "quiet", dict.fromkeys("abcd", 0.3))]) == pytest.approx([1])
    expected = 0.5 * (1 + 0.6309298 + 0.5) / (1 + 0.5 * (0.6309298 + 0.5))
    assert by_chance([Wish("?", "quiet", VALUES)]) == pytest.approx([expected])


def test_gain_has_an_interval_around_it() -> None:
    found, low, high = gain([0.1] * 50 + [0.5] * 50, [0.2] * 50 + [0.5] * 50)
    assert found == pytest.approx(0.05)
    assert 0 < low < found < high < 0.1
    assert gain([0.3, 0.4], [0.3, 0.4]) == (0, 0, 0)


@pytest.mark.slow
def test_a_tiny_world_is_made_and_measured(tmp_path: Path) -> None:
    world = make_world(tmp_path, size_named("tiny"))
    asked = list(wishes.wishes(PlaceTables(world.tables), seed=0))
    assert {wish.trait for wish in asked} <= set(KEYWORDS)
    assert all(len(wish.values) > 3 for wish in asked)
    figures = full.measure(world).figures
    assert {"full.load_s", "full.embed_reviews_s", "full.p50_ms", "full.p95_ms"} <= set(figures)
    assert {"full.understand_p95_ms", "full.select_p95_ms"} <= set(figures)
    assert 0 < figures["full.p50_ms"] <= figures["full.p95_ms"]
    assert figures["full.disk_mib"] > 1
    assert figures["full.peak_mib"] > 30


@pytest.mark.slow
def test_a_command_that_fails_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "places").mkdir()
    with pytest.raises(DataError, match="guide load"):
        make_world(tmp_path, size_named("tiny"))
