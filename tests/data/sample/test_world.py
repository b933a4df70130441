"""Writing a whole sample world."""

from __future__ import annotations

import gc
import json
import tracemalloc
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest

from nadeuri.data.places import TABLES
from nadeuri.data.questions import read_questions
from nadeuri.data.sample import SIZES, blocks, world, write_sample
from nadeuri.data.sample.questions import build_questions
from nadeuri.data.sample.sizes import WorldSize
from nadeuri.data.source import load_source
from nadeuri.errors import ConfigError, DataError


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("sample") / "world"
    write_sample(out, "tiny")
    return out


def contents(folder: Path) -> dict[str, bytes]:
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    return {str(file.relative_to(folder)): file.read_bytes() for file in files}


def clicks_of(folder: Path) -> pa.Table:
    text = pa_csv.ConvertOptions(column_types=dict.fromkeys(COLUMNS, pa.string()))
    parts = sorted((folder / "clicks").glob("*.csv.gz"))
    return pa.concat_tables([pa_csv.read_csv(part, convert_options=text) for part in parts])


COLUMNS = (blocks.USER_COLUMN, blocks.ITEM_COLUMN, blocks.TIME_COLUMN)


def test_same_seed_same_bytes(tiny: Path, tmp_path: Path) -> None:
    write_sample(tmp_path / "again", "tiny", seed=0)
    assert contents(tmp_path / "again") == contents(tiny)
    write_sample(tmp_path / "other", "tiny", seed=1)
    assert contents(tmp_path / "other") != contents(tiny)


def test_summary_and_truth_count_what_was_written(tmp_path: Path) -> None:
    out = tmp_path / "world"
    summary = write_sample(out, "tiny", seed=5)
    truth = json.loads((out / "dirt.json").read_text(encoding="utf-8"))
    clicks = clicks_of(out)
    assert clicks.num_rows == summary.n_rows == truth["rows"]
    assert summary.n_clean == truth["clean_rows"] == summary.n_rows - sum(summary.dirt.values())
    assert summary.dirt == truth["dirt"]
    assert set(summary.dirt) == {*blocks.DIRT_SHARES, blocks.BOT}
    assert len(truth["bots"]) == SIZES["tiny"].bots
    members = set(clicks[blocks.USER_COLUMN].to_pylist()) - {""}
    assert len(members) == summary.n_users + len(truth["bots"])
    assert set(truth["bots"]) <= members


def test_cold_items_exist_and_only_bots_reach_them(tiny: Path) -> None:
    truth = json.loads((tiny / "dirt.json").read_text(encoding="utf-8"))
    codes = set(pq.read_table(tiny / "catalogue.parquet")["goods_cd"].to_pylist())
    cold = set(truth["cold_items"])
    assert cold
    assert cold < codes
    visitors = {
        row[blocks.USER_COLUMN]
        for row in clicks_of(tiny).to_pylist()
        if row[blocks.ITEM_COLUMN] in cold
    }
    assert visitors <= set(truth["bots"])


def test_source_file_is_readable_by_the_readers(tiny: Path) -> None:
    source = load_source(tiny)
    assert source.name == "sample-tiny"
    assert len(source.click_files()) == SIZES["tiny"].n_blocks
    assert source.catalogue is not None
    columns = pq.read_schema(tiny / "catalogue.parquet").names
    assert set(source.catalogue.columns.values()) == set(columns)


def test_readme_says_that_it_is_synthetic(tiny: Path) -> None:
    readme = (tiny / "README.txt").read_text(encoding="utf-8")
    assert readme.startswith("SYNTHETIC DATA.")
    assert "questions.parquet" in readme


def test_questions_are_written_and_counted(tiny: Path) -> None:
    truth = json.loads((tiny / "dirt.json").read_text(encoding="utf-8"))
    questions = read_questions(tiny / "questions.parquet")
    assert len(questions) == truth["questions"] == SIZES["tiny"].questions
    assert questions == build_questions(SIZES["tiny"].questions, seed=0)


def test_places_are_written_and_counted(tiny: Path) -> None:
    truth = json.loads((tiny / "dirt.json").read_text(encoding="utf-8"))
    rows = {name: pq.read_metadata(tiny / f"places/{name}.parquet").num_rows for name in TABLES}
    assert rows["places"] == truth["places"] == SIZES["tiny"].places
    assert rows["reviews"] == truth["reviews"] == SIZES["tiny"].reviews
    assert min(rows.values()) > 0
    assert "nadeuri guide load" in (tiny / "README.txt").read_text(encoding="utf-8")


def test_places_to_be_mapped_and_trips_are_written_and_counted(tiny: Path) -> None:
    truth = json.loads((tiny / "dirt.json").read_text(encoding="utf-8"))
    for name in ("agency_places", "google_places", "packages", "itineraries"):
        rows = pq.read_metadata(tiny / f"match/{name}.parquet").num_rows
        assert rows == truth[name] > 0
    assert truth["agency_places"] == SIZES["tiny"].agency_places
    codes = set(pq.read_table(tiny / "catalogue.parquet")["goods_cd"].to_pylist())
    assert set(pq.read_table(tiny / "match/packages.parquet")["package"].to_pylist()) <= codes


def test_parquet_clicks_hold_the_same_rows_as_csv(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(SIZES, "tiny", replace(SIZES["tiny"], clicks_format="parquet"))
    write_sample(tmp_path / "parquet", "tiny")
    parts = sorted((tmp_path / "parquet/clicks").glob("*.parquet"))
    tables = [pq.read_table(part) for part in parts]
    assert sum(len(table) for table in tables) == len(clicks_of(tiny))
    rows = [row for table in tables for row in table.to_pylist()]
    assert rows == clicks_of(tiny).to_pylist()
    assert load_source(tmp_path / "parquet").click_files() == parts


def test_a_world_that_is_there_is_kept(tmp_path: Path) -> None:
    out = tmp_path / "world"
    assert not write_sample(out, "tiny").reused
    before = (out / "dirt.json").stat().st_mtime_ns
    again = write_sample(out, "tiny")
    assert again.reused
    assert again.n_rows > 0
    assert (out / "dirt.json").stat().st_mtime_ns == before
    assert not write_sample(out, "tiny", force=True).reused


def test_a_damaged_or_other_world_is_replaced(tmp_path: Path) -> None:
    out = tmp_path / "world"
    write_sample(out, "tiny")
    whole = contents(out)
    next((out / "clicks").iterdir()).unlink()
    assert not write_sample(out, "tiny").reused
    assert contents(out) == whole
    assert not write_sample(out, "tiny", seed=9).reused
    assert contents(out) != whole
    assert [path.name for path in tmp_path.iterdir()] == ["world"]


def test_foreign_folders_are_left_alone_unless_forced(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work", encoding="utf-8")
    with pytest.raises(DataError, match=r"holds something else.*--force"):
        write_sample(tmp_path, "tiny")
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]

    (tmp_path / "file").write_text("a file", encoding="utf-8")
    with pytest.raises(DataError, match="holds something else"):
        write_sample(tmp_path / "file", "tiny")

    other = tmp_path / "other"
    other.mkdir()
    (other / "x").touch()
    write_sample(other, "tiny", force=True)
    assert not (other / "x").exists()
    assert (other / "source.toml").is_file()


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    out = tmp_path / "empty"
    out.mkdir()
    assert write_sample(out, "tiny").n_rows > 0


def test_failure_half_way_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "world"
    write_sample(out, "tiny")
    before = contents(out)

    def full_disk(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(world, "_write_part", full_disk)
    with pytest.raises(DataError, match=r"cannot be written .*no space"):
        write_sample(out, "tiny", seed=1)
    assert contents(out) == before
    assert [path.name for path in tmp_path.iterdir()] == ["world"]


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DataError, match="file/world: cannot be written"):
        write_sample(tmp_path / "file" / "world", "tiny")


def test_unknown_size_is_named() -> None:
    with pytest.raises(ConfigError, match="'huge' is none of tiny, demo, full"):
        write_sample(Path("nowhere"), "huge")


@pytest.mark.slow
def test_memory_does_not_grow_with_the_number_of_blocks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = WorldSize(
        "tiny", 1_800, 80, 8, 6, block_users=300, clicks_format="parquet", questions=50
    )
    monkeypatch.setitem(SIZES, "tiny", size)
    make_block = blocks.make_block
    live_bytes: list[int] = []

    def measured(*arguments: object) -> blocks.Block:
        gc.collect()
        live_bytes.append(tracemalloc.get_traced_memory()[0] + pa.total_allocated_bytes())
        return make_block(*arguments)

    monkeypatch.setattr(blocks, "make_block", measured)
    tracemalloc.start()
    try:
        write_sample(tmp_path / "world", "tiny")
    finally:
        tracemalloc.stop()
    assert len(live_bytes) == size.n_blocks
    # a block's table takes some 300 kB; holding on to the later ones would add it each time
    assert live_bytes[-1] - live_bytes[2] < 100_000
