from __future__ import annotations

from xml.etree import ElementTree

import pytest

from nadeuri.recommend.tune.charts import Cell, Dot, heat_map, scatter_chart

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "</text><script>"


def texts(chart: str) -> list[str]:
    return [node.text or "" for node in ElementTree.fromstring(chart).iter(f"{SVG}text")]


def test_cells_are_darker_where_the_figure_is_higher() -> None:
    cells = [
        [Cell(0.1, "0.1"), Cell(0.3, "0.3", is_picked=True)],
        [Cell(0.2, "x"), Cell(None, "–")],
    ]
    chart = heat_map("t", ["a", "b"], ["1", "2"], cells, row_title="len", column_title="batch")
    rects = list(ElementTree.fromstring(chart).iter(f"{SVG}rect"))
    low, high, middle, none = (float(rect.attrib["fill-opacity"]) for rect in rects)
    assert none == 0 < low < middle < high
    assert middle == pytest.approx((low + high) / 2)
    assert [rect.get("stroke") for rect in rects] == [None, "var(--ink)", None, None]
    assert {"a", "b", "1", "2", "len", "batch →", "–"} <= set(texts(chart))


def test_equal_figures_and_none_at_all_can_be_drawn() -> None:
    for value in (0.2, None):
        heat_map("t", ["a"], ["1"], [[Cell(value, "x")]], row_title="r", column_title="c")


def test_points_lie_where_their_figures_are() -> None:
    dots = [Dot(1, 0.1, 1), Dot(2, 0.2, 2, "best"), Dot(3, 0.15, 3)]
    root = ElementTree.fromstring(scatter_chart("t", dots, x_label="s", y_label="nDCG", level=0.2))
    circles = list(root.iter(f"{SVG}circle"))
    assert circles[-1].attrib["fill"] == "var(--c2)"  # named ones on top
    first, third, best = ((float(c.attrib["cx"]), float(c.attrib["cy"])) for c in circles)
    assert first[0] < best[0] < third[0]
    assert best[1] < third[1] < first[1]
    (line,) = (path for path in root.iter(f"{SVG}path") if path.get("class") == "reference")
    assert f" {best[1]:.1f}H" in line.attrib["d"]


def test_one_point_can_be_drawn() -> None:
    assert "only" in texts(scatter_chart("t", [Dot(0, 0, 1, "only")], x_label="s", y_label="y"))


def test_names_are_escaped() -> None:
    chart = heat_map(
        HOSTILE, [HOSTILE], [HOSTILE], [[Cell(1, HOSTILE)]], row_title=HOSTILE, column_title=HOSTILE
    )
    assert texts(chart).count(HOSTILE) == 4
    assert HOSTILE in texts(scatter_chart("t", [Dot(1, 1, 1, HOSTILE)], x_label="", y_label=""))
