"""Readers for well-known research data sets, behind the same interface as a company's own files.

A set is recognised by its files. Counts and protocols follow the papers that use them, so nothing
is cleaned beyond what their authors did.

=============  ==================================================================================
ml-1m          MovieLens-1M as in SASRec, BERT4Rec and gSASRec: ``ml-1m.txt`` in order, no times
ml-100k        MovieLens-100k in RecBole's atomic files
beauty         Amazon Beauty 5-core of S3-Rec: one line per user; attributes = categories + brands
nyc            Foursquare New York check-ins; a region (0.02 degree cell) stands in for a city code
flickr-trips   Flickr photo trips in five cities; items are ``<city>-<poi>``
=============  ==================================================================================
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import pyarrow as pa
import pyarrow.csv as pc_csv

from nadeuri import columns
from nadeuri.data.sequences import FieldKind
from nadeuri.errors import DataError

PublicName = Literal["ml-1m", "ml-100k", "beauty", "nyc", "flickr-trips"]
NAMES: tuple[PublicName, ...] = get_args(PublicName)

GENRES, DECADE, RELEASE_YEAR = "genres", "decade", "release_year"
ATTRIBUTES, REGION, LAT, LON = "attributes", "region", "lat", "lon"

_FLICKR_CITIES = {
    "Edin": "Edinburgh",
    "Glas": "Glasgow",
    "Melb": "Melbourne",
    "Osak": "Osaka",
    "Toro": "Toronto",
}


@dataclass(frozen=True)
class PublicCatalogue:
    """Raw rows of a catalogue (text, or lists of text) and how to read its fields."""

    file: Path
    rows: list[dict[str, str | list[str] | None]]
    fields: dict[str, FieldKind]
    display: tuple[str, ...] = ()


@dataclass(frozen=True)
class _PublicSet:
    click_files: tuple[str, ...]
    catalogue_files: tuple[str, ...]
    clicks: Callable[[Path], Iterator[tuple[Path, pa.Table]]]
    catalogue: Callable[[Path], PublicCatalogue]


def recognise(folder: Path) -> PublicName | None:
    """The set whose files lie in ``folder``, if any."""
    for name, known in _SETS.items():
        if all((folder / file).is_file() for file in known.click_files + known.catalogue_files):
            return name
    return None


def files(name: PublicName, folder: Path) -> list[Path]:
    """The files of a set.

    Raises:
        DataError: one is absent.
    """
    paths = [*click_files(name, folder), *(folder / f for f in _SETS[name].catalogue_files)]
    for path in paths:
        if not path.is_file():
            raise DataError(f"{path}: no such file; the public data set {name} needs it")
    return paths


def click_files(name: PublicName, folder: Path) -> list[Path]:
    """The files that :func:`clicks` reads, in its order."""
    return [folder / file for file in _SETS[name].click_files]


def clicks(name: PublicName, folder: Path) -> Iterator[tuple[Path, pa.Table]]:
    """Per file, its clicks in file order: text columns ``user``, ``item`` and, where the set has
    them, ``time`` (Unix seconds, int64) and ``session`` (text)."""
    files(name, folder)
    return _SETS[name].clicks(folder)


def catalogue(name: PublicName, folder: Path) -> PublicCatalogue:
    """The set's catalogue, not yet validated."""
    files(name, folder)
    return _SETS[name].catalogue(folder)


def _ml_1m_clicks(folder: Path) -> Iterator[tuple[Path, pa.Table]]:
    file = folder / "ml-1m.txt"
    yield file, _read_delimited(file, " ", {columns.USER: pa.string(), columns.ITEM: pa.string()})


def _ml_1m_catalogue(folder: Path) -> PublicCatalogue:
    file = folder / "items.tsv"
    rows: list[dict[str, str | list[str] | None]] = []
    for row in _dicts(file, "\t"):
        title, year = _split_title(row["title"])
        rows.append(
            {
                columns.ITEM: row["item_id"],
                columns.NAME: title,
                GENRES: row["genres"].split("|"),
                DECADE: _decade(year),
                RELEASE_YEAR: year,
            }
        )
    return PublicCatalogue(file, rows, _MOVIE_FIELDS, (columns.NAME,))


def _ml_100k_clicks(folder: Path) -> Iterator[tuple[Path, pa.Table]]:
    file = folder / "ml-100k.inter"
    types = {
        columns.USER: pa.string(),
        columns.ITEM: pa.string(),
        "rating": pa.string(),
        columns.TIME: pa.int64(),
    }
    yield file, _read_delimited(file, "\t", types, skip_rows=1).drop_columns(["rating"])


def _ml_100k_catalogue(folder: Path) -> PublicCatalogue:
    file = folder / "ml-100k.item"
    rows: list[dict[str, str | list[str] | None]] = []
    for row in _dicts(file, "\t"):
        year = row["release_year:token"] if row["release_year:token"].isdigit() else None
        rows.append(
            {
                columns.ITEM: row["item_id:token"],
                columns.NAME: row["movie_title:token_seq"],
                GENRES: row["class:token_seq"].split(" "),
                DECADE: _decade(year),
                RELEASE_YEAR: year,
            }
        )
    return PublicCatalogue(file, rows, _MOVIE_FIELDS, (columns.NAME,))


def _beauty_clicks(folder: Path) -> Iterator[tuple[Path, pa.Table]]:
    file = folder / "Beauty.txt"
    users: list[str] = []
    items: list[str] = []
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            user, *clicked = line.split()
            users.extend([user] * len(clicked))
            items.extend(clicked)
    yield file, pa.table({columns.USER: users, columns.ITEM: items})


def _beauty_catalogue(folder: Path) -> PublicCatalogue:
    file = folder / "item2attributes.json"
    attributes: dict[str, list[int]] = json.loads(file.read_text(encoding="utf-8"))
    rows: list[dict[str, str | list[str] | None]] = [
        {columns.ITEM: item, ATTRIBUTES: [str(value) for value in values]}
        for item, values in attributes.items()
    ]
    return PublicCatalogue(file, rows, {ATTRIBUTES: "multi"})


def _nyc_clicks(folder: Path) -> Iterator[tuple[Path, pa.Table]]:
    file = folder / "nyc_checkins.txt"
    types = {columns.USER: pa.string(), columns.ITEM: pa.string(), columns.TIME: pa.int64()}
    table = _read_delimited(file, " ", types)
    minutes = table[columns.TIME].to_numpy()
    yield file, table.set_column(2, columns.TIME, pa.array(minutes * 60))


def _nyc_catalogue(folder: Path) -> PublicCatalogue:
    file = folder / "nyc_pois.tsv"
    rows: list[dict[str, str | list[str] | None]] = [
        {
            columns.ITEM: row["poi_id"],
            REGION: row["region_grid002"],
            LAT: row["lat"],
            LON: row["lon"],
        }
        for row in _dicts(file, "\t")
    ]
    return PublicCatalogue(file, rows, {REGION: "categorical", LAT: "numeric", LON: "numeric"})


def _flickr_clicks(folder: Path) -> Iterator[tuple[Path, pa.Table]]:
    for code, city in _FLICKR_CITIES.items():
        file = folder / f"traj-{code}.csv"
        rows = list(_dicts(file, ","))
        yield (
            file,
            pa.table(
                {
                    columns.USER: [row["userID"] for row in rows],
                    columns.ITEM: [f"{city}-{row['poiID']}" for row in rows],
                    columns.TIME: pa.array([int(row["startTime"]) for row in rows], pa.int64()),
                    columns.SESSION: [f"{city}-{row['trajID']}" for row in rows],
                }
            ),
        )


def _flickr_catalogue(folder: Path) -> PublicCatalogue:
    rows: list[dict[str, str | list[str] | None]] = [
        {
            columns.ITEM: f"{city}-{row['poiID']}",
            columns.CITY: city,
            columns.CATEGORY: row["poiCat"],
            LAT: row["poiLat"],
            LON: row["poiLon"],
        }
        for code, city in _FLICKR_CITIES.items()
        for row in _dicts(folder / f"poi-{code}.csv", ",")
    ]
    fields: dict[str, FieldKind] = {
        columns.CITY: "categorical",
        columns.CATEGORY: "categorical",
        LAT: "numeric",
        LON: "numeric",
    }
    return PublicCatalogue(folder / "poi-*.csv", rows, fields)


def _read_delimited(
    file: Path, delimiter: str, types: dict[str, pa.DataType], skip_rows: int = 0
) -> pa.Table:
    try:
        return pc_csv.read_csv(
            file,
            read_options=pc_csv.ReadOptions(column_names=list(types), skip_rows=skip_rows),
            parse_options=pc_csv.ParseOptions(delimiter=delimiter, quote_char=False),
            convert_options=pc_csv.ConvertOptions(column_types=types),
        )
    except pa.ArrowInvalid as error:
        raise DataError(f"{file}: not as published ({error}); fetch it again") from error


def _dicts(file: Path, delimiter: str) -> Iterator[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        if delimiter == ",":
            yield from csv.DictReader(lines)
        else:  # tab-separated files quote nothing
            yield from csv.DictReader(lines, delimiter=delimiter, quoting=csv.QUOTE_NONE)


def _split_title(title: str) -> tuple[str, str | None]:
    """``"Heat (1995)"`` -> ``("Heat", "1995")``."""
    match = re.fullmatch(r"(.*\S)\s+\((\d{4})\)\s*", title)
    return (match[1], match[2]) if match else (title, None)


def _decade(year: str | None) -> str | None:
    return f"{year[:3]}0s" if year else None


_MOVIE_FIELDS: dict[str, FieldKind] = {
    GENRES: "multi",
    DECADE: "categorical",
    RELEASE_YEAR: "numeric",
}

_SETS: dict[PublicName, _PublicSet] = {
    "ml-1m": _PublicSet(("ml-1m.txt",), ("items.tsv",), _ml_1m_clicks, _ml_1m_catalogue),
    "ml-100k": _PublicSet(
        ("ml-100k.inter",), ("ml-100k.item",), _ml_100k_clicks, _ml_100k_catalogue
    ),
    "beauty": _PublicSet(
        ("Beauty.txt",), ("item2attributes.json",), _beauty_clicks, _beauty_catalogue
    ),
    "nyc": _PublicSet(("nyc_checkins.txt",), ("nyc_pois.tsv",), _nyc_clicks, _nyc_catalogue),
    "flickr-trips": _PublicSet(
        tuple(f"traj-{code}.csv" for code in _FLICKR_CITIES),
        tuple(f"poi-{code}.csv" for code in _FLICKR_CITIES),
        _flickr_clicks,
        _flickr_catalogue,
    ),
}
