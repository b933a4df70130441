from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from nadeuri.recommend.config import ExperimentConfig, load_config
from nadeuri.recommend.tune.config_file import write_config

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@given(
    TEXT,
    TEXT,
    st.floats(1e-9, 1e3, allow_nan=False),
    st.one_of(st.just("all"), st.lists(TEXT, min_size=1, max_size=3)),
)
def test_what_is_written_is_read_back(name: str, why: str, lr: float, fields: object) -> None:
    config = ExperimentConfig.model_validate(
        {"name": name, "model": {"kind": "meta_bert4rec", "fields": fields}, "train": {"lr": lr}}
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ship.toml"
        write_config(config, path, why)
        assert load_config(path) == config


def test_the_reason_is_a_comment_at_the_top(base: ExperimentConfig, tmp_path: Path) -> None:
    path = tmp_path / "ship.toml"
    write_config(base, path, "word " * 40)
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("# word")
    assert lines[1].startswith("# word")
    assert max(map(len, lines)) <= 100
    assert "max_len = 8" in lines
