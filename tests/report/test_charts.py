from __future__ import annotations

from xml.etree import ElementTree

import pytest

from nadeuri.report.charts import Bar, Curve, bar_chart, curve_chart, standalone

SVG = "{http://www.w3.org/2000/svg}"


def texts(chart: str) -> list[str]:
    return [node.text or "" for node in ElementTree.fromstring(chart).iter(f"{SVG}text")]


def widths(chart: str) -> list[float]:
    return [
        float(node.attrib["width"]) for node in ElementTree.fromstring(chart).iter(f"{SVG}rect")
    ]


def test_bars_are_as_long_as_their_values() -> None:
    chart = bar_chart("t", [Bar("a", 0.1, 0), Bar("b", 0.2, 1, low=0.15, high=0.22)])
    short, long = widths(chart)
    assert long == pytest.approx(2 * short, abs=0.2)
    assert {"a", "b", "0.100", "0.200"} <= set(texts(chart))


def test_all_zero_bars_can_be_drawn() -> None:
    assert widths(bar_chart("t", [Bar("a", 0.0, 0)])) == [0.0]


def test_references_are_labelled() -> None:
    chart = bar_chart("t", [Bar("a", 0.1, 0)], references=[("최근 기록", 0.9), ("b", 0.0)])
    assert "최근 기록 0.900" in texts(chart)


def test_names_are_escaped() -> None:
    hostile = "</text><script>alert(1)</script>"
    chart = bar_chart(hostile, [Bar(hostile, 1, 0)], references=[(hostile, 1)])
    assert "<script>" not in chart
    assert hostile in texts(chart)
    assert "<script>" not in curve_chart(hostile, [Curve(hostile, 0, [(1, 1)])], x_label=hostile)


def test_curves_go_up_when_values_do() -> None:
    chart = curve_chart(
        "t",
        [Curve("a", 0, [(1, 0.1), (2, 0.2)]), Curve("a", 0, [(1, 0.1), (3, 0.3)])],
        x_label="epoch",
        references=[Curve("floor", 1, [(0, 0.25)])],
    )
    lines = list(ElementTree.fromstring(chart).iter(f"{SVG}polyline"))
    assert len(lines) == 2
    (x1, y1), (x2, y2) = (
        map(float, point.split(",")) for point in lines[0].attrib["points"].split()
    )
    assert x2 > x1
    assert y2 < y1
    labels = texts(chart)
    assert labels.count("a") == 1  # one legend entry for all seeds of a model
    assert "floor" in labels
    assert {"0", "1", "2", "3"} <= set(labels)  # epochs are whole numbers


def test_a_file_of_its_own_has_its_style() -> None:
    text = standalone(bar_chart("t", [Bar("a", 1, 0)]))
    root = ElementTree.fromstring(text)
    assert "--c0" in (root.find(f"{SVG}style").text or "")  # type: ignore[union-attr]
