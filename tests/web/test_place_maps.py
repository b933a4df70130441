"""What the planner and the review page show on a map."""

from __future__ import annotations

from typing import Any

from match_double import MatchDouble

from nadeuri.web.match_api import MatchApi
from nadeuri.web.match_types import Place, Review
from nadeuri.web.place_maps import DAY_COLOURS, pair_figure, plan_figure
from nadeuri.web.plan import Plan


def plan_of(api: MatchApi) -> Plan:
    castle, market, tower = (api.places(name, "OSA", 1)[0] for name in ("오사카성", "구로", "쓰텐"))
    return Plan(((), ())).with_place(castle, 0).with_place(market, 0).with_place(tower, 1)


def marks(figure: Any) -> list[Any]:
    return [each for each in figure.data if each.mode == "markers+text"]


def test_the_plan_by_day(double: MatchDouble) -> None:
    figure = plan_figure(plan_of(MatchApi(double.url)).days)
    (own,) = marks(figure)
    assert list(own.text) == ["1", "2", "1"]
    assert list(own.marker.color) == [DAY_COLOURS[0], DAY_COLOURS[0], DAY_COLOURS[1]]
    assert [name for (name,) in own.customdata] == [
        "1일차 오사카성",
        "1일차 구로몬 시장",
        "2일차 쓰텐카쿠 타워",
    ]
    (route,) = [each for each in figure.data if each.mode == "lines"]
    assert route.line.color == DAY_COLOURS[0], "a day with one place has no line"
    assert list(route.y) == [own.y[0], own.y[1]]


def test_a_package_beside_it(double: MatchDouble) -> None:
    api = MatchApi(double.url)
    plan = plan_of(api)
    package = api.packages(plan.stops(), 5).packages[0]
    rings, own = marks(plan_figure(plan.days, package))
    assert len(rings.x) == len(package.matched) + len(package.extra) == 5
    assert len(own.x) == 3
    assert rings.customdata[0][0] == "패키지 1일차 패키지의 G1"
    assert (rings.x[0], rings.y[0]) == (own.x[0], own.y[0]), "the same place"


def test_places_without_coordinates_are_left_out() -> None:
    plan = Plan().with_place(Place(place_id="G1", name="어딘가"), 0)
    assert plan_figure(plan.days) is None
    assert plan_figure(Plan().days) is None


def test_a_pair(double: MatchDouble) -> None:
    review = MatchApi(double.url).reviews(5).reviews[0]
    figure = pair_figure(review, 0)
    (shown,) = marks(figure)
    assert list(shown.text) == ["★", "1", "2"], "the third is too far away to be shown"
    west, east = figure.layout.xaxis.range
    assert all(west < x < east for x in shown.x)
    assert (east - west) * 91_000 < 1000, "a few hundred metres"
    (far,) = marks(pair_figure(review, 2))
    assert list(far.text) == ["★", "1", "2", "3"], "unless it is what one looks at"


def test_pairs_without_coordinates(double: MatchDouble) -> None:
    nowhere = MatchApi(double.url).reviews(5).reviews[2]
    assert pair_figure(nowhere, 0) is None
    lost = Place(place_id="A", name="곳", latitude=34.67, longitude=135.5)
    (alone,) = marks(pair_figure(Review(left=lost, candidates=(), version=1), -1))
    assert list(alone.text) == ["★"]
