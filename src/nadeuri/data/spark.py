"""The preparation on Spark, for logs that one machine should not read alone: the same data set.

Spark does what grows with the log: it reads the files, joins the catalogue, brings every user's
clicks together and applies the cleaning rules. The driver then takes one bucket after the other,
as :mod:`nadeuri.data.cleaning` leaves them, so that k-core, sessions and arrays are the code of the
other engine.

Text means the same here as there because it is the same: each file is read by one task with the
reader of :mod:`nadeuri.data.clicks`, and the queries are those of :mod:`nadeuri.data.staging` and
:mod:`nadeuri.data.cleaning` (Spark reads double-quoted names like DuckDB when asked to). What is
written differently is :data:`_CLICKS`.

Every node needs this package, and the source and the output folder under the same path. This is
the only importer of pyspark.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from nadeuri import columns
from nadeuri.data.cleaning import Bucket, marked, readable, write_bucket
from nadeuri.data.clicks import raw_clicks
from nadeuri.data.prepare import Engine
from nadeuri.data.rejects import RejectsWriter
from nadeuri.data.source import Source
from nadeuri.data.staging import (
    CLICKED_ITEMS,
    MEMORY_LIMIT,
    REJECTED_ROWS,
    STAGED_COLUMNS,
    Staged,
    bucket_count,
    bucket_folder,
    code_order,
    first_seq,
    item_numbers,
    named_errors,
    staged_rows,
    with_source,
)
from nadeuri.errors import ConfigError, DataError, NadeuriError
from nadeuri.progress import progress

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_ARROW_SCHEMA = pa.schema(
    [
        (name, pa.int64() if kind == "BIGINT" else pa.string())
        for name, kind in STAGED_COLUMNS.items()
    ]
)
_REJECT_COLUMNS = ["seq", "user", "item", "time_us", "reason"]
_FAILED = "failed"  # reason of the row that carries a reader's error to the driver
_BATCH_ROWS = 100_000
_KEY_BITS = 8  # of the bucket's share of the user's key: enough for staging.MAX_BUCKETS

# DuckDB's md5_number_upper is the number whose lowest byte is the digest's first.
_USER_KEY = "concat({})".format(", ".join(f"substr(digest, {at}, 2)" for at in range(15, 0, -2)))
_CLICKS = f"""
SELECT shiftright(CAST(conv(substr(user_key, 1, 2), 16, 10) AS INT), {{shift}}) AS bucket, *
FROM (
    SELECT {_USER_KEY} AS user_key, "user", number AS item, coalesce(time_us, 0) AS time_us,
           xxhash64(session) AS session, seq, time_us IS NOT NULL AS timed
    FROM (SELECT *, md5("user") AS digest FROM staged JOIN items USING (item))
    WHERE reason IS NULL
)"""  # noqa: S608


def spark_engine(master: str | None = None) -> Engine:
    """Connect to Spark and return the engine for :func:`nadeuri.data.prepare.prepare`.

    Args:
        master: as in ``spark-submit --master``, such as ``local[4]`` or ``spark://host:7077``; by
            default what spark-submit or spark-defaults.conf say, else all cores of this machine.

    Raises:
        ConfigError: Spark does not start.
    """
    return partial(_prepare, _connect(master))


def _connect(master: str | None) -> SparkSession:
    """A session of its own, so that its views and settings meet no other's."""
    if master and not re.match(r"local$|local\[|yarn$|spark://|k8s://", master):
        raise ConfigError(
            f"--spark-master {master!r}: write it as local[4], spark://host:7077, yarn or k8s://..."
        )
    from pyspark.sql import SparkSession

    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # the tasks need this environment
    builder = SparkSession.builder.appName("nadeuri")
    builder = builder.config("spark.ui.showConsoleProgress", sys.stderr.isatty())
    if master:
        builder = builder.master(master)
    try:
        with _no_word_on_pandas():
            spark = builder.getOrCreate().newSession()
    except _spark_errors() as error:
        raise ConfigError(
            f"Spark does not start ({_first_line(error)}); it needs Java 17 or newer (see "
            "JAVA_HOME) and a master that answers (see --spark-master)"
        ) from error
    spark.sparkContext.setLogLevel("ERROR")
    spark.conf.set("spark.sql.ansi.enabled", True)
    spark.conf.set("spark.sql.ansi.doubleQuotedIdentifiers", True)
    return spark


def _prepare(
    spark: SparkSession,
    source: Source,
    codes: tuple[str, ...] | None,
    work: Path,
    writer: RejectsWriter,
    n_buckets: int | None,
) -> tuple[Staged, list[Bucket]]:
    with _errors_in_one_line():
        staged = _stage(spark, source, codes, work, n_buckets)
        spark.sql(REJECTED_ROWS).write.parquet(_address(work / "rejected"))
        _mark(spark, source, staged, work / "marked")
    shutil.rmtree(work / "staged")
    for file in sorted((work / "rejected").glob("*.parquet")):
        for batch in pq.ParquetFile(file).iter_batches(_BATCH_ROWS):
            writer.write(with_source(pa.Table.from_batches([batch]), staged.files))
    buckets = []
    for number in progress(range(staged.n_buckets), "collecting clicks"):
        folder = bucket_folder(work / "marked", number)
        if folder.exists():
            buckets.append(_collect(folder, staged, writer, work / "clean" / str(number)))
            shutil.rmtree(folder)
    return staged, buckets


def _stage(
    spark: SparkSession,
    source: Source,
    codes: tuple[str, ...] | None,
    work: Path,
    n_buckets: int | None,
) -> Staged:
    """Read all files into the view ``staged``, and number the items as the view ``items``."""
    files = source.click_files()
    schema = ", ".join(
        f"`{name}` {'BIGINT' if kind == 'BIGINT' else 'STRING'}"
        for name, kind in STAGED_COLUMNS.items()
    )
    here = source.model_copy(update={"root": source.root.absolute()})
    numbers = spark.range(0, len(files), 1, len(files))  # a file is one task
    with _no_word_on_pandas():
        rows = numbers.mapInArrow(partial(_read_files, here, here.click_files()), schema)
    rows.write.parquet(_address(work / "staged"))
    spark.read.parquet(_pattern(work / "staged")).createOrReplaceTempView("staged")
    failed = spark.sql(f"SELECT raw FROM staged WHERE reason = '{_FAILED}' ORDER BY seq LIMIT 1")  # noqa: S608
    for row in failed.collect():
        raise DataError(row.raw)
    if codes is None:
        clicked = spark.sql(CLICKED_ITEMS).toArrow()["item"].to_pylist()
        codes = tuple(code_order(clicked))
    items = spark.createDataFrame(item_numbers(codes)).hint("broadcast")
    items.createOrReplaceTempView("items")
    counted = "SELECT count(*), count(time_us), count(session) FROM staged"
    n_rows, n_times, n_sessions = spark.sql(counted).collect()[0]
    n_buckets = n_buckets or bucket_count(n_rows)
    return Staged(tuple(map(str, files)), n_rows, codes, n_times > 0, n_sessions > 0, n_buckets)


def _read_files(
    source: Source, files: list[Path], numbers: Iterable[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    """Runs in a task: the rows of the files with these numbers, or an error as a row."""
    for number in (number for batch in numbers for number in batch.column(0).to_pylist()):
        file = files[number]
        with duckdb.connect(config={"threads": 1, "memory_limit": MEMORY_LIMIT}) as con:
            try:
                for chunk in raw_clicks(con, source, [file]):
                    with named_errors(file):
                        query = con.sql(staged_rows(chunk, number))
                        yield from query.to_arrow_reader(_BATCH_ROWS)
            except NadeuriError as error:
                row = dict.fromkeys(STAGED_COLUMNS) | {"reason": _FAILED, "raw": str(error)}
                row["seq"] = first_seq(number)
                yield pa.RecordBatch.from_pylist([row], _ARROW_SCHEMA)


def _mark(spark: SparkSession, source: Source, staged: Staged, folder: Path) -> None:
    """Write every usable click, with the reason if a rule rejects it: a file for each bucket.

    A bucket is a partition, so that all the rules together move every click once.
    """
    shift = _KEY_BITS - (staged.n_buckets.bit_length() - 1)
    clicks = spark.sql(_CLICKS.format(shift=shift)).repartition(staged.n_buckets, "bucket")
    clicks.createOrReplaceTempView("clicks")
    user = 'bucket, user_key, "user"'
    rows = spark.sql(marked("clicks", user, user, source.cleaning))
    rows = rows.sortWithinPartitions("bucket", "user_key", "user", "time_us", "seq")
    rows.write.partitionBy("bucket").parquet(_address(folder))


def _collect(bucket: Path, staged: Staged, writer: RejectsWriter, folder: Path) -> Bucket:
    """Bring a bucket of :func:`_mark` to the driver."""
    (file,) = bucket.glob("*.parquet")
    rows = pq.ParquetFile(file).read()
    rejected = rows.filter(pc.is_valid(rows["reason"])).sort_by("seq")
    times = pc.if_else(rejected["timed"], rejected["time_us"], pa.scalar(None, pa.int64()))
    rejected = rejected.set_column(rejected.column_names.index("time_us"), "time_us", times)
    writer.write(readable(rejected.select(_REJECT_COLUMNS), staged))
    kept = rows.filter(pc.is_null(rows["reason"]))
    # numbered by first appearance, which in sorted rows is the order of the users
    users = kept[columns.USER].combine_chunks().dictionary_encode()
    clicks = {name: kept[name].to_numpy() for name in ("item", "time_us", "session", "seq")}
    clicks["session"] = clicks["session"].view(np.uint64)
    return write_bucket(folder, users.indices.to_numpy(), users.dictionary, clicks)


@contextmanager
def _no_word_on_pandas() -> Iterator[None]:
    """PySpark warns of pandas 3, which it checks for also where only Arrow is used, as here."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas")
        yield


@contextmanager
def _errors_in_one_line() -> Iterator[None]:
    try:
        yield
    except _spark_errors() as error:
        raise DataError(f"Spark failed: {_first_line(error)}") from error


def _spark_errors() -> tuple[type[Exception], ...]:
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    return Py4JError, PySparkException


def _first_line(error: Exception) -> str:
    return next((line.strip() for line in str(error).splitlines() if line.strip()), "no reason")


def _address(path: Path) -> str:
    """A path for Spark, whose default file system may be another."""
    return f"file://{path.absolute()}"


def _pattern(path: Path) -> str:
    """As :func:`_address`, where Spark reads a glob."""
    return re.sub(r"([\\*?{}\[\]])", r"\\\1", _address(path))
