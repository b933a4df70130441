"""The figure of the product map."""

from __future__ import annotations

from nadeuri.web.product_map import OTHER, OTHER_COLOUR, PALETTE, legend_of, map_figure
from nadeuri.web.shop_types import MapPanel, MapPoint


def point(item: str, city: str | None, x: float, y: float, *, is_new: bool = False) -> MapPoint:
    return MapPoint(item=item, name=f"<b>{item}</b>", city=city, x=x, y=y, is_new=is_new)


PANEL = MapPanel(
    model="prod2vec",
    points=(
        *(point(f"O{n}", "오사카", n, 0) for n in range(5)),
        *(point(f"D{n}", "<다낭>", n, 10) for n in range(4)),
        point("N1", "제주", 20, 5, is_new=True),
        point("X", None, 9, 9),
    ),
)


def test_points_marks_and_names() -> None:
    figure = map_figure(PANEL, "city", "O1", {"O1", "D2", "elsewhere"})
    known, new, near, this = figure.data
    assert [each[0] for each in known.customdata][:2] == ["O0", "O1"]
    assert known.marker.color[0] == PALETTE[0]
    assert known.marker.color[-1] == OTHER_COLOUR, "of a product without a city"
    assert (new.customdata[0][0], new.marker.symbol) == ("N1", "diamond-open")
    assert [each[0] for each in near.customdata] == ["D2"]
    assert (this.customdata[0][0], this.marker.symbol) == ("O1", "star")
    assert {each.type for each in figure.data} == {"scattergl"}
    assert [each.text for each in figure.layout.annotations] == ["오사카", "&lt;다낭&gt;"]
    assert "&lt;b&gt;O0" in known.text[0]


def test_names_give_way_to_each_other() -> None:
    close = [
        point(f"{city}{n}", city, n, i / 100) for i, city in enumerate("가나") for n in range(5)
    ]
    panel = MapPanel(model="m", points=(*close, point("far", None, 0, 9)))
    figure = map_figure(panel, "city", "none", ())
    assert [each.text for each in figure.layout.annotations] == ["가"]


def test_a_single_point_is_a_map() -> None:
    alone = MapPanel(model="m", points=(point("A", "오사카", 1, 1),))
    assert len(map_figure(alone, "city", "A", ()).data) == 2


def test_the_legend_names_the_commonest() -> None:
    many = tuple(point(f"P{n}", f"C{n}", n, n) for n in range(len(PALETTE) + 3))
    legend = legend_of(MapPanel(model="m", points=many), "city")
    assert len(legend) == len(PALETTE) + 1
    assert (legend[-1].name, legend[-1].count) == (OTHER, 3)
    assert [each.count for each in legend_of(PANEL, "country")] == [len(PANEL.points)]
