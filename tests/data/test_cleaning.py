"""The cleaning rules, each on a log where one can see what must go."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from nadeuri import columns
from nadeuri.data import rejects
from nadeuri.data.sequences import Dataset
from nadeuri.errors import DataError

Histories = Callable[[Dataset], dict[str, list[str]]]
Prepare = Callable[..., Dataset]
Write = Callable[..., Path]


def test_duplicates_are_the_same_user_item_and_time(
    prepare_clicks: Prepare, histories: Histories
) -> None:
    rows = [
        "u1,P1,2026-03-01 10:00:00",
        "u1,P2,2026-03-01 10:00:00",
        "u1,P1,2026-03-01 10:00:00",
        "u1,P1,2026-03-01T10:00:00+00:00",
        "u1,P1,2026-03-01 10:00:00.5",
        "u2,P1,2026-03-01 10:00:00",
    ]
    dataset = prepare_clicks(rows, cleaning={"deduplicate": True})
    assert histories(dataset) == {"u1": ["P1", "P2", "P1"], "u2": ["P1"]}
    assert dataset.manifest["clicks"]["rejected"] == {rejects.DUPLICATE: 2}
    written = pq.read_table(dataset.path / "rejects.parquet").to_pylist()
    assert [row[columns.SOURCE_ROW] for row in written] == [4, 5]
    assert {row[columns.TIME] for row in written} == {"2026-03-01T10:00:00.000000Z"}
    assert {row[columns.ITEM] for row in written} == {"P1"}


def test_equal_times_keep_the_order_of_rows(prepare_clicks: Prepare, histories: Histories) -> None:
    dataset = prepare_clicks([f"u1,P{n},2026-03-01" for n in (5, 1, 4, 2)])
    assert histories(dataset) == {"u1": ["P5", "P1", "P4", "P2"]}


@pytest.mark.parametrize(
    ("cleaning", "bots"),
    [
        ({"max_clicks_per_minute": 3}, {"fast"}),
        ({"max_clicks_per_minute": 4}, set()),
        ({"max_clicks_per_day": 4}, {"steady"}),
        ({"max_clicks_per_day": 3, "max_clicks_per_minute": 3}, {"steady", "fast"}),
        ({}, set()),
    ],
)
def test_bots_are_told_by_their_rate(
    prepare_clicks: Prepare, histories: Histories, cleaning: dict[str, int], bots: set[str]
) -> None:
    rows = [
        *(f"fast,P{n},2026-03-01 10:00:{n:02}" for n in range(4)),
        "fast,P9,2026-03-09 10:00:00",
        *(f"steady,P{n},2026-03-01 1{n}:00:00" for n in range(5)),
        *(f"calm,P{n},2026-03-0{n + 1} 10:00:00" for n in range(5)),
    ]
    dataset = prepare_clicks(rows, cleaning=cleaning)
    assert set(histories(dataset)) == {"fast", "steady", "calm"} - bots
    # All clicks of a bot go, also the slow ones.
    assert dataset.manifest["clicks"]["rejected"].get(rejects.BOT, 0) == 5 * len(bots)


def test_a_click_logged_twice_makes_no_bot(prepare_clicks: Prepare) -> None:
    rows = ["u1,P1,2026-03-01 10:00:00"] * 9 + ["u1,P2,2026-03-01 10:00:01"]
    dataset = prepare_clicks(rows, cleaning={"deduplicate": True, "max_clicks_per_minute": 2})
    assert dataset.manifest["clicks"]["rejected"] == {rejects.DUPLICATE: 8}


def test_repeats_are_collapsed_only_on_request(
    prepare_clicks: Prepare, histories: Histories
) -> None:
    rows = [f"u1,{item},2026-03-01 10:00:0{n}" for n, item in enumerate("AABAAA")]
    assert histories(prepare_clicks(rows)) == {"u1": list("AABAAA")}
    dataset = prepare_clicks(rows, cleaning={"collapse_repeats": True})
    assert histories(dataset) == {"u1": list("ABA")}
    assert dataset.manifest["clicks"]["rejected"] == {rejects.REPEAT: 3}


def test_a_user_with_one_click_is_below_the_minimum(
    prepare_clicks: Prepare, histories: Histories
) -> None:
    rows = ["once,P1,2026-03-01", "twice,P1,2026-03-01", "twice,P2,2026-03-02"]
    dataset = prepare_clicks(rows, cleaning={"min_user_clicks": 2})
    assert histories(dataset) == {"twice": ["P1", "P2"]}
    assert dataset.manifest["clicks"]["rejected"] == {rejects.BELOW_MIN_USER: 1}


def test_only_users_with_one_click_leave_nothing(prepare_clicks: Prepare) -> None:
    with pytest.raises(
        DataError, match="none of 2 clicks is left after cleaning: 2 below_min_user"
    ):
        prepare_clicks(["u1,P1,2026-03-01", "u2,P1,2026-03-01"], cleaning={"min_user_clicks": 2})


@pytest.mark.parametrize("n_buckets", [1, 8])
def test_the_k_core_is_iterated(
    prepare_clicks: Prepare, histories: Histories, n_buckets: int
) -> None:
    # u3 falls for want of clicks, then P3 for want of u3, then u2 for want of P3.
    rows = [
        *(f"{user},{item},2026-03-01" for user in ("a", "b") for item in ("P1", "P2")),
        "u2,P1,2026-03-01",
        "u2,P3,2026-03-02",
        "u3,P3,2026-03-01",
    ]
    dataset = prepare_clicks(
        rows, n_buckets=n_buckets, cleaning={"min_user_clicks": 2, "min_item_clicks": 2}
    )
    assert histories(dataset) == {"a": ["P1", "P2"], "b": ["P1", "P2"]}
    assert dataset.item_codes == ["P1", "P2"]
    assert dataset.manifest["clicks"]["rejected"] == {
        rejects.BELOW_MIN_ITEM: 1,
        rejects.BELOW_MIN_USER: 2,
    }


def test_sessions_start_after_a_pause(prepare_clicks: Prepare) -> None:
    rows = [f"u1,P1,2026-03-01 {time}" for time in ("10:00", "10:30", "11:00:01", "23:00")]
    dataset = prepare_clicks([*rows, "u2,P1,2026-03-01 10:00"])
    u1 = dataset.user_ids.index("u1")
    start = dataset.sequences.offsets[u1]
    assert dataset.sequences.sessions[start : start + 4].tolist() == [0, 0, 1, 2]
    u2 = dataset.sequences.offsets[1 - u1]
    assert dataset.sequences.sessions[u2] == 0


def test_sessions_of_the_source_win(prepare_clicks: Prepare, write: Write) -> None:
    names = {"user": "user", "item": "item", "time": "time", "session": "visit"}
    write(
        "clicks.csv",
        "user,item,time,visit",
        "u1,P1,2026-03-01 10:00,x",
        "u1,P1,2026-03-01 20:00,x",
        "u1,P1,2026-03-01 20:01,y",
        "u1,P1,2026-03-01 20:02,",
    )
    dataset = prepare_clicks(None, clicks={"columns": names})
    assert dataset.sequences.sessions.tolist() == [0, 0, 1, 2]
