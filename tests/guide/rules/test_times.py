"""Opening times, hours of the day and months."""

from __future__ import annotations

from datetime import datetime

import pytest

from nadeuri.guide.plan import OpenAt, Weekday
from nadeuri.guide.rules.times import read_hour_bands, read_month, read_open_at, read_weekdays

BANDS = ("00-06", "06-11", "11-14", "14-17", "17-21", "21-24")


@pytest.mark.parametrize(
    ("text", "weekday", "minute"),
    [
        ("밤10시에도", None, 1320),
        ("밤12시까지", None, 0),
        ("새벽1시까지", None, 60),
        ("오전11시반", None, 690),
        ("오후3시", None, 900),
        ("저녁8시30분", None, 1230),
        ("낮12시", None, 720),
        ("19시", None, 1140),
        ("7시에", None, 1140),
        ("아침7시", None, 420),
        ("11시에", None, 660),
        ("10시까지하는", None, 1320),
        ("다섯시", None, 1020),
        ("일요일에여는", "일", None),
        ("토욜점심", "토", 750),
        ("주말아침", "토", 480),
        ("내일", "일", None),
        ("모레저녁", "월", 1140),
        ("지금문연", "토", 1110),
        ("늦게까지", None, 1380),
        ("24시간", None, 240),
    ],
)
def test_open_at(text: str, weekday: Weekday | None, minute: int | None, now: datetime) -> None:
    assert read_open_at(text, now) == OpenAt(weekday=weekday, minute=minute)


@pytest.mark.parametrize("text", ["", "몇시까지", "3시간", "30시", "제주시", "서귀포시장"])
def test_no_time(text: str, now: datetime) -> None:
    assert read_open_at(text, now) is None


@pytest.mark.parametrize(
    ("text", "bands"),
    [
        ("점심시간대", ["11-14"]),
        ("저녁", ["17-21"]),
        ("오후3시", ["14-17"]),
        ("새벽", ["00-06"]),
        ("가장낮은", []),
    ],
)
def test_hour_bands(text: str, bands: list[str]) -> None:
    assert list(read_hour_bands(text, BANDS)) == bands


def test_weekdays_and_months() -> None:
    assert read_weekdays("금요일과주말") == ("금", "토", "일")
    assert [read_month(text) for text in ("8월에", "12월", "13월", "8개월", "월요일")] == [
        8,
        12,
        None,
        None,
        None,
    ]
