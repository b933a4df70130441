"""When people come: sessions over the year, and the moment of every click.

Arrays of one block of users are laid out as [longest, n_users], users by falling number of clicks,
so that the simulation can take the ``t``-th click of everybody still active as one slice.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numpy.random import Generator

from nadeuri.data.sample import season

_SESSIONS_LOG_MEAN, _SESSIONS_LOG_SD, _MAX_SESSIONS = 1.25, 0.85, 30
_STOP_CHANCE, _MAX_SESSION_CLICKS = 0.22, 20
_GAP_DAYS_LOG_MEAN, _GAP_DAYS_LOG_SD = float(np.log(4.0)), 1.1
_MIN_DWELL_S, _MAX_DWELL_S = 4, 1_200
_DWELL_LOG_MEAN, _DWELL_LOG_SD = float(np.log(35.0)), 0.9
_PAUSE_S = 2_700  # between sessions; longer than the usual 30 minutes of a sessioniser


@dataclass(frozen=True)
class Visits:
    """Click moments of a block of users.

    Attributes:
        lengths: int64 [n_users], clicks per user, falling.
        times: int64 [longest, n_users], local seconds; strictly rising down a column, 0 below it.
        opens: bool [longest, n_users], the click is the first of a session.
    """

    lengths: npt.NDArray[np.int64]
    times: npt.NDArray[np.int64]
    opens: npt.NDArray[np.bool_]


def plan_visits(rng: Generator, n_users: int) -> Visits:
    """Draw sessions and click moments for ``n_users`` users."""
    drawn = rng.lognormal(_SESSIONS_LOG_MEAN, _SESSIONS_LOG_SD, n_users)
    sessions = 1 + np.minimum(drawn.astype(np.int64), _MAX_SESSIONS - 1)
    user = np.repeat(np.arange(n_users), sessions)
    first = np.concatenate([[0], np.cumsum(sessions)[:-1]])
    clicks = np.minimum(rng.geometric(_STOP_CHANCE, len(user)), _MAX_SESSION_CLICKS)

    dwell = rng.lognormal(_DWELL_LOG_MEAN, _DWELL_LOG_SD, clicks.sum()).astype(np.int64)
    dwell = np.clip(dwell, _MIN_DWELL_S, _MAX_DWELL_S)
    session_of_click = np.repeat(np.arange(len(user)), clicks)
    passed = np.cumsum(dwell) - dwell
    opening = np.concatenate([[0], np.cumsum(clicks)[:-1]])
    into_session = passed - passed[opening][session_of_click]
    spans = np.add.reduceat(dwell, opening)

    starts = _session_starts(rng, user, first, spans)
    times = starts[session_of_click] + into_session
    is_opening = np.zeros(len(times), dtype=np.bool_)
    is_opening[opening] = True
    return _columns(np.add.reduceat(clicks, first), times, is_opening)


def _session_starts(
    rng: Generator,
    user: npt.NDArray[np.int64],
    first: npt.NDArray[np.int64],
    spans: npt.NDArray[np.int64],
) -> npt.NDArray[np.int64]:
    """Start of every session in local seconds, rising within a user with a pause in between.

    Gaps run on the year's traffic rather than the clock and wrap round its end, so that every
    month sees its share of users and none is cut short.
    """
    gaps = rng.lognormal(_GAP_DAYS_LOG_MEAN, _GAP_DAYS_LOG_SD, len(user)) / season.DAYS
    gaps[first] = rng.random(len(first))
    run = np.cumsum(gaps)
    position = (run - (run[first] - gaps[first])[user]) % 1.0
    position = position[np.lexsort((position, user))]
    wanted = season.moments(position)

    # start[s] = max(wanted[s], start[s - 1] + busy[s - 1]), as a running maximum per user
    index = np.arange(len(user)) - first[user]
    grid = (len(first), int(index.max()) + 1)
    busy = np.zeros(grid, dtype=np.int64)
    busy[user, index] = spans + _PAUSE_S
    before = np.cumsum(busy, axis=1) - busy
    earliest = np.full(grid, np.iinfo(np.int64).min // 2)
    earliest[user, index] = wanted
    starts = np.maximum.accumulate(earliest - before, axis=1) + before
    return np.asarray(starts[user, index])


def _columns(
    lengths: npt.NDArray[np.int64], times: npt.NDArray[np.int64], opens: npt.NDArray[np.bool_]
) -> Visits:
    """Lay flat user-major arrays out as columns, longest user first."""
    order = np.argsort(-lengths, kind="stable")
    column = np.empty_like(order)
    column[order] = np.arange(len(order))
    user = np.repeat(np.arange(len(lengths)), lengths)
    row = np.arange(len(times)) - (np.cumsum(lengths) - lengths)[user]
    shape = (int(lengths.max()), len(lengths))
    times_grid = np.zeros(shape, dtype=np.int64)
    opens_grid = np.zeros(shape, dtype=np.bool_)
    times_grid[row, column[user]] = times
    opens_grid[row, column[user]] = opens
    return Visits(lengths[order], times_grid, opens_grid)
