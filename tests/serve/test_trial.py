"""A newly published artefact is tried in a process of its own; bad ones are found out."""

from __future__ import annotations

import faulthandler
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from republish import flip_a_byte, republish, truncate

from nadeuri.artifact import Artifact
from nadeuri.serve.app import open_rooms
from nadeuri.serve.room import Room
from nadeuri.serve.trial import Limits, Trial, Verdict, judge

EASY = Limits(floor_s=10)


@pytest.fixture(scope="module")
def current(travel_artifact: Artifact) -> Room:
    (room,) = open_rooms([travel_artifact.path])
    return room


def tried(path: Path, current: Room, limits: Limits = EASY, let_go: object = None) -> Verdict:
    """The verdict of a real trial."""
    trial = Trial(path, current, limits, let_go if callable(let_go) else lambda: None)
    deadline = time.monotonic() + 120
    while (verdict := trial.verdict()) is None:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    with pytest.raises(ChildProcessError):
        os.waitpid(trial._pid, os.WNOHANG)
    return verdict


def test_a_sound_one_passes(travel_artifact: Artifact, current: Room, tmp_path: Path) -> None:
    newer = republish(travel_artifact, tmp_path / "for-you")
    assert tried(newer.path, current) == Verdict(version=newer.version, refusal=None)


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (flip_a_byte, "model.onnx has changed since it was written (checksum does not match)"),
        (truncate, "model.onnx has changed since it was written (checksum does not match)"),
        (Path.unlink, "model.onnx is missing"),
    ],
)
def test_a_damaged_one_is_refused(
    damage: Callable[[Path], object],
    reason: str,
    travel_artifact: Artifact,
    current: Room,
    tmp_path: Path,
) -> None:
    newer = republish(travel_artifact, tmp_path / "for-you")
    damage(newer.path / "model.onnx")
    verdict = tried(newer.path, current)
    assert verdict.version == newer.version
    assert verdict.refusal is not None
    assert reason in verdict.refusal


def test_no_artefact_and_one_of_another_kind_are_refused(
    viewed_artifact: Artifact, current: Room, tmp_path: Path
) -> None:
    assert "not an artefact folder" in str(tried(tmp_path, current).refusal)
    assert "holds a also-viewed artefact, recommender is served from there" in str(
        tried(viewed_artifact.path, current).refusal
    )


def shorten_the_catalogue(draft: Path) -> None:
    table = pq.read_table(draft / "items.parquet")
    pq.write_table(table.slice(0, table.num_rows - 1), draft / "items.parquet")


def test_one_whose_files_do_not_fit_is_refused_by_a_smoke_request(
    travel_artifact: Artifact, current: Room, tmp_path: Path
) -> None:
    """Sealed, and its sizes agree; but the network scores an item that the catalogue lacks."""
    fewer = Artifact(
        travel_artifact.path,
        travel_artifact.manifest.model_copy(
            update={"metadata": travel_artifact.metadata | {"n_items": 59}}
        ),
    )
    newer = republish(fewer, tmp_path / "for-you", change=shorten_the_catalogue)
    reason = tried(newer.path, current).refusal
    assert reason == "POST /v1/recommendations is answered with 500 INTERNAL SERVER ERROR"


def test_a_slow_one_is_refused(travel_artifact: Artifact, current: Room, tmp_path: Path) -> None:
    """One just like the other takes more than a tenth of its time."""
    newer = republish(travel_artifact, tmp_path / "for-you")
    reason = judge(newer.path, current, Limits(slowdown=0.1, floor_s=0)).refusal
    assert reason is not None
    assert reason.startswith("POST /v1/recommendations takes ")
    assert "ms that are allowed" in reason


def segfault() -> None:
    faulthandler.disable()  # pytest's: it would print where
    os.kill(os.getpid(), signal.SIGSEGV)


@pytest.mark.parametrize(
    ("end", "reason"),
    [
        (segfault, "was ended by SIGSEGV"),
        (lambda: os.kill(os.getpid(), signal.SIGKILL), "was ended by SIGKILL"),
        (lambda: os._exit(7), "gave no verdict"),
        (lambda: time.sleep(60), "took longer than 1 s"),
    ],
)
def test_a_trial_that_does_not_end_well_is_a_refusal(
    end: Callable[[], object],
    reason: str,
    travel_artifact: Artifact,
    current: Room,
) -> None:
    """Such ends come from native code and from lack of memory; here they are brought about."""
    verdict = tried(travel_artifact.path, current, Limits(time_s=1), end)
    assert verdict == Verdict(version=None, refusal=f"its trial {reason}")


def test_a_trial_can_be_broken_off(travel_artifact: Artifact, current: Room) -> None:
    trial = Trial(travel_artifact.path, current, EASY, lambda: time.sleep(60))
    started = time.monotonic()
    trial.stop()
    assert time.monotonic() - started < 10
