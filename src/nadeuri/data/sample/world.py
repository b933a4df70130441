"""Write a sample world to a folder, all or nothing."""

from __future__ import annotations

import json
import os
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from nadeuri import columns
from nadeuri.data.questions import write_questions
from nadeuri.data.sample import blocks
from nadeuri.data.sample.catalogue import MULTI_DELIMITER, Catalogue, build_catalogue
from nadeuri.data.sample.places import write_places
from nadeuri.data.sample.pois import write_match
from nadeuri.data.sample.questions import build_questions
from nadeuri.data.sample.season import TIMEZONE, demand
from nadeuri.data.sample.sizes import WorldSize, size_named
from nadeuri.errors import DataError
from nadeuri.progress import progress

CATALOGUE = "catalogue.parquet"
CLICKS = "clicks"
QUESTIONS = "questions.parquet"
PLACES = "places"
MATCH = "match"
SOURCE = "source.toml"
TRUTH = "dirt.json"
README = "README.txt"

VERSION = 5
"""Raise when the same seed gives other rows, so that old folders are written anew."""

_MARK = "nadeuri sample world"


@dataclass(frozen=True)
class SampleSummary:
    """What was written.

    Attributes:
        path, size, seed: where, and what was asked for.
        n_users: people, bots not counted.
        n_items: products in the catalogue.
        n_questions: labelled questions of travellers.
        n_places, n_reviews: eating places on Jeju, and reviews of them.
        n_agency_places, n_google_places: in the two databases of places to be mapped.
        n_packages, n_itineraries: packages with a day plan, and plans of travellers.
        n_rows: rows of the click log, of which ``n_clean`` are sound.
        dirt: the other rows by kind.
        reused: the folder held this very world already.
    """

    path: Path
    size: str
    seed: int
    n_users: int
    n_items: int
    n_questions: int
    n_places: int
    n_reviews: int
    n_agency_places: int
    n_google_places: int
    n_packages: int
    n_itineraries: int
    n_rows: int
    n_clean: int
    dirt: dict[str, int]
    reused: bool


def write_sample(out: Path, size: str, seed: int = 0, *, force: bool = False) -> SampleSummary:
    """Write the sample world of ``size`` and ``seed`` to the folder ``out``.

    The folder holds ``catalogue.parquet``, ``clicks/part-*``, ``source.toml`` (how to read them),
    ``dirt.json`` (what is wrong in the clicks, counted), ``questions.parquet`` (labelled questions,
    already split), ``places/*.parquet`` (eating places, see :mod:`nadeuri.data.places`),
    ``match/*.parquet`` (two databases of places and trips, see :mod:`nadeuri.data.sample.pois`) and
    ``README.txt``. The same size and seed give the same rows, as long as NumPy
    keeps its random streams. A folder that holds this very world is left as it is.

    Args:
        out: folder; created, or replaced if it holds an earlier sample world or nothing.
        size: ``tiny``, ``demo`` or ``full``.
        seed: from 0.
        force: replace ``out`` whatever it holds, and write anew what is there already.

    Raises:
        ConfigError: no such size.
        DataError: ``out`` holds something else, is a file, or cannot be written.
    """
    world_size = size_named(size)
    truth = _truth_in(out)
    if not force:
        if truth is not None and _is_whole(out, truth, world_size, seed):
            return _summary(out, truth, reused=True)
        if out.exists() and truth is None and not _is_empty_folder(out):
            raise DataError(f"{out}: holds something else; choose another folder or give --force")
    try:
        with _replacing(out) as folder:
            truth = _write(folder, world_size, seed)
    except OSError as error:
        raise DataError(f"{out}: cannot be written ({error}); choose another folder") from error
    return _summary(out, truth, reused=False)


def _write(folder: Path, size: WorldSize, seed: int) -> dict[str, Any]:
    """Write all files; the truth file, which marks a whole world, comes last."""
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(0,)))
    catalogue = build_catalogue(size, rng)
    pq.write_table(catalogue.table, folder / CATALOGUE, compression="zstd")
    (folder / CLICKS).mkdir()
    dirt, bots, n_rows = _write_clicks(folder / CLICKS, catalogue, size, seed)
    n_questions = write_questions(folder / QUESTIONS, build_questions(size.questions, seed))
    write_places(folder / PLACES, size.places, size.reviews, size.usage_months, seed)
    match = write_match(
        folder / MATCH,
        catalogue.table,
        n_cities=size.cities,
        n_agency=size.agency_places,
        n_google=size.google_places,
        n_itineraries=size.itineraries,
        seed=seed,
    )
    (folder / SOURCE).write_text(_source_toml(size, seed), encoding="utf-8")
    (folder / README).write_text(_readme(size, seed, n_rows), encoding="utf-8")
    truth = {
        "about": _MARK,
        "version": VERSION,
        "size": size.name,
        "seed": seed,
        "users": size.users,
        "items": len(catalogue),
        "cold_items": [
            code for code, w in zip(catalogue.codes, catalogue.weight, strict=True) if w == 0
        ],
        "questions": n_questions,
        "places": size.places,
        "reviews": size.reviews,
        **asdict(match),
        "rows": n_rows,
        "clean_rows": n_rows - sum(dirt.values()),
        "dirt": dict(sorted(dirt.items())),
        "bots": sorted(bots),
        "bytes": _sizes_on_disk(folder),
    }
    (folder / TRUTH).write_text(json.dumps(truth, ensure_ascii=False, indent=1), encoding="utf-8")
    return truth


def _write_clicks(
    folder: Path, catalogue: Catalogue, size: WorldSize, seed: int
) -> tuple[Counter[str], list[str], int]:
    """One part file per block of users, so that memory is bounded by a block."""
    dirt: Counter[str] = Counter()
    bots: list[str] = []
    n_rows = 0
    tables = demand(catalogue.places)
    for index in progress(range(size.n_blocks), "clicks"):
        block = blocks.make_block(catalogue, tables, size, seed, index)
        _write_part(folder, index, block.table, size)
        dirt.update(block.dirt)
        bots.extend(block.bots)
        n_rows += len(block.table)
    return dirt, bots, n_rows


def _write_part(folder: Path, index: int, table: pa.Table, size: WorldSize) -> None:
    stem = f"part-{index:05d}"
    if size.clicks_format == "parquet":
        pq.write_table(table, folder / f"{stem}.parquet", compression="zstd")
        return
    plain = table.cast(pa.schema([(name, pa.string()) for name in table.column_names]))
    options = pa_csv.WriteOptions(quoting_style="needed")
    with pa.CompressedOutputStream(str(folder / f"{stem}.csv.gz"), "gzip") as stream:
        pa_csv.write_csv(plain, stream, options)


def _source_toml(size: WorldSize, seed: int) -> str:
    ending = "csv.gz" if size.clicks_format == "csv" else "parquet"
    return f"""\
# Synthetic clicks and products, made by: nadeuri sample --size {size.name} --seed {seed}
name = "sample-{size.name}"

[clicks]
files = ["{CLICKS}/part-*.{ending}"]
columns = {{ {columns.USER} = "{blocks.USER_COLUMN}", {columns.ITEM} = "{blocks.ITEM_COLUMN}", \
{columns.TIME} = "{blocks.TIME_COLUMN}" }}
timezone = "{TIMEZONE}"

[catalogue]
file = "{CATALOGUE}"
display = ["{columns.NAME}", "city_name", "{columns.ON_SALE}", "{columns.TRIP}"]
multi_delimiter = "{MULTI_DELIMITER}"

[catalogue.columns]
{columns.ITEM} = "goods_cd"
{columns.NAME} = "goods_nm"
{columns.COUNTRY} = "nation_nm"
{columns.CITY} = "city_cd"
city_name = "city_nm"
{columns.CATEGORY} = "ctgr_nm"
{columns.THEME} = "thema"
{columns.PRICE_BAND} = "price_grp"
{columns.PRICE} = "sale_price"
{columns.NIGHTS} = "nights"
{columns.ON_SALE} = "sale_yn"
{columns.TRIP} = "trip_cd"

[catalogue.fields]
{columns.CITY} = "{columns.CATEGORICAL}"
{columns.COUNTRY} = "{columns.CATEGORICAL}"
{columns.CATEGORY} = "{columns.CATEGORICAL}"
{columns.THEME} = "{columns.MULTI}"
{columns.PRICE_BAND} = "{columns.CATEGORICAL}"
{columns.PRICE} = "{columns.NUMERIC}"
{columns.NIGHTS} = "{columns.NUMERIC}"

[cleaning]
max_clicks_per_minute = {blocks.BOT_CLICKS_PER_MINUTE // 2}
min_user_clicks = 3
"""


def _readme(size: WorldSize, seed: int, n_rows: int) -> str:
    return f"""\
SYNTHETIC DATA. Nothing here was observed: no person, product, price, click or question is real.
Names of countries, cities, towns, villages and sights are real; products, hotels, shops, eating
places, menus, prices, reviews, addresses, telephone numbers and behaviour are invented.

Made by: nadeuri sample --size {size.name} --seed {seed}
{size.users:,} users, {size.items:,} products, {n_rows:,} log rows, {size.questions:,} questions,
{size.places:,} eating places, {size.reviews:,} reviews,
{size.agency_places:,} places of an agency, {size.google_places:,} of a map service, \
{size.itineraries:,} itineraries.

{CATALOGUE}   products, under an agency's column names
{CLICKS}/             the click log, a part per group of users; local time in {TIMEZONE}
{SOURCE}         how to read both:  nadeuri data prepare <this folder>
{TRUTH}           what is wrong in the log on purpose, counted
{QUESTIONS}   what travellers ask, with entities and intent, split into train, valid and test:
                    no template is in two parts, and some place names are in the test part alone
{PLACES}/             eating places on Jeju with menus, reviews, ratings, visits and usage:
                    nadeuri guide load <this folder>
{MATCH}/              places of an agency and of a map service, which are the same (gold, split by
                    city), packages with day plans, and itineraries that travellers made from them

It is there to run and to show the software. It proves nothing about the quality of a model.
"""


def _sizes_on_disk(folder: Path) -> dict[str, int]:
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    return {file.relative_to(folder).as_posix(): file.stat().st_size for file in files}


def _truth_in(out: Path) -> dict[str, Any] | None:
    """The truth file of the sample world in ``out``, or None if there is none."""
    try:
        truth = json.loads((out / TRUTH).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return truth if isinstance(truth, dict) and truth.get("about") == _MARK else None


def _is_whole(out: Path, truth: dict[str, Any], size: WorldSize, seed: int) -> bool:
    """Whether ``out`` holds exactly this world, no file missing or of another length."""
    asked = {"version": VERSION, "size": size.name, "seed": seed}
    if any(truth.get(key) != value for key, value in asked.items()):
        return False
    found = _sizes_on_disk(out)
    return all(found.get(name) == length for name, length in truth["bytes"].items())


def _is_empty_folder(out: Path) -> bool:
    return out.is_dir() and not any(out.iterdir())


def _summary(out: Path, truth: dict[str, Any], *, reused: bool) -> SampleSummary:
    return SampleSummary(
        path=out,
        size=truth["size"],
        seed=truth["seed"],
        n_users=truth["users"],
        n_items=truth["items"],
        n_questions=truth["questions"],
        n_places=truth["places"],
        n_reviews=truth["reviews"],
        n_agency_places=truth["agency_places"],
        n_google_places=truth["google_places"],
        n_packages=truth["packages"],
        n_itineraries=truth["itineraries"],
        n_rows=truth["rows"],
        n_clean=truth["clean_rows"],
        dirt=truth["dirt"],
        reused=reused,
    )


@contextmanager
def _replacing(out: Path) -> Iterator[Path]:
    """A new folder beside ``out`` that takes its place when the block ends without an error."""
    target = out.resolve()
    target.parent.mkdir(parents=True, exist_ok=True)
    new = target.with_name(f".{target.name}.new-{os.getpid()}")
    old = target.with_name(f".{target.name}.old-{os.getpid()}")
    new.mkdir()
    try:
        yield new
        if target.exists():
            target.rename(old)
        new.rename(target)
    except BaseException:
        if old.exists() and not target.exists():
            old.rename(target)
        raise
    finally:
        for leftover in (new, old):
            if leftover.is_dir():
                shutil.rmtree(leftover)
            else:
                leftover.unlink(missing_ok=True)
