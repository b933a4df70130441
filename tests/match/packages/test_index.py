"""The index answers as rating every package would, whatever the packages and the itinerary."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nadeuri import columns
from nadeuri.errors import DataError
from nadeuri.match.packages import Itinerary, PackageIndex, PackageMatch, Stop

METRE = 1 / 111_195  # of latitude
N_PLACES = 12
PLACES = pa.table(
    {
        columns.PLACE_ID: [f"A{n}" for n in range(N_PLACES)],
        columns.NAME: [f"곳 {n}" for n in range(N_PLACES)],
        # three groups of places that lie 40 m apart; the last has no coordinates
        columns.LATITUDE: [
            *(34.7 + (n // 4) * 0.05 + (n % 4) * 40 * METRE for n in range(N_PLACES - 1)),
            None,
        ],
        columns.LONGITUDE: [*([135.5] * (N_PLACES - 1)), None],
    }
)

place_ids = st.sampled_from([*PLACES[columns.PLACE_ID].to_pylist(), "elsewhere"])
plans = st.lists(st.lists(place_ids, min_size=1, max_size=4), min_size=1, max_size=3)
many_plans = st.lists(plans, min_size=1, max_size=12)


def stop_table(packages: dict[str, list[list[str]]]) -> pa.Table:
    rows = [
        (code, day, order, place)
        for code, plan in packages.items()
        for day, stops in enumerate(plan, 1)
        for order, place in enumerate(stops, 1)
    ]
    names = (columns.PACKAGE, columns.DAY, columns.ORDER, columns.PLACE_ID)
    return pa.table({name: [row[at] for row in rows] for at, name in enumerate(names)})


def index_of(found: list[list[list[str]]]) -> PackageIndex:
    return PackageIndex(stop_table({f"P{n:02}": plan for n, plan in enumerate(found)}), PLACES)


def itinerary_of(plan: list[list[str]]) -> Itinerary:
    return Itinerary(
        tuple(
            Stop(place, day, order)
            for day, stops in enumerate(plan, 1)
            for order, place in enumerate(stops, 1)
        )
    )


def key(match: PackageMatch) -> tuple[str, float]:
    return match.package, round(match.rate, 12)


@settings(max_examples=150, deadline=None)
@given(many_plans, plans, st.integers(1, 4))
def test_the_index_gives_the_same_as_rating_all(
    found: list[list[list[str]]], plan: list[list[str]], k: int
) -> None:
    index, itinerary = index_of(found), itinerary_of(plan)
    asked = index._asked(itinerary)
    rates = {code: index._rate(asked, number).rate for number, code in enumerate(index.codes)}
    best = sorted((pair for pair in rates.items() if pair[1] > 0), key=lambda p: (-p[1], p[0]))
    assert [(match.package, match.rate) for match in index.match(itinerary, k)] == best[:k]
    among = np.arange(len(index)) % 2 == 0
    even = [pair for pair in best if pair[0] in index.codes[::2]]
    assert [(each.package, each.rate) for each in index.match(itinerary, k, among)] == even[:k]


@settings(max_examples=80, deadline=None)
@given(many_plans, plans)
def test_what_is_said_of_a_match_adds_up(
    found: list[list[list[str]]], plan: list[list[str]]
) -> None:
    itinerary = itinerary_of(plan)
    for match in index_of(found).match(itinerary, 99):
        numbers = (
            match.rate,
            match.recall,
            match.precision,
            match.day_coverage,
            match.day_agreement,
            match.order_agreement,
        )
        assert all(0 <= number <= 1 for number in numbers)
        assert match.rate > 0
        own = [pair.stop for pair in match.matched] + list(match.missing)
        assert sorted(own, key=lambda stop: (stop.day, stop.order)) == list(itinerary.stops)
        theirs = [pair.package_stop for pair in match.matched] + list(match.extra)
        package = found[int(match.package[1:])]
        listed = [place for stops in package for place in stops]
        theirs.sort(key=lambda stop: (stop.day, stop.order))
        assert [stop.place_id for stop in theirs] == listed
        for pair in match.matched:
            assert pair.is_exact == (pair.metres == 0)


@settings(max_examples=80, deadline=None)
@given(many_plans, st.data())
def test_an_identical_plan_rates_one(found: list[list[list[str]]], data: st.DataObject) -> None:
    chosen = data.draw(st.integers(0, len(found) - 1))
    matches = index_of(found).match(itinerary_of(found[chosen]), len(found))
    rate = {match.package: match.rate for match in matches}
    assert rate[f"P{chosen:02}"] == pytest.approx(1.0)
    assert matches[0].rate == pytest.approx(1.0)


@settings(max_examples=80, deadline=None)
@given(many_plans, plans, st.integers(1, 3), st.integers(0, 9))
def test_a_place_without_a_mapping_changes_nothing_but_is_seen(
    found: list[list[list[str]]], plan: list[list[str]], day: int, order: int
) -> None:
    index, itinerary = index_of(found), itinerary_of(plan)
    unmapped = Stop(None, day, order, "이름 모를 골목")
    more = Itinerary.of([*itinerary.stops, unmapped])
    before, after = index.match(itinerary, 99), index.match(more, 99)
    assert [replace(match, unmapped=()) for match in after] == before
    for match in after:
        assert match.unmapped == (unmapped,)


@settings(max_examples=60, deadline=None)
@given(many_plans, plans, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(
    found: list[list[list[str]]], plan: list[list[str]], random: object
) -> None:
    stops = stop_table({f"P{n:02}": one for n, one in enumerate(found)})
    rows = list(range(stops.num_rows))
    random.shuffle(rows)  # type: ignore[attr-defined]
    itinerary = itinerary_of(plan)
    shuffled = PackageIndex(stops.take(rows), PLACES)
    assert shuffled.match(itinerary) == PackageIndex(stops, PLACES).match(itinerary)


def test_a_place_nearby_counts_less_the_farther_it_is() -> None:
    plan = [["A0", "A4"]]
    index = index_of([[["A0", "A4"]], [["A0", "A5"]], [["A0", "A7"]], [["A0", "A8"]]])
    matches = index.match(itinerary_of(plan))
    assert [match.package for match in matches] == ["P00", "P01", "P02", "P03"]
    assert [round(match.matched[-1].metres) for match in matches] == [0, 40, 120, 0]
    assert matches[1].matched[1].package_stop.name == "곳 5"
    assert [stop.place_id for stop in matches[3].missing] == ["A4"]
    assert [stop.place_id for stop in matches[3].extra] == ["A8"]


def test_one_place_stands_for_one_stop() -> None:
    (match,) = index_of([[["A0"]]]).match(itinerary_of([["A0", "A1", "A0"]]))
    assert len(match.matched) == 1
    assert match.matched[0].is_exact
    assert len(match.missing) == 2


def test_days_and_order_matter() -> None:
    index = index_of(
        [
            [["A0", "A4"], ["A8", "A9"]],
            [["A0", "A8"], ["A4", "A9"]],
            [["A9", "A8"], ["A4", "A0"]],
        ]
    )
    best, *others = index.match(itinerary_of([["A0", "A4"], ["A8", "A9"]]))
    torn, reversed_ = sorted(others, key=lambda match: match.package)
    assert best.package == "P00"
    assert [torn.day_agreement, torn.order_agreement] == pytest.approx([0, 0.75])
    assert [reversed_.day_agreement, reversed_.order_agreement] == pytest.approx([1, 0.25])
    assert max(torn.rate, reversed_.rate) < 0.7


def test_what_is_everywhere_says_little() -> None:
    index = index_of([[["A0", "A4"]], [["A0", "A8"]], [["A0", "A10"]]])
    matches = index.match(itinerary_of([["A0", "A8"]]))
    assert matches[0].package == "P01"
    assert matches[1].recall < 0.5


def test_nothing_in_common_finds_nothing() -> None:
    index = index_of([[["A0"]]])
    assert index.match(itinerary_of([["A8"]])) == []
    assert index.match(Itinerary(())) == []
    assert index.match(Itinerary((Stop(None, 1, 1),))) == []
    assert index.match(itinerary_of([["A0"]]), k=0) == []
    assert len(index) == 1


def test_a_table_without_its_columns_is_refused() -> None:
    stops = stop_table({"P": [["A0"]]})
    with pytest.raises(DataError, match="package stops: no column day"):
        PackageIndex(stops.drop_columns([columns.DAY]), PLACES)
    with pytest.raises(DataError, match="places: no column latitude"):
        PackageIndex(stops, PLACES.drop_columns([columns.LATITUDE]))
    empty = stops.set_column(3, columns.PLACE_ID, pa.array([None], pa.string()))
    with pytest.raises(DataError, match="place_id is empty in 1 rows"):
        PackageIndex(empty, PLACES)


def test_an_agency_without_packages_has_an_index_too() -> None:
    index = PackageIndex(stop_table({"P": [["A0"]]}).slice(0, 0), PLACES)
    assert len(index) == 0
    assert index.match(itinerary_of([["A0"]])) == []


def test_many_packages_are_pruned_not_lost() -> None:
    """More packages than a block holds, all of which share places."""
    rng = np.random.default_rng(0)
    ids = PLACES[columns.PLACE_ID].to_pylist()
    found = [[[ids[i] for i in rng.choice(N_PLACES, 3)] for _ in range(3)] for _ in range(700)]
    index = index_of(found)
    for chosen in (0, 333, 699):
        itinerary = itinerary_of(found[chosen])
        asked = index._asked(itinerary)
        rates = [index._rate(asked, number).rate for number in range(len(index))]
        best = sorted(zip((-rate for rate in rates), index.codes, strict=True))[:10]
        assert [key(match) for match in index.match(itinerary)] == [
            (code, round(-rate, 12)) for rate, code in best
        ]
