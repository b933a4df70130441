"""A product map as one HTML page to look around in, which works offline."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from markupsafe import Markup, escape
from plotly.offline import get_plotlyjs

from nadeuri.recommend.coview.map import MapField, Panel, ProductMap
from nadeuri.recommend.coview.map_look import (
    COLD,
    OTHER,
    OTHER_COLOUR,
    PALETTE,
    field_title,
    left_out,
    marker_size,
    measured,
    own_colours,
)
from nadeuri.report.pages import page_environment, replace_file


def write_page(product_map: ProductMap, path: Path) -> None:
    """Write the page under another name first. The same map gives the same page."""
    page = page_environment("nadeuri.recommend").get_template("product_map.html")
    content = page.render(
        map=product_map,
        data=page_data(product_map),
        panels=[
            {
                "title": panel.title,
                "measured": measured(product_map.fields[0].name, panel.separation),
                "left_out": left_out(product_map, panel),
                "version": panel.version,
            }
            for panel in product_map.panels
        ],
        field_titles=[field_title(field.name) for field in product_map.fields],
        cold=COLD if any(panel.is_cold.any() for panel in product_map.panels) else None,
        plotly=Markup(get_plotlyjs()),  # noqa: S704  the library's own code
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, content)


def page_data(product_map: ProductMap) -> dict[str, Any]:
    """What the page's script draws, as JSON values.

    plotly.js reads text as a kind of HTML, so whatever comes from the catalogue is escaped here,
    and once more where it is put into the page.
    """
    return {
        "codes": [str(escape(code)) for code in product_map.codes],
        "names": [str(escape(name)) for name in product_map.names],
        "fields": [_field(field) for field in product_map.fields],
        "panels": [_panel(panel) for panel in product_map.panels],
        "size": marker_size(product_map),
        "palette": PALETTE,
        "other": OTHER,
        "other_colour": OTHER_COLOUR,
        "cold": COLD,
    }


def _field(field: MapField) -> dict[str, Any]:
    return {
        "title": str(escape(field_title(field.name))),
        "values": [str(escape(value)) for value in field.values],
        "labels": field.labels.tolist(),
        "own": own_colours(field),
    }


def _panel(panel: Panel) -> dict[str, Any]:
    x, y = panel.points.astype(float).round(2).T.tolist()
    return {"rows": panel.rows.tolist(), "x": x, "y": y, "cold": panel.is_cold.tolist()}
