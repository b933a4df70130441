"""Cities and sights: consistent, composed, and apart from the evaluation set."""

from __future__ import annotations

import csv
import unicodedata
from pathlib import Path

import numpy as np
import pytest

from nadeuri.data.places import great_circle_metres
from nadeuri.data.sample.destinations import load_destinations
from nadeuri.data.sample.pois.categories import CATEGORIES
from nadeuri.data.sample.pois.geography import load_cities, load_sights, read_rows

CROSS_LINGUAL = Path(__file__).parents[5] / "shared/data/places/cross-lingual"


def folded(name: str) -> str:
    return "".join(
        char for char in unicodedata.normalize("NFKC", name).casefold() if char.isalnum()
    )


def test_cities_are_those_of_the_catalogue() -> None:
    cities = load_cities()
    assert [city.destination for city in cities] == list(load_destinations())
    languages = {row["language"] for row in read_rows("words.tsv")}
    for city in cities:
        assert city.language in languages
        assert len(city.country_code) == 2
        assert city.dial.isdigit()


def test_sights_are_many_and_consistent() -> None:
    sights = load_sights()
    assert sum(map(len, sights.values())) >= 900
    for code, found in sights.items():
        names = [sight.name for sight in found]
        assert len(set(names)) == len(names) >= 4, code
        for at, sight in enumerate(found):
            assert sight.category in CATEGORIES
            assert not sight.part_of or sight.part_of in names[:at], sight.name


def test_no_digit_of_a_coordinate_is_mistyped() -> None:
    """Sights lie within a long day's trip of their city, and parts in what they are part of."""
    for city in load_cities():
        found = load_sights()[city.code]
        where = {sight.name: (sight.latitude, sight.longitude) for sight in found}
        metres = great_circle_metres(
            city.latitude, city.longitude, *np.array(list(where.values())).T
        )
        limit = 1_250_000 if city.code == "AKL" else 750_000
        assert metres.max() < limit, city.name
        assert metres.min() < 15_000, city.name  # invented places lie around these
        for sight in found:
            if sight.part_of:
                apart = great_circle_metres(*where[sight.name], *where[sight.part_of])
                assert apart < 3_000, sight.name


def test_text_is_composed_and_trimmed() -> None:
    for table in ("cities.tsv", "sights.tsv", "words.tsv", "chains.tsv"):
        for row in read_rows(table):
            for text in row.values():
                assert unicodedata.is_normalized("NFC", text)
                assert text == text.strip()


def test_every_language_has_a_word_of_every_kind() -> None:
    kinds: dict[str, set[str]] = {}
    for row in read_rows("words.tsv"):
        kinds.setdefault(row["language"], set()).add(row["kind"])
    assert len(kinds) == 12
    assert len({frozenset(found) for found in kinds.values()}) == 1


@pytest.mark.shared
@pytest.mark.parametrize("table", ["pairs", "distractors"])
def test_no_name_of_the_evaluation_set_is_here(table: str) -> None:
    path = CROSS_LINGUAL / f"{table}.tsv"
    if not path.is_file():
        pytest.skip(f"{path} is absent")
    with path.open(encoding="utf-8") as lines:
        rows = list(csv.reader(lines, delimiter="\t"))
    n_names = 3 if table == "pairs" else 1
    kept = {folded(name) for row in rows[table == "pairs" :] for name in row[:n_names]}
    ours = {
        folded(name)
        for found in load_sights().values()
        for sight in found
        for name in (sight.name, sight.name_en, sight.name_local)
    }
    assert len(kept) > 40
    assert not kept & ours
