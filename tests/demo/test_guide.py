"""The demo's guide: made once for the same places, and answering the question that is shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from nadeuri.artifact import open_artifact
from nadeuri.data.sample.places import write_places
from nadeuri.demo.guide import ASKED_GUIDE, build_guide
from nadeuri.guide.parts import REVIEWS, open_vectors
from nadeuri.guide.pipeline import open_guide
from nadeuri.guide.reviews import KIND
from nadeuri.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.from_env({}, home=tmp_path / "work")


@pytest.mark.slow
def test_a_guide_is_made_once_for_the_same_places(settings: Settings, tmp_path: Path) -> None:
    said: list[str] = []
    world = tmp_path / "sample-tiny"
    write_places(world / "places", 30, 300, 2, seed=0)
    folder = build_guide(settings, world, said.append)
    version = open_artifact(folder / REVIEWS, KIND).version
    assert "30 places and 300 reviews" in said[-1]

    with open_guide(folder, vectors=open_vectors(folder, uses_hyde=False)) as guide:
        answer = guide.ask(ASKED_GUIDE, thread="demo")
    assert answer.plan is not None
    assert answer.plan.companions == ("부모님",)
    assert answer.kind in ("places", "nothing_found")

    assert build_guide(settings, world, said.append) == folder
    assert open_artifact(folder / REVIEWS, KIND).version == version
    assert said[1:] == ["Guide: done before, and nothing has changed."]

    other = tmp_path / "other" / "sample-tiny"
    write_places(other / "places", 20, 200, 2, seed=0)
    assert build_guide(settings, other, said.append) == folder
    assert open_artifact(folder / REVIEWS, KIND).metadata["n_places"] == 20
