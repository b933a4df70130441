"""Times as they are read in Korea."""

from __future__ import annotations

from datetime import UTC, datetime

from nadeuri.web.korea import moment


def test_the_day_is_that_of_korea() -> None:
    assert moment(datetime(2026, 5, 3, 15, 30, tzinfo=UTC)) == "2026-05-04 00:30"
