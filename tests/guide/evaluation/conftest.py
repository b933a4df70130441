"""Tables of three places whose figures can be worked out by hand, and the demo world's tables."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from nadeuri.data.places import TABLES
from nadeuri.data.sample.places import write_places
from nadeuri.data.sample.sizes import SIZES
from nadeuri.guide.evaluation.oracle.tables import PlaceTables


def _place(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "place_id": f"P{number}",
        "name": f"가게{number}",
        "category": "흑돼지",
        "address": f"제주특별자치도 제주시 애월읍 애월리 {number}",
        "city": "제주시",
        "town": "애월읍",
        "village": "애월리",
        "latitude": 33.46,
        "longitude": 126.31,
        "opens": 660,
        "closes": 1320,
        "closed_days": [],
        "takes_reservations": True,
        "reservation_share": 0.4,
        "waiting_share": 0.1,
        "waiting_minutes": 12.0,
    } | changes


def _review(number: int, place_id: str, text: str, *keywords: str) -> dict[str, Any]:
    return {
        "review_id": f"R{number}",
        "place_id": place_id,
        "source": "나들지도",
        "text": text,
        "date": date(2026, 5, number),
        "rating": None,
        "keywords": list(keywords),
    }


def _usage(place_id: str, month: str, value: str, share: float) -> dict[str, Any]:
    return {
        "place_id": place_id,
        "month": month,
        "dimension": "age",
        "value": value,
        "share": share,
    }


ROWS: dict[str, list[dict[str, Any]]] = {
    "places": [
        _place(1),
        _place(
            2,
            category="술집",
            town="연동",
            village=None,
            address="제주특별자치도 제주시 연동 2",
            longitude=126.35,
            opens=1020,
            closes=1560,
            closed_days=["월"],
            takes_reservations=False,
            reservation_share=0.1,
            waiting_share=0.5,
            waiting_minutes=40.0,
        ),
        _place(3, city="서귀포시", town="중문동", village=None, longitude=126.9, waiting_share=0.2),
    ],
    "menus": [
        {"menu_id": "M1", "place_id": "P1", "name": "흑돼지목살", "price": 20_000, "is_main": True},
        {"menu_id": "M2", "place_id": "P1", "name": "된장찌개", "price": 8_000, "is_main": False},
        {"menu_id": "M3", "place_id": "P2", "name": "딱새우회", "price": 30_000, "is_main": True},
        {"menu_id": "M4", "place_id": "P3", "name": "흑돼지모둠", "price": 60_000, "is_main": True},
        {"menu_id": "M5", "place_id": "P3", "name": "흑돼지목살", "price": 22_000, "is_main": True},
    ],
    "reviews": [
        _review(1, "P1", "부모님이 좋아하셨어요 고기가 부드러워요", "조용해요"),
        _review(2, "P1", "양이 많아요", "양이 많아요"),
        _review(3, "P2", "시끌벅적해요"),
        _review(4, "P3", "조용해서 좋아요", "조용해요", "친절해요"),
    ],
    "ratings": [
        {"place_id": "P1", "source": "나들지도", "rating": 4.0, "n_ratings": 30},
        {"place_id": "P1", "source": "맛길지도", "rating": 5.0, "n_ratings": 10},
        {"place_id": "P3", "source": "나들지도", "rating": 4.5, "n_ratings": 4},
    ],
    "visits": [
        {"place_id": "P1", "kind": "companion", "value": "부모님", "n_visits": 8},
        {"place_id": "P1", "kind": "companion", "value": "친구", "n_visits": 92},
        {"place_id": "P2", "kind": "companion", "value": "부모님", "n_visits": 79},
        {"place_id": "P2", "kind": "companion", "value": "친구", "n_visits": 921},
        {"place_id": "P1", "kind": "purpose", "value": "회식", "n_visits": 5},
        {"place_id": "P1", "kind": "purpose", "value": "데이트", "n_visits": 15},
    ],
    "usage": [
        _usage("P1", "2026-08", "20대", 0.5),
        _usage("P1", "2026-09", "20대", 0.3),
        _usage("P1", "2026-09", "30대", 0.2),
        _usage("P2", "2026-08", "20대", 0.2),
        _usage("P2", "2026-09", "20대", 0.7),
    ],
    "attractions": [
        {
            "attraction_id": "A1",
            "name": "한담해안산책로",
            "town": "애월읍",
            "latitude": 33.46,
            "longitude": 126.32,
        }
    ],
}


@pytest.fixture(scope="session")
def three_places(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the tables of three places."""
    folder = tmp_path_factory.mktemp("three")
    for name, rows in ROWS.items():
        table = pa.Table.from_pylist(rows, schema=TABLES[name].schema)
        pq.write_table(table, folder / f"{name}.parquet")
    return folder


@pytest.fixture(scope="session")
def tables(three_places: Path) -> PlaceTables:
    """The tables of three places, read."""
    return PlaceTables(three_places)


@pytest.fixture(scope="session")
def tiny_tables(place_folder: Path) -> PlaceTables:
    """The tables that the tiny graph was loaded from."""
    return PlaceTables(place_folder)


@pytest.fixture(scope="session")
def demo_tables(tmp_path_factory: pytest.TempPathFactory) -> PlaceTables:
    """The tables that the shipped questions are about."""
    folder, size = tmp_path_factory.mktemp("demo") / "places", SIZES["demo"]
    write_places(folder, size.places, size.reviews, size.usage_months, seed=0)
    return PlaceTables(folder)
