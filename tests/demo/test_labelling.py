"""The demo's questions to be labelled."""

from __future__ import annotations

from pathlib import Path

from nadeuri.data.sample import write_sample
from nadeuri.demo.labelling import build_labelling
from nadeuri.settings import Settings
from nadeuri.understand.labelling import progress
from nadeuri.understand.labelling.database import LabellingStore


def test_they_are_there_once_and_nobody_has_labelled_them(tmp_path: Path) -> None:
    settings = Settings.from_env(home=tmp_path / "home")
    sample = write_sample(tmp_path / "sample", "tiny")
    said: list[str] = []
    urls = {build_labelling(settings, sample.path, said.append) for _ in range(2)}
    assert "0 of them new" in said[1]
    with LabellingStore(urls.pop()) as store, store.reading() as connection:
        counts = progress.counts(connection)
    assert not urls
    assert counts.tasks > 0
    assert counts.labelled == 0
    assert counts.double > 0
