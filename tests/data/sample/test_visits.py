"""When the synthetic users come."""

from __future__ import annotations

import numpy as np
import pytest

from nadeuri.data.sample import season
from nadeuri.data.sample.visits import Visits, plan_visits

HALF_AN_HOUR_S = 1_800


@pytest.fixture(scope="module")
def visits() -> Visits:
    return plan_visits(np.random.default_rng(0), 2_000)


def steps(visits: Visits) -> tuple[np.ndarray, np.ndarray]:
    """Seconds since the click before, and whether the click opens a session, past first clicks."""
    within = np.arange(1, len(visits.times))[:, None] < visits.lengths
    return np.diff(visits.times, axis=0)[within], visits.opens[1:][within]


def test_columns_are_filled_to_their_length(visits: Visits) -> None:
    assert (np.diff(visits.lengths) <= 0).all()
    assert visits.lengths.min() >= 1
    filled = np.arange(len(visits.times))[:, None] < visits.lengths
    assert ((visits.times > 0) == filled).all()
    assert visits.opens[0].all()
    assert not visits.opens[~filled].any()


def test_time_always_moves_on(visits: Visits) -> None:
    assert steps(visits)[0].min() >= 4


def test_sessions_are_half_an_hour_apart_and_dense_inside(visits: Visits) -> None:
    seconds, opens = steps(visits)
    assert seconds[opens].min() > HALF_AN_HOUR_S
    assert seconds[~opens].max() < HALF_AN_HOUR_S


def test_year_is_covered_evenly(visits: Visits) -> None:
    times = visits.times[visits.times > 0]
    day = (times - season.START) // season.DAY_S
    assert day.min() >= 0
    assert day.max() <= season.DAYS + 1
    per_month = np.bincount(day.clip(max=season.DAYS - 1) * 12 // season.DAYS, minlength=12)
    assert per_month.min() > 0.5 * per_month.mean()
    assert per_month.max() < 1.6 * per_month.mean()


def test_evenings_are_busier_than_nights(visits: Visits) -> None:
    times = visits.times[visits.times > 0]
    hours = np.bincount(times // season.HOUR_S % 24, minlength=24)
    assert hours[20:23].mean() > 5 * hours[2:5].mean()


def test_moments_keep_order_and_range() -> None:
    position = np.linspace(0, 1, 10_000, endpoint=False)
    moments = season.moments(position)
    assert (np.diff(moments) > 0).all()
    assert moments[0] == season.START
    assert moments[-1] < season.START + season.DAYS * season.DAY_S


def test_months_of_local_seconds() -> None:
    moments = np.array(["2025-10-01T00:00:00", "2026-01-31T23:59:59"], dtype="datetime64[s]")
    assert season.month_of(moments.astype(np.int64)).tolist() == [9, 0]
