"""Tables of figures: rendered from the results files, and in agreement with them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from figures import BLOCK, PAGES, TABLES, load, render

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_agrees_with_the_results(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert render(text, load(), PAGES[page]) == text, "run: make figures"


def test_every_table_is_in_both_readmes_or_in_the_docs() -> None:
    texts = {page: page.read_text(encoding="utf-8") for page in PAGES}
    docs = "".join(text for page, text in texts.items() if DOCS in page.parents)
    for page, text in texts.items():
        for name in TABLES if DOCS not in page.parents else ():
            assert f"<!-- figures:{name} -->" in text + docs, page


def test_all_figures_stand_in_both_languages() -> None:
    english, korean = (
        set(BLOCK.findall((DOCS / name).read_text(encoding="utf-8")))
        for name in ("measured.md", "measured.ko.md")
    )
    assert {name for _, name, _ in english} == {name for _, name, _ in korean}


def test_an_absent_figure_is_not_measured_and_a_present_one_is_shown() -> None:
    text = "<!-- figures:costs -->\nold\n<!-- /figures -->\nrest\n"
    new = render(text, {"serve.p50_ms": 1.234}, "en")
    assert "old" not in new
    assert new.endswith("<!-- /figures -->\nrest\n")
    assert "| One recommendation from the exported model: p50 | 1.23 ms |" in new
    assert "| Prepare 10M clicks: time | not measured |" in new
    assert render(new, {"serve.p50_ms": 1.234}, "en") == new


def test_the_best_model_is_bold_and_the_spread_over_seeds_is_shown() -> None:
    figures = {
        "ml-1m.bert4rec.ndcg_at_10": 0.15,
        "ml-1m.meta_bert4rec.ndcg_at_10": 0.1601,
        "ml-1m.meta_bert4rec.ndcg_at_10.sd": 0.0012,
    }
    new = render("<!-- figures:quality -->\n<!-- /figures -->", figures, "ko")
    assert "| BERT4Rec | 0.1500 | 측정 전 |" in new
    assert "| Meta-BERT4Rec | **0.1601 ± 0.0012** | 측정 전 |" in new


def test_what_metadata_changes_is_shown_from_before_to_after() -> None:
    figures = {
        "nyc.metadata_effect.ndcg_at_10": 0.0123,
        "nyc.metadata_effect.low": 0.004,
        "nyc.metadata_effect.high": 0.02,
        "nyc.metadata_effect.p_value": 0.0031,
        "nyc.bert4rec.gini": 0.9,
        "nyc.meta_bert4rec.gini": 0.85,
        "nyc.bert4rec.coherence_region": 0.25,
        "nyc.meta_bert4rec.coherence_region": 0.5,
    }
    new = render("<!-- figures:metadata -->\n<!-- /figures -->", figures, "en")
    absent = "not measured | not measured |"
    assert f"[95% interval] | {absent} +0.0123 [+0.0040, +0.0200] |" in new
    assert f"| p of the paired test | {absent} 0.0031 |" in new
    assert f"| Gini of what is recommended | {absent} 0.900 → 0.850 |" in new
    assert f"| Share of a list in its most common value | {absent} region 0.250 → 0.500 |" in new


def test_two_files_may_not_contradict_each_other(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps({"figures": {"x": 1.0}}))
    (tmp_path / "b.json").write_text(json.dumps({"figures": {"x": 2.0}}))
    with pytest.raises(ValueError, match=r"b\.json: x is 2\.0"):
        load(tmp_path)
