from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from nadeuri.recommend.coview.map import build_map
from nadeuri.recommend.coview.map_page import page_data, write_page

EVIL = "<script>alert(1)</script>"


@pytest.fixture
def page(write_map_artefact: Callable[..., Path], tmp_path: Path) -> str:
    """A page of products, one of which and one of whose cities want to be a script."""
    names = [EVIL, EVIL, *["여행"] * 58]
    cities = [EVIL if i < 10 else "도쿄" for i in range(60)]
    out = tmp_path / "maps" / "map.html"
    write_page(build_map([write_map_artefact("a", name=names, city=cities)]), out)
    assert [path.name for path in out.parent.iterdir()] == [out.name]
    return out.read_text(encoding="utf-8")


def data_of(page: str) -> dict[str, object]:
    found = re.search(r'<script type="application/json" id="map">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    data: dict[str, object] = json.loads(found[1])
    return data


def test_text_from_the_catalogue_is_never_markup(page: str) -> None:
    assert EVIL not in page
    data = data_of(page)
    assert data["names"][0] == "&lt;script&gt;alert(1)&lt;/script&gt;"  # type: ignore[index]
    assert EVIL not in json.dumps(data)


def test_the_page_needs_no_network(page: str) -> None:
    shell = re.sub(r"<script>.*?</script>", "", page, flags=re.DOTALL)
    assert not re.search(r"(src|href)\s*=|url\(|@import", shell)
    assert "Plotly" in page


def test_fields_can_be_chosen_and_figures_read(page: str) -> None:
    assert re.findall(r"<option [^>]*>(.*?)</option>", page) == ["도시", "상품 종류"]
    assert "<h2>Meta-Prod2Vec</h2>" in page
    assert re.search(r"도시 이웃 순도@10 \d\.\d\d \(우연이면 \d\.\d\d\) · 실루엣 -?\d\.\d\d", page)
    assert "상품 59개 · 벡터가 없는 1개는 제외" in page
    assert "클릭 없는 상품" in page


def test_a_sample_is_called_one(write_map_artefact: Callable[..., Path], tmp_path: Path) -> None:
    out = tmp_path / "map.html"
    write_page(build_map([write_map_artefact("a")], max_shown=5), out)
    assert "전체 60개 가운데 5개 상품" in out.read_text(encoding="utf-8")


def test_the_same_map_is_the_same_page(
    write_map_artefact: Callable[..., Path], tmp_path: Path
) -> None:
    path = write_map_artefact("a")
    pages = [tmp_path / "1.html", tmp_path / "2.html"]
    for out in pages:
        write_page(build_map([path]), out)
    assert pages[0].read_bytes() == pages[1].read_bytes()


def test_what_the_script_draws(write_map_artefact: Callable[..., Path]) -> None:
    cities = [f"도시 {i % 25}" for i in range(60)]
    data = page_data(build_map([write_map_artefact("a", city=cities)]))
    (panel,) = data["panels"]
    assert len(panel["x"]) == len(panel["y"]) == len(panel["rows"]) == len(data["codes"]) == 59
    cold = [data["codes"][panel["rows"][i]] for i in range(59) if panel["cold"][i]]
    assert cold == ["P02"]
    city, _ = data["fields"]
    assert (len(city["values"]), city["own"]) == (25, 20)
