"""Batch scoring agrees with single answers."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from nadeuri.artifact import Artifact
from nadeuri.data.sequences import Dataset
from nadeuri.recommend import bundle, score
from nadeuri.recommend.predict import Predictor, Query


@pytest.mark.parametrize("exclude_seen", [True, False])
def test_every_user_gets_their_single_answer(
    travel_artifact: Artifact,
    travel_dataset: Dataset,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    exclude_seen: bool,
) -> None:
    monkeypatch.setattr(score, "_USERS_PER_ROW_GROUP", 16)
    monkeypatch.setattr(score, "_USERS_PER_RUN", 5)
    predictor = Predictor(travel_artifact.path)
    out = tmp_path / "new" / "recs.parquet"
    n_users, n_rows = score.score_users(predictor, out, k=7, exclude_seen=exclude_seen)
    table = pq.read_table(out)
    assert (n_users, n_rows) == (40, 280)
    assert table.schema.equals(score.SCHEMA)
    assert pq.ParquetFile(out).num_row_groups == 3
    assert [file.name for file in out.parent.iterdir()] == ["recs.parquet"]
    users = sorted(travel_dataset.user_ids)
    answers = predictor.recommend([Query(user=u, k=7, exclude_seen=exclude_seen) for u in users])
    expected = [
        (user, row.rank, row.item)
        for user, answer in zip(users, answers, strict=True)
        for row in answer.items
    ]
    found = table.select(["user", "rank", "item"]).to_pylist()
    assert [tuple(row.values()) for row in found] == expected
    scores = [row.score for answer in answers for row in answer.items]
    assert table["score"].to_pylist() == pytest.approx(scores, rel=1e-3, abs=1e-4)


def test_lists_end_where_the_catalogue_ends(travel_artifact: Artifact, tmp_path: Path) -> None:
    predictor = Predictor(travel_artifact.path)
    _, n_rows = score.score_users(predictor, tmp_path / "recs.parquet", k=1000)
    seen = sum(
        len(set(batch.history(row).tolist()))
        for batch in bundle.UserStore(travel_artifact.file(bundle.USERS_FILE))
        for row in range(len(batch))
    )
    assert n_rows == 40 * 60 - seen


def test_a_failure_leaves_the_old_file(
    travel_artifact: Artifact, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "recs.parquet").write_bytes(b"old")
    predictor = Predictor(travel_artifact.path)

    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(predictor, "score", fail)
    with pytest.raises(KeyboardInterrupt):
        score.score_users(predictor, tmp_path / "recs.parquet", k=3)
    assert [file.name for file in tmp_path.iterdir()] == ["recs.parquet"]
    assert (tmp_path / "recs.parquet").read_bytes() == b"old"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "nadeuri", "recommend", "score", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_the_command_line(travel_artifact: Artifact, tmp_path: Path) -> None:
    out = tmp_path / "recs.parquet"
    done = run(str(travel_artifact.path), "--k", "2", "--out", str(out))
    assert done.returncode == 0, done.stderr
    assert "80 rows for 40 users" in done.stdout
    assert pq.read_table(out).num_rows == 80


def test_a_folder_that_is_no_artefact(tmp_path: Path) -> None:
    done = run(str(tmp_path), "--out", str(tmp_path / "recs.parquet"))
    assert done.returncode == 2
    assert "not an artefact folder" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
