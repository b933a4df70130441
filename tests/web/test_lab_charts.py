"""Charts and words of the lab page."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nadeuri import columns
from nadeuri.web.lab_charts import (
    Bar,
    Cell,
    Dot,
    bars_figure,
    frontier_of,
    heat_figure,
    lines_figure,
    scatter_figure,
)
from nadeuri.web.lab_charts import Line as Curve
from nadeuri.web.lab_parts import Row, table_html, verdict_html
from nadeuri.web.lab_words import COLOURS, SERIES, SPARE, colours, duration, list_words

PAPERS = ("#ffffff", "#0e1117")
NAME = "<b>모델</b>"


def luminance(colour: str) -> float:
    """Relative, by WCAG 2."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("colour", sorted({*COLOURS.values(), *SPARE, *SERIES}))
@pytest.mark.parametrize("paper", PAPERS)
def test_colours_stand_out_from_either_paper(colour: str, paper: str) -> None:
    high, low = sorted((luminance(colour), luminance(paper)), reverse=True)
    assert (high + 0.05) / (low + 0.05) >= 3


def test_every_model_has_a_colour() -> None:
    assert set(COLOURS) == set(columns.MODELS)


def test_a_second_model_of_a_kind_has_another_colour() -> None:
    found = colours([("bert4rec", "bert4rec"), ("long", "bert4rec"), ("ncf", "ncf")])
    assert len(set(found.values())) == 3
    assert found["bert4rec"] == COLOURS["bert4rec"]


@given(st.lists(st.tuples(st.floats(0, 100), st.floats(0, 1)), max_size=30))
def test_nothing_beats_the_frontier(points: list[tuple[float, float]]) -> None:
    dots = [Dot(x, y, str(number)) for number, (x, y) in enumerate(points)]
    frontier = frontier_of(dots)
    assert bool(frontier) == bool(dots)
    for on in frontier:
        assert not any((dot.x < on.x and dot.y >= on.y) for dot in dots)
        assert not any((dot.x <= on.x and dot.y > on.y) for dot in dots)


def test_foreign_names_are_no_markup() -> None:
    bars = bars_figure([Bar(NAME, 0.1, "#123456", 0.05, 0.2, True)], ink="#000000")
    lines = lines_figure(
        [Curve(NAME, "#123456", [(1, 0.1)])], x_title="에폭", y_title="y", marks=[(1, 0.1, NAME)]
    )
    dots = scatter_figure([Dot(1, 0.1, NAME)], x_title="x", y_title="y", frontier=[], level=None)
    for figure in (bars, lines, dots):
        assert "<b>모델" not in figure.to_json().encode().decode("unicode_escape")
    for html in (
        table_html([NAME], [Row((NAME, NAME))], NAME),
        verdict_html(NAME, NAME, [NAME]),
    ):
        assert "<b>" not in html


def test_a_cell_without_a_value_says_why() -> None:
    cells = [[Cell(0.2, "0.2000", is_picked=True), Cell(None, "가지치기")]]
    figure = heat_figure(["10"], ["32", "64"], cells, row_title="길이", column_title="배치")
    assert [each.text for each in figure.layout.annotations] == ["가지치기"]
    assert len(figure.layout.shapes) == 1


def test_words() -> None:
    assert list_words("coherence_city")[0] == "도시 응집도"
    assert list_words("entropy_season")[0] == "season 다양도(엔트로피)"
    assert [duration(s) for s in (0.0, 5.25, 600, 7200)] == ["0초", "5.2초", "10.0분", "2.0시간"]
