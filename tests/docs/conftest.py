"""A small world for pages that take one for granted: what the demo leaves, a company's files."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from code_blocks import blocks

ROOT = Path(__file__).parents[2]
COMPARED = """
name = "smallest"
seeds = [1]

[experiments.popularity]
model = { kind = "popularity" }

[experiments.bert4rec]
model = { kind = "bert4rec", max_len = 20, dim = 16, blocks = 1 }
train = { epochs = 1 }
"""


@pytest.fixture(scope="session")
def small_world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which somebody has called ``nadeuri demo`` once, on the smallest world."""
    folder = tmp_path_factory.mktemp("world")
    (folder / "compare.toml").write_text(COMPARED, encoding="utf-8")
    command = ["demo", "--size", "tiny", "--port", "0", "--config", "compare.toml"]
    done = subprocess.run(
        [sys.executable, "-m", "nadeuri", *command],
        cwd=folder,
        env={**os.environ, "DEMO_ONCE": "1"},
        capture_output=True,
        timeout=1500,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    work = folder / "work"
    (work / "sample-tiny").rename(work / "sample")
    (work / "guide-sample-tiny").rename(work / "guide")
    (work / "match").mkdir()
    shutil.copy(work / "match-sample-tiny" / "match.sqlite", work / "match")
    _write_company_files(work / "sample", folder)
    return folder


@pytest.fixture
def reader(small_world: Path, tmp_path: Path) -> Path:
    """A reader's folder: the small world, a company's files, copies of the repository's own."""
    home = tmp_path / "reader"
    shutil.copytree(small_world, home)
    for name in ("configs", "bench"):  # what a benchmark records there is not the repository's
        shutil.copytree(ROOT / name, home / name)
    return home


def _write_company_files(sample: Path, folder: Path) -> None:
    """What the pages call by a company's names: logs, products, two tables of places, labels."""
    (folder / "logs").mkdir()
    match = sample / "match"
    copies: dict[str, str] = {
        "agency.csv": f"SELECT * FROM '{match}/agency_places.parquet'",
        "other.csv": f"SELECT * FROM '{match}/google_places.parquet'",
        "pairs.csv": f"SELECT * FROM '{match}/gold.parquet'",
        "logs/2026-01.csv.gz": "SELECT member_no, goods_cd AS product_code, click_dt AS clicked_at "
        f"FROM '{sample}/clicks/*.csv.gz'",
        "products.csv": "SELECT goods_cd AS product_code, goods_nm AS name, city_cd AS city_code, "
        "nation_nm AS country, replace(thema, ';', '|') AS theme, sale_price AS price "
        f"FROM '{sample}/catalogue.parquet'",
    }
    for name, query in copies.items():
        duckdb.execute(f"COPY ({query}) TO '{folder / name}' (HEADER)")
    (source,) = [each for each in blocks(ROOT / "README.md") if each.file == "spring.toml"]
    (folder / "spring.toml").write_text(source.code, encoding="utf-8")
