"""Spark prepares what DuckDB prepares: the same arrays, tables, manifest and rejects."""

from __future__ import annotations

import filecmp
import json
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from nadeuri.cli import main
from nadeuri.data.prepare import Engine, prepare
from nadeuri.data.sequences import Dataset
from nadeuri.data.source import Source, load_source
from nadeuri.errors import ConfigError, DataError

SHARED = Path(__file__).parents[3] / "shared" / "data" / "clicks"

pytestmark = pytest.mark.skipif(
    shutil.which("java") is None, reason="Spark needs Java, and there is no java on the path"
)


@pytest.fixture(scope="module")
def spark() -> Engine:
    """Spark on this machine, its JVM set for a short life."""
    from nadeuri.data.spark import spark_engine

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
        return spark_engine("local[2]")


def assert_same(one: Dataset, other: Dataset) -> None:
    """Every file of one is in the other, arrays byte by byte, tables row by row."""
    names = sorted(file.name for file in one.path.iterdir())
    assert sorted(file.name for file in other.path.iterdir()) == names
    for name in names:
        if name.endswith(".parquet"):
            assert pq.read_table(one.path / name).equals(pq.read_table(other.path / name)), name
        else:
            assert filecmp.cmp(one.path / name, other.path / name, shallow=False), name


MESSY = [
    "김,P1,2026-03-01 10:00:00,x",
    "김,P1,2026-03-01 10:00:00,x",
    " 김 ,P2,2026-03-01T10:00:30+09:00,x",
    "김,P2,2026-03-01 10:00:30,y",
    "김,P2,2026-03-01 10:00:30,",
    '"a,""b",P1,2026-03-02 10:00,z',
    '"a,""b",P3,2026-03-02 11:00,z',
    '"a,"b",P3,2026-03-02 11:00,z',
    "가,P9,2026-03-02 11:00,z",  # decomposed, and an unknown item
    "가,P1,2026-03-02 11:00,z",
    "가,P2,2026-03-02 11:01,z",
    ",P1,2026-03-02 11:00,z",
    "b,,2026-03-02 11:00,z",
    "b,P1,,z",
    "b,P1,2026-02-30,z",
    "b,P1,1900-01-01,z",
    "b,P1",
    "\N{NO-BREAK SPACE},P1,2026-03-02,z",
]


def messy_log(folder: Path) -> None:
    """Three files, one of them empty but for its header; broken lines, bots, ties and repeats."""
    rng = random.Random(1)
    rows = [
        f"{rng.choice('abcdefgh')}{rng.randint(0, 9)},P{rng.choice([1, 1, 2, 3, 4, 5])},"
        f"2026-03-0{rng.randint(1, 9)} 10:{rng.randint(0, 9):02}:{rng.choice([0, 30]):02},"
        f"{rng.choice('xyz')}"
        for _ in range(600)
    ]
    parts = {"a.csv": MESSY + rows[:200], "b.csv": [], "c.csv": rows[200:]}
    for name, lines in parts.items():
        text = "".join(f"{line}\n" for line in ["user,item,time,session", *lines])
        (folder / name).write_bytes(text.encode())
    with (folder / "c.csv").open("ab") as file:
        file.write(b"\xb1\xe8,P1,2026-03-01\n")
    (folder / "items.csv").write_text(
        "item,city\n" + "".join(f"P{n},c{n % 3}\n" for n in range(1, 6)), encoding="utf-8"
    )


@pytest.mark.parametrize(
    ("sessions", "catalogue", "n_buckets", "cleaning"),
    [
        (True, True, None, {}),
        (
            False,
            False,
            8,
            {
                "max_clicks_per_minute": 3,
                "max_clicks_per_day": 8,
                "collapse_repeats": True,
                "min_user_clicks": 3,
                "min_item_clicks": 20,
            },
        ),
    ],
)
def test_a_messy_log_gives_the_same_data_set_and_rejects(
    tmp_path: Path,
    spark: Engine,
    sessions: bool,
    catalogue: bool,
    n_buckets: int | None,
    cleaning: dict[str, object],
) -> None:
    messy_log(tmp_path)
    columns = {"user": "user", "item": "item", "time": "time"}
    source = Source(
        name="messy",
        root=tmp_path,
        clicks={
            "files": ("[abc].csv",),
            "columns": columns | ({"session": "session"} if sessions else {}),
            "timezone": "Asia/Seoul",
        },
        catalogue={"file": "items.csv", "fields": {"city": "categorical"}} if catalogue else None,
        cleaning=cleaning,
    )
    expected = prepare(source, tmp_path / "duckdb", n_buckets)
    rejected = expected.manifest["clicks"]["rejected"]
    assert len(rejected) >= 8
    # Spark takes a path with these characters for a pattern, and must not here
    made = prepare(source, tmp_path / "스파크 [1]*", n_buckets, engine=spark)
    assert_same(expected, made)


def test_typed_columns_without_times_give_the_same(tmp_path: Path, spark: Engine) -> None:
    rng = random.Random(2)
    table = pa.table(
        {
            "user": [rng.choice([1.0, 2.0, 3.0, None]) for _ in range(200)],
            "item": [rng.randint(1, 12) for _ in range(200)],
        }
    )
    pq.write_table(table, tmp_path / "clicks.parquet", row_group_size=50)
    names = {"user": "user", "item": "item"}
    source = Source(
        name="typed", root=tmp_path, clicks={"files": ("clicks.parquet",), "columns": names}
    )
    expected = prepare(source, tmp_path / "duckdb")
    assert expected.manifest["clicks"]["rejected"]["missing_user"] > 0
    assert not expected.has_times
    assert_same(expected, prepare(source, tmp_path / "spark", engine=spark))


def test_an_error_in_a_task_is_the_error_of_the_file(tmp_path: Path, spark: Engine) -> None:
    (tmp_path / "a.csv").write_text("user,item,time\nu,P1,2026-03-01\n", encoding="utf-8")
    (tmp_path / "b.csv").write_text("member,item,time\nu,P1,2026-03-01\n", encoding="utf-8")
    source = Source(name="broken", root=tmp_path, clicks={"files": ("*.csv",)})
    with pytest.raises(DataError) as expected:
        prepare(source, tmp_path / "out")
    with pytest.raises(DataError) as found:
        prepare(source, tmp_path / "out", engine=spark)
    assert str(found.value) == str(expected.value)
    assert "b.csv: no column 'user'" in str(found.value)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.csv", "b.csv"]


def test_a_log_of_which_nothing_is_left_says_so(tmp_path: Path, spark: Engine) -> None:
    (tmp_path / "a.csv").write_text("user,item,time\nu,P1,never\n", encoding="utf-8")
    source = Source(name="nothing", root=tmp_path, clicks={"files": ("a.csv",)})
    with pytest.raises(DataError, match="none of 1 clicks is left after cleaning"):
        prepare(source, tmp_path / "out", engine=spark)


def test_a_master_that_cannot_be_one_is_named() -> None:
    from nadeuri.data.spark import spark_engine

    with pytest.raises(ConfigError, match="--spark-master 'nonsense': write it as"):
        spark_engine("nonsense")


def test_the_command_line_prepares_on_spark(
    tmp_path: Path, spark: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NADEURI_SPARK_MASTER", "local[2]")
    world = tmp_path / "world"
    assert CliRunner().invoke(main, ["sample", str(world), "--size", "tiny"]).exit_code == 0
    arguments = ["data", "prepare", str(world), str(tmp_path / "spark"), "--engine", "spark"]
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 0, done.output
    expected = prepare(load_source(world), tmp_path / "duckdb")
    manifest = json.loads((tmp_path / "spark" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest == expected.manifest


def test_a_master_without_spark_is_a_usage_error(tmp_path: Path) -> None:
    done = CliRunner().invoke(
        main, ["data", "prepare", str(tmp_path), str(tmp_path / "out"), "--spark-master", "local"]
    )
    assert done.exit_code == 2
    assert "--spark-master needs --engine spark" in done.output


def test_without_java_the_error_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "source.toml").write_text(
        'name = "x"\n[clicks]\nfiles = ["a.csv"]\n', encoding="utf-8"
    )
    (tmp_path / "a.csv").write_text("user,item,time\nu,P1,2026-03-01\n", encoding="utf-8")
    done = subprocess.run(
        [
            *(sys.executable, "-m", "nadeuri", "data", "prepare", tmp_path, tmp_path / "out"),
            *("--engine", "spark", "--spark-master", "local"),
        ],
        env=os.environ | {"JAVA_HOME": "/nonexistent"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    last = done.stderr.splitlines()[-1]
    assert last.startswith("error: Spark does not start")
    assert "Java 17" in last


def test_without_pyspark_the_error_names_the_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "source.toml").write_text(
        'name = "x"\n[clicks]\nfiles = ["a.csv"]\n', encoding="utf-8"
    )
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    arguments = ["data", "prepare", str(tmp_path), str(tmp_path / "out"), "--engine", "spark"]
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 2
    assert "pip install 'nadeuri[spark]'" in done.stderr


@pytest.mark.slow
@pytest.mark.shared
def test_ml_100k_is_the_same(tmp_path: Path, spark: Engine) -> None:
    if not (SHARED / "ml-100k").is_dir():
        pytest.skip("needs the data sets in ../shared/data")
    source = load_source(SHARED / "ml-100k")
    assert_same(
        prepare(source, tmp_path / "duckdb"), prepare(source, tmp_path / "spark", engine=spark)
    )
