"""One block of users as a table of log rows, clean rows and dirty rows together.

A block depends on the seed, the size and its number alone: blocks can be made in any order.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from nadeuri.data.sample import season
from nadeuri.data.sample.browsing import Browsing
from nadeuri.data.sample.catalogue import Catalogue
from nadeuri.data.sample.season import Demand
from nadeuri.data.sample.sizes import WorldSize
from nadeuri.data.sample.visits import plan_visits

USER_COLUMN, ITEM_COLUMN, TIME_COLUMN = "member_no", "goods_cd", "click_dt"

DUPLICATE = "duplicate"
UNKNOWN_ITEM = "unknown_item"
BAD_TIME = "bad_time"
EMPTY_USER = "empty_user"
BOT = "bot"
DIRT_SHARES = {DUPLICATE: 0.004, UNKNOWN_ITEM: 0.002, BAD_TIME: 0.001, EMPTY_USER: 0.001}
"""Dirty rows that are added, as shares of the clean ones. Kinds never overlap in one row."""

BOT_CLICKS = 600
BOT_CLICKS_PER_MINUTE = 60
_BAD_TIMES = ("0000-00-00 00:00:00", "2026-13-41 25:61:00", "어제", "null")
_UNKNOWN_ITEMS = 40
_USER_ID_FACTOR, _USER_ID_RANGE = 48_271, 10**8  # coprime: numbers become ids one to one


@dataclass(frozen=True)
class Block:
    """Log rows of a block, by time, and what is wrong in them.

    Attributes:
        table: columns ``member_no`` (dictionary), ``goods_cd`` (dictionary), ``click_dt`` (text).
        dirt: added rows by kind.
        bots: ids of the bots in it.
    """

    table: pa.Table
    dirt: Counter[str]
    bots: tuple[str, ...]


@dataclass(frozen=True)
class _Rows:
    """Rows before they get their texts; all [n]."""

    users: npt.NDArray[np.int64]  # index into the block's ids; -1 is nobody
    items: npt.NDArray[np.int64]  # catalogue row; past its end an unknown code
    times: npt.NDArray[np.int64]  # local seconds
    bad_time: npt.NDArray[np.int64]  # -1, or index into _BAD_TIMES

    def __len__(self) -> int:
        return len(self.users)


def user_id(number: int) -> str:
    """Member number of user ``number``; neighbours get unlike numbers."""
    return f"M{(number * _USER_ID_FACTOR + 12_345) % _USER_ID_RANGE:08d}"


def make_block(
    catalogue: Catalogue, demand: Demand, size: WorldSize, seed: int, index: int
) -> Block:
    """Simulate block ``index`` of a world."""
    people, spoilage = np.random.SeedSequence(seed, spawn_key=(1, index)).spawn(2)
    numbers = size.block(index)
    clean = _clean_rows(catalogue, demand, len(numbers), np.random.default_rng(people))

    rng = np.random.default_rng(spoilage)
    bots = [size.users + bot for bot in range(size.bots) if bot % size.n_blocks == index]
    first_bot = len(numbers)
    spoilt = _spoilt_rows(clean, len(catalogue), rng)
    crawled = [_bot_rows(first_bot + i, len(catalogue), rng) for i in range(len(bots))]
    dirt = Counter({kind: len(rows) for kind, rows in spoilt.items()})
    dirt[BOT] = sum(map(len, crawled))

    ids = [user_id(number) for number in (*numbers, *bots)]
    return Block(
        table=_table([clean, *spoilt.values(), *crawled], ids, catalogue.codes),
        dirt=dirt,
        bots=tuple(ids[first_bot:]),
    )


def _clean_rows(
    catalogue: Catalogue, demand: Demand, n_users: int, rng: np.random.Generator
) -> _Rows:
    visits = plan_visits(rng, n_users)
    items = Browsing(catalogue, demand, visits, rng).run()
    clicked = np.arange(len(items))[:, None] < visits.lengths[None, :]
    _, users = np.nonzero(clicked)
    return _Rows(
        users=users,
        items=items[clicked].astype(np.int64),
        times=visits.times[clicked],
        bad_time=np.full(len(users), -1),
    )


def _spoilt_rows(clean: _Rows, n_items: int, rng: np.random.Generator) -> dict[str, _Rows]:
    """Rows to add, by kind; each starts as a copy of a clean row."""
    spoilt = {}
    for kind, share in DIRT_SHARES.items():
        n = max(2, round(share * len(clean)))
        picked = rng.choice(len(clean), n, replace=False)
        users, items, times = clean.users[picked], clean.items[picked], clean.times[picked]
        bad_time = np.full(n, -1)
        if kind == UNKNOWN_ITEM:
            items = n_items + rng.integers(_UNKNOWN_ITEMS, size=n)
        elif kind == BAD_TIME:
            bad_time = rng.integers(len(_BAD_TIMES), size=n)
        elif kind == EMPTY_USER:
            users = np.full(n, -1)
        spoilt[kind] = _Rows(users, items, times, bad_time)
    return spoilt


def _bot_rows(user: int, n_items: int, rng: np.random.Generator) -> _Rows:
    """A crawler walks the catalogue in order, cold items and unreleased ones included."""
    start = season.START + int(rng.integers((season.DAYS - 1) * season.DAY_S))
    step = np.arange(BOT_CLICKS)
    return _Rows(
        users=np.full(BOT_CLICKS, user),
        items=(rng.integers(n_items) + step) % n_items,
        times=start + step * 60 // BOT_CLICKS_PER_MINUTE,
        bad_time=np.full(BOT_CLICKS, -1),
    )


def _table(parts: list[_Rows], ids: list[str], codes: list[str]) -> pa.Table:
    users = np.concatenate([part.users for part in parts])
    items = np.concatenate([part.items for part in parts])
    times = np.concatenate([part.times for part in parts])
    bad_time = np.concatenate([part.bad_time for part in parts])
    order = np.argsort(times, kind="stable")
    nobody = len(ids)
    users = np.where(users < 0, nobody, users)[order].astype(np.int32)
    return pa.table(
        {
            USER_COLUMN: pa.DictionaryArray.from_arrays(users, pa.array([*ids, ""])),
            ITEM_COLUMN: pa.DictionaryArray.from_arrays(
                items[order].astype(np.int32), pa.array([*codes, *_unknown_codes()])
            ),
            TIME_COLUMN: _time_texts(times[order], bad_time[order]),
        }
    )


def _unknown_codes() -> list[str]:
    """Codes of products that left the catalogue; its own never start with Z."""
    return [f"ZOLD{9000 + number}" for number in range(_UNKNOWN_ITEMS)]


def _time_texts(times: npt.NDArray[np.int64], bad_time: npt.NDArray[np.int64]) -> pa.Array:
    """``2026-03-01 14:05:33``, or garbage."""
    texts = pa.array(times).cast(pa.timestamp("s")).cast(pa.string())
    pool = pa.concat_arrays([texts, pa.array(_BAD_TIMES)])
    rows = np.arange(len(times))
    return pool.take(pa.array(np.where(bad_time < 0, rows, len(times) + bad_time)))
