from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nadeuri import columns
from nadeuri.recommend.coview.map import build_map
from nadeuri.recommend.coview.map_look import OTHER_COLOUR, PALETTE
from nadeuri.recommend.coview.map_plot import write_picture

Write = Callable[..., Path]


def colours(picture: Path) -> set[str]:
    pixels = np.asarray(Image.open(picture).convert("RGB")).reshape(-1, 3)
    return {f"#{r:02x}{g:02x}{b:02x}" for r, g, b in np.unique(pixels, axis=0)}


@pytest.mark.parametrize(("n_panels", "width"), [(1, 780), (2, 1400)])
def test_a_picture_of_the_panels_side_by_side(
    write_map_artefact: Write, tmp_path: Path, n_panels: int, width: int
) -> None:
    paths = [
        write_map_artefact(kind, kind=kind) for kind in (columns.PROD2VEC, columns.META_PROD2VEC)
    ]
    out = tmp_path / "maps" / "map.png"
    write_picture(build_map(paths[:n_panels]), out)
    image = Image.open(out)
    image.load()
    assert (image.format, image.size) == ("PNG", (width, 700))
    assert [path.name for path in out.parent.iterdir()] == [out.name]
    assert set(PALETTE[:3]) <= colours(out)
    assert OTHER_COLOUR not in colours(out)


def test_rare_values_are_grey_and_strange_letters_no_error(
    write_map_artefact: Write, tmp_path: Path
) -> None:
    cities = [None if i == 4 else f"\U0001f9ed {i % 25}" for i in range(60)]
    out = tmp_path / "map.png"
    write_picture(build_map([write_map_artefact("a", city=cities)]), out)
    assert OTHER_COLOUR in colours(out)
