"""Dates and times as they are read in Korea, wherever the server stands."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

SEOUL = timezone(timedelta(hours=9))
"""Korea has had no summer time since 1988."""


def moment(when: datetime) -> str:
    """Date and time in Korea: ``2026-05-03 18:30``. ``when`` has a time zone."""
    return f"{when.astimezone(SEOUL):%Y-%m-%d %H:%M}"
