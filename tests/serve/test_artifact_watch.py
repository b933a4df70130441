"""A folder's change is seen, when it is over."""

from __future__ import annotations

from pathlib import Path

import pytest
from republish import flip_a_byte, republish

from nadeuri.artifact import Artifact, fetch_artifact
from nadeuri.serve.app import open_rooms
from nadeuri.serve.artifact_watch import Watch, signature


@pytest.fixture
def served(travel_artifact: Artifact, tmp_path: Path) -> Artifact:
    return republish(travel_artifact, tmp_path / "models" / "for-you", "first")


@pytest.fixture
def watch(served: Artifact) -> Watch:
    (room,) = open_rooms([served.path])
    return Watch(served.path, room)


def test_nothing_changes(watch: Watch) -> None:
    assert [watch.change(), watch.change(), watch.change(at_once=True)] == [None, None, None]
    assert not watch.is_changing


def test_a_change_is_seen_at_the_second_look_until_it_is_done_with(
    watch: Watch, served: Artifact, travel_artifact: Artifact
) -> None:
    republish(travel_artifact, served.path, "second")
    assert watch.change() is None
    assert watch.is_changing
    seen = watch.change()
    assert seen == signature(served.path)
    watch.done(seen)
    assert watch.change() is None


def test_a_folder_that_goes_on_changing_is_waited_for(watch: Watch, served: Artifact) -> None:
    for number in range(3):
        (served.path / "more").write_text("x" * number)
        assert watch.change() is None
    assert watch.change() is not None


def test_one_look_is_enough_if_asked(watch: Watch, served: Artifact) -> None:
    flip_a_byte(served.path / "model.onnx")
    assert watch.change(at_once=True) is not None


def test_a_fetched_artefact_and_one_that_is_gone_are_changes(
    watch: Watch, served: Artifact, travel_artifact: Artifact, tmp_path: Path
) -> None:
    newer = republish(travel_artifact, tmp_path / "elsewhere", "second")
    fetch_artifact(served.path, lambda _: newer.path)  # as "nadeuri artifact fetch" does
    watch.done(watch.change(at_once=True) or ())
    assert watch.change() is None
    served.path.rename(tmp_path / "gone")
    assert watch.change() is None
    assert watch.change() == ()


def test_a_link_that_points_elsewhere_is_a_change(
    served: Artifact, travel_artifact: Artifact, tmp_path: Path
) -> None:
    link = tmp_path / "current"
    link.symlink_to(served.path)
    (room,) = open_rooms([link])
    watch = Watch(link, room)
    assert watch.change(at_once=True) is None
    newer = republish(travel_artifact, tmp_path / "newer", "second")
    (tmp_path / "next").symlink_to(newer.path)
    (tmp_path / "next").replace(link)
    assert watch.change(at_once=True) is not None


def test_one_that_came_while_the_server_started_is_a_change(
    served: Artifact, travel_artifact: Artifact
) -> None:
    (room,) = open_rooms([served.path])
    republish(travel_artifact, served.path, "second")
    assert Watch(served.path, room).change(at_once=True) is not None
