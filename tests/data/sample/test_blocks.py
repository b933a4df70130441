"""Blocks of log rows and the dirt in them."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from nadeuri.data.sample import blocks
from nadeuri.data.sample.blocks import Block, make_block, user_id
from nadeuri.data.sample.catalogue import Catalogue, build_catalogue
from nadeuri.data.sample.season import demand
from nadeuri.data.sample.sizes import SIZES

SIZE = SIZES["tiny"]


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return build_catalogue(SIZE, np.random.default_rng(0))


@pytest.fixture(scope="module")
def block(catalogue: Catalogue) -> Block:
    return make_block(catalogue, demand(catalogue.places), SIZE, seed=3, index=1)


def is_moment(text: str) -> bool:
    try:
        dt.datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def test_blocks_do_not_depend_on_each_other(catalogue: Catalogue, block: Block) -> None:
    tables = demand(catalogue.places)
    other = make_block(catalogue, tables, SIZE, seed=3, index=0)
    again = make_block(catalogue, tables, SIZE, seed=3, index=1)
    assert again.table.equals(block.table)
    assert not other.table.equals(block.table)
    assert not make_block(catalogue, tables, SIZE, seed=4, index=1).table.equals(block.table)


def test_dirt_is_counted_exactly(catalogue: Catalogue, block: Block) -> None:
    rows = block.table.to_pylist()
    codes = set(catalogue.codes)
    found = {
        blocks.EMPTY_USER: sum(row["member_no"] == "" for row in rows),
        blocks.UNKNOWN_ITEM: sum(row["goods_cd"] not in codes for row in rows),
        blocks.BAD_TIME: sum(not is_moment(row["click_dt"]) for row in rows),
        blocks.BOT: sum(row["member_no"] in block.bots for row in rows),
        blocks.DUPLICATE: len(rows) - len({tuple(row.values()) for row in rows}),
    }
    assert found == dict(block.dirt)
    assert all(count >= 2 for count in found.values())


def test_each_dirty_row_has_one_fault(catalogue: Catalogue, block: Block) -> None:
    codes = set(catalogue.codes)
    for row in block.table.to_pylist():
        faults = [
            row["member_no"] == "",
            row["goods_cd"] not in codes,
            not is_moment(row["click_dt"]),
            row["member_no"] in block.bots,
        ]
        assert sum(faults) <= 1


def test_bots_are_far_faster_than_people(block: Block) -> None:
    per_minute: dict[tuple[str, str], int] = {}
    for row in block.table.to_pylist():
        if row["member_no"] and is_moment(row["click_dt"]):
            key = row["member_no"], row["click_dt"][:16]
            per_minute[key] = per_minute.get(key, 0) + 1
    bots = [count for (user, _), count in per_minute.items() if user in block.bots]
    people = [count for (user, _), count in per_minute.items() if user not in block.bots]
    assert max(people) <= 20
    assert max(bots) == blocks.BOT_CLICKS_PER_MINUTE


def test_rows_are_in_order_of_time(block: Block) -> None:
    times = [t for t in block.table["click_dt"].to_pylist() if is_moment(t)]
    assert times == sorted(times)


def test_member_numbers_are_unique() -> None:
    assert len({user_id(number) for number in range(100_000)}) == 100_000
