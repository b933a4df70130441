"""The benchmark of the served API: its parts, and in slow tests the whole of soak and chaos."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import psutil
import pytest
from packages_world import write_review_store

from load.api import Api, ApiError
from load.samples import summarise
from load.world import World
from nadeuri.artifact import Artifact, open_artifact, read_manifest
from nadeuri.errors import ArtifactError, ConfigError
from serving import chaos, saturation, soak
from serving.harm import drain, fill, small_disk
from serving.republish import publish_damaged, republish
from serving.saturation import Level, knee
from serving.writer import Writer


@dataclass
class Service:
    """What :class:`Writer` asks, in memory; it may forget what it confirmed."""

    turns: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=lambda: [f"A{number}" for number in range(250)])
    forgets: bool = False

    def get(self, path: str, limit: int = 100, offset: int = 0) -> dict[str, Any]:
        if "threads" in path:
            return {"turns": [{"question": each} for each in self.turns]}
        shown = self.open[offset : offset + limit]
        return {"reviews": [{"left": {"place_id": each}, "version": 1} for each in shown]}

    def post(self, path: str, body: dict[str, Any]) -> None:
        if self.forgets:
            return
        if "question" in body:
            self.turns.append(body["question"])
        else:
            self.open.remove(path.rpartition("/")[2])


def writer(service: Service) -> Writer:
    return Writer(cast("Api", service), has_guide=True, has_reviews=True)


def test_what_was_confirmed_and_is_not_there_is_lost() -> None:
    kept, forgotten = Service(), Service(forgets=True)
    for service, lost in ((kept, 0), (forgotten, 3)):
        asked = writer(service)
        for question in ("가", "나"):
            asked._talk(question)
        asked._decide()
        assert (asked.acknowledged, asked.lost()) == (3, lost)


def test_what_was_refused_is_not_lost() -> None:
    class Broken(Service):
        def post(self, path: str, body: dict[str, Any]) -> None:
            raise ApiError("full")

    asked = writer(Broken())
    asked._talk("가")
    asked._decide()
    assert (asked.acknowledged, asked.refused, asked.lost()) == (0, 2, 0)


def test_the_knee_is_the_fewest_callers_who_get_nearly_all() -> None:
    def level(clients: int, rps: float) -> Level:
        summary = summarise([], 1)
        return Level(clients, type(summary)(**{**vars(summary), "rps": rps}), 0.1)

    levels = [level(1, 50), level(2, 96), level(4, 100), level(8, 99)]
    assert knee(levels).clients == 2


def test_a_new_version_is_whole_and_a_damaged_one_is_not(
    viewed_artifact: Artifact, tmp_path: Path
) -> None:
    path = tmp_path / "also-viewed"
    first = republish(viewed_artifact.path, path)
    time.sleep(1.1)  # a version's name tells the second
    second = republish(path)
    assert open_artifact(path).version == second.version != first.version
    assert second.manifest.files == first.manifest.files
    damaged = publish_damaged(path)
    assert read_manifest(path).version == damaged
    with pytest.raises(ArtifactError, match="has changed"):
        open_artifact(path)
    assert [each.name for each in tmp_path.iterdir()] == ["also-viewed"]


def test_a_small_disk_can_be_filled_and_drained(tmp_path: Path) -> None:
    try:
        with small_disk(tmp_path / "disk", 1) as disk:
            fill(disk)
            with pytest.raises(OSError, match="No space left"):
                (disk / "more").write_bytes(b"x")
            drain(disk)
            (disk / "more").write_bytes(b"x")
    except ConfigError as error:
        pytest.skip(str(error))
    assert not any(str(tmp_path) in each.mountpoint for each in psutil.disk_partitions(all=True))


@pytest.fixture(scope="module")
def world(
    travel_artifact: Artifact,
    packages_artifact: Artifact,
    tiny_guide_folder: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> World:
    """Recommendations, packages, reviews and the guide."""
    url = write_review_store(tmp_path_factory.mktemp("chaos-reviews"))
    return World(
        (travel_artifact.path, packages_artifact.path),
        tiny_guide_folder,
        Path(url.removeprefix("sqlite:///")),
    )


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_short_soak_fails_no_request(world: World) -> None:
    part = soak.measure(world, minutes=0.5, workers=2)
    assert part.figures["soak.requests"] > 30
    assert part.figures["soak.failed_requests"] == 0
    assert part.figures.get("soak.swaps", soak.N_SWAPS) == soak.N_SWAPS


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_nothing_that_was_confirmed_is_lost_in_chaos(world: World) -> None:
    part = chaos.measure(world, seconds=9, workers=2, only=[])
    ran = {detail["scenario"] for detail in part.details if "summary" in detail}
    assert {"kill", "corrupt", "slow_model", "slow_graph", "overload"} <= ran
    lost = {name: value for name, value in part.figures.items() if name.endswith(".lost")}
    assert len(lost) >= 4
    assert set(lost.values()) == {0}
    assert part.figures["chaos.corrupt.damaged_served"] == 0
    assert part.figures["chaos.corrupt.failed"] == 0


@pytest.mark.slow
def test_saturation_is_found(world: World) -> None:
    part = saturation.measure(world, seconds=0.5, workers=1, only=["health"])
    assert part.figures["health.rps"] > 10
    assert part.details[0]["levels"][0]["summary"]["failed"] == 0
