"""Splink's Fellegi-Sunter model, unsupervised, as a worker; runs in that peer's environment.

    python splink_peer.py task.json

``left`` and ``right`` of the task are Parquet files of places. Writes to ``out`` a JSON line with
``left``, ``right`` and ``probability`` for every pair that Splink thinks possible. Columns that no
place has are left out; parameters are those that its tutorial for linking without labels uses.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import splink.comparison_library as cl
from protocol import Meter, answer, read_task
from splink import Linker, SettingsCreator, block_on
from splink.backends.duckdb import DuckDBAPI

NEAR_KM = [0.02, 0.05, 0.1, 0.3]
NEAR_DEGREES = (0.003, 0.004)  # of latitude and longitude: some 300 m
TEXTS = ("name", "address", "postal_code", "phone", "city", "category")
SEED = 0


def read(con: duckdb.DuckDBPyConnection, table: str, file: str) -> set[str]:
    """Load a table under lower-case texts; the columns that some place has."""
    texts = ", ".join(f"lower({name}) AS {name}" for name in TEXTS)
    con.execute(
        f"""CREATE TABLE {table} AS SELECT place_id AS unique_id, {texts}, latitude, longitude,
        substr(lower(name), 1, 4) AS name_start FROM read_parquet('{file}')"""
    )
    counts = con.execute(f"SELECT * FROM (SELECT count(COLUMNS(*)) FROM {table})").fetchone()
    names = [row[0] for row in con.execute(f"DESCRIBE {table}").fetchall()]
    return {name for name, count in zip(names, counts or (), strict=True) if count}


def settings(known: set[str]) -> SettingsCreator:
    """Comparisons and blocking rules for the columns that are known."""
    comparisons: list[Any] = [
        cl.JaroWinklerAtThresholds("name", [0.98, 0.92, 0.88, 0.75]).configure(
            term_frequency_adjustments=True
        )
    ]
    rules: list[Any] = [block_on("name"), block_on("name_start")]
    if "latitude" in known:
        comparisons.append(cl.DistanceInKMAtThresholds("latitude", "longitude", NEAR_KM))
        lat, lon = NEAR_DEGREES
        rules.append(
            f"abs(l.latitude - r.latitude) < {lat} AND abs(l.longitude - r.longitude) < {lon}"
        )
    if "phone" in known:
        comparisons.append(cl.LevenshteinAtThresholds("phone", [1, 3]))
        rules.append(block_on("phone"))
    for name in ("address", "city"):
        if name in known:
            comparisons.append(cl.JaroWinklerAtThresholds(name, [0.95, 0.8]))
    for name in ("postal_code", "category"):
        if name in known:
            comparisons.append(cl.ExactMatch(name))
    return SettingsCreator(
        link_type="link_only",
        comparisons=comparisons,
        blocking_rules_to_generate_predictions=rules,
    )


def main() -> None:
    task = read_task()
    meter = Meter()
    con = duckdb.connect()
    con.execute("SET threads = 1")
    known = read(con, "lefts", task["left"]) & read(con, "rights", task["right"])
    api = DuckDBAPI(con)
    tables = [api.register(name, dataset_display_name=name) for name in ("lefts", "rights")]
    linker = Linker(tables, settings(known), log_level="ERROR")
    training = linker.training
    training.estimate_probability_two_random_records_match([block_on("name")], recall=0.6)
    training.estimate_u_using_random_sampling(max_pairs=1e6, seed=SEED)
    training.estimate_parameters_using_expectation_maximisation(
        block_on("name_start"), record_sample_proportion=1.0
    )
    other = "postal_code" if "postal_code" in known else "city"
    training.estimate_parameters_using_expectation_maximisation(
        block_on(other), record_sample_proportion=1.0
    )
    found = linker.inference.predict(threshold_match_probability=0.01)
    rows = found.as_record_list()
    out = Path(task["out"])
    with out.open("w", encoding="utf-8") as file:
        for row in rows:
            pair = {"left": row["unique_id_l"], "right": row["unique_id_r"]}
            file.write(json.dumps({**pair, "probability": row["match_probability"]}) + "\n")
    answer(meter.read())


if __name__ == "__main__":
    main()
