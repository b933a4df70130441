"""Tables of the also-viewed benchmark."""

from __future__ import annotations

import pytest

from figures import render


def rendered(name: str, figures: dict[str, float], language: str = "en") -> list[list[str]]:
    new = render(f"<!-- figures:{name} -->\n<!-- /figures -->", figures, language)
    return [line.strip("| ").split(" | ") for line in new.splitlines()[3:-1]]


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_best_of_each_data_set_is_bold(language: str) -> None:
    figures = {
        "beauty.gensim.ndcg_at_10": 0.03,
        "beauty.meta_prod2vec.ndcg_at_10": 0.05,
        "beauty.meta_prod2vec.ndcg_at_10.sd": 0.001,
        "nyc.gensim.ndcg_at_10": 0.2,
    }
    rows = {row[0]: row[1:] for row in rendered("viewed", figures, language)}
    absent = {"en": "not measured", "ko": "측정 전"}[language]
    assert rows["gensim Word2Vec"] == ["0.0300", "**0.2000**", absent, absent]
    assert rows["Meta-Prod2Vec"][0] == "**0.0500 ± 0.0010**"
    assert rows["Prod2Vec"] == [absent] * 4


def test_a_figure_that_a_model_does_not_have_is_a_dash() -> None:
    figures = {"sample.gensim.ndcg_at_10": 0.25, "sample.gensim.purity_at_10": 0.9}
    ((name, *cells),) = rendered("viewed-everything", figures)
    assert name == "Sample world, gensim Word2Vec"
    assert cells == ["0.2500", "–", "–", "–", "0.900", "–"]


@pytest.mark.parametrize("language", ["en", "ko"])
def test_costs_are_shown_as_far_as_they_are_measured(language: str) -> None:
    figures = {"index.query_us": 345.0, "index.recall_at_20": 0.9581, "top20_100k.seconds": 9.87}
    cells = [cell for _, cell in rendered("viewed-costs", figures, language)]
    assert {"0.34 ms, 0.958", "9.9 s"} <= set(cells)
    absent = {"en": "not measured", "ko": "측정 전"}[language]
    assert cells.count(absent) == len(cells) - 2


def test_one_row_for_each_library_and_effort() -> None:
    figures = {
        "index.faiss.build_s": 30.2,
        "index.faiss.64.query_us": 305.0,
        "index.faiss.64.recall": 0.958,
        "index.faiss.4.query_us": 37.0,
        "index.faiss.4.recall": 0.862,
        "index.recall_at_20": 0.95,
    }
    assert rendered("viewed-indexes", figures) == [
        ["faiss, 4", "30", "37", "0.862"],
        ["faiss, 64", "30", "305", "0.958"],
    ]
