"""Rewrite all tables of figures from ``bench/results/*.json``; ``--check`` only says what is stale.

A table stands between ``<!-- figures:NAME -->`` and ``<!-- /figures -->``. A figure that no
benchmark has written shows as "not measured".
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import coview_tables
import guide_tables
import headline_tables
import place_tables
import product_tables
import question_tables
import serving_tables
import training_tables
from nadeuri import columns
from record import RESULTS, ROOT
from tables import table

Figures = Mapping[str, float]

PAGES = {
    ROOT / "README.md": "en",
    ROOT / "README.ko.md": "ko",
    ROOT / "docs" / "measured.md": "en",
    ROOT / "docs" / "measured.ko.md": "ko",
    ROOT / "docs" / "also-viewed.md": "en",
    ROOT / "docs" / "questions.md": "en",
    ROOT / "docs" / "guide.md": "en",
    ROOT / "docs" / "places.md": "en",
    ROOT / "docs" / "serving.md": "en",
    ROOT / "docs" / "pages.md": "en",
    **dict.fromkeys(sorted((ROOT / "docs" / "models").glob("*.md")), "en"),
}
"""Where tables are, and their language."""
SETS = {"ml-1m": "ML-1M", "beauty": "Beauty", "nyc": "NYC"}
METRICS = {columns.at(columns.NDCG, 10): "nDCG@10", columns.at(columns.RECALL, 10): "Recall@10"}
BLOCK = re.compile(r"(<!-- figures:(?P<name>[a-z-]+) -->\n).*?(<!-- /figures -->)", re.DOTALL)

TEXT = {
    "en": {
        "absent": "not measured",
        "model": "Model",
        "measured": "Measured",
        "figure": "Figure",
        "effect": "nDCG@10, Meta-BERT4Rec − BERT4Rec [95% interval]",
        "p_value": "p of the paired test",
        columns.POPULARITY_PERCENTILE: "Popularity percentile of what is recommended",
        columns.GINI: "Gini of what is recommended",
        columns.COVERAGE: "Share of the catalogue recommended",
        "coherence": "Share of a list in its most common value",
        columns.POPULARITY: "Popularity",
        columns.MARKOV: "First-order Markov",
        "prepare_10m.seconds": "Prepare 10M clicks: time",
        "prepare_10m.peak_mib": "Prepare 10M clicks: peak memory",
        "serve.p50_ms": "One recommendation from the exported model: p50",
        "serve.p99_ms": "One recommendation from the exported model: p99",
        "serve.torch_p50_ms": "The same model in torch: p50",
    },
    "ko": {
        "absent": "측정 전",
        "model": "모델",
        "measured": "측정값",
        "figure": "항목",
        "effect": "nDCG@10 차이, Meta-BERT4Rec − BERT4Rec [95% 구간]",
        "p_value": "짝지은 검정의 p",
        columns.POPULARITY_PERCENTILE: "추천된 상품의 인기 백분위",
        columns.GINI: "추천의 지니 계수",
        columns.COVERAGE: "전체 상품 가운데 추천된 비율",
        "coherence": "추천 목록에서 가장 흔한 값의 비율",
        columns.POPULARITY: "인기순",
        columns.MARKOV: "1차 마르코프",
        "prepare_10m.seconds": "클릭 1,000만 건 준비: 시간",
        "prepare_10m.peak_mib": "클릭 1,000만 건 준비: 최대 메모리",
        "serve.p50_ms": "내보낸 모델의 추천 1건: p50",
        "serve.p99_ms": "내보낸 모델의 추천 1건: p99",
        "serve.torch_p50_ms": "같은 모델을 torch로 돌렸을 때: p50",
    },
}
MODEL_NAMES = {
    columns.NCF: "NCF (NeuMF)",
    columns.DEEPFM: "DeepFM",
    columns.SASREC: "SASRec",
    columns.BERT4REC: "BERT4Rec",
    columns.META_SASREC: "Meta-SASRec",
    columns.META_BERT4REC: "Meta-BERT4Rec",
}
COSTS = {
    "prepare_10m.seconds": "{:.1f} s",
    "prepare_10m.peak_mib": "{:.0f} MiB",
    "serve.p50_ms": "{:.2f} ms",
    "serve.p99_ms": "{:.2f} ms",
    "serve.torch_p50_ms": "{:.2f} ms",
}


def load(results: Path = RESULTS) -> dict[str, float]:
    """All measured figures, by dotted name.

    Raises:
        ValueError: two files give one name different numbers.
    """
    figures: dict[str, float] = {}
    for path in sorted(results.glob("*.json")):
        for name, value in json.loads(path.read_text(encoding="utf-8"))["figures"].items():
            if figures.setdefault(name, value) != value:
                raise ValueError(f"{path}: {name} is {value}, another file says {figures[name]}")
    return figures


def quality(figures: Figures, language: str) -> str:
    """One row per model, one column per data set and metric; the best of each column is bold."""
    text = TEXT[language]
    names = [
        (f"{data}.{{}}.{metric}", f"{label} {title}")
        for data, label in SETS.items()
        for metric, title in METRICS.items()
    ]
    rows = []
    for model in columns.FOR_YOU:
        cells = [_quality_cell(figures, name, model, text["absent"]) for name, _ in names]
        rows.append([MODEL_NAMES.get(model) or text[model], *cells])
    return table([text["model"], *(title for _, title in names)], rows)


def _quality_cell(figures: Figures, name: str, model: str, absent: str) -> str:
    value = figures.get(name.format(model))
    if value is None:
        return absent
    best = max(v for m in columns.FOR_YOU if (v := figures.get(name.format(m))) is not None)
    cell = f"{value:.4f}"
    if (sd := figures.get(f"{name.format(model)}.sd")) and sd > 0:
        cell += f" ± {sd:.4f}"
    return f"**{cell}**" if value == best else cell


def metadata(figures: Figures, language: str) -> str:
    """What metadata changes: accuracy, popularity bias, coherence; BERT4Rec → Meta-BERT4Rec."""
    text = TEXT[language]
    per_list = (columns.POPULARITY_PERCENTILE, columns.GINI, columns.COVERAGE)
    rows = [
        [text["effect"], *(_effect(figures, name) or text["absent"] for name in SETS)],
        [text["p_value"], *(_p_value(figures, name) or text["absent"] for name in SETS)],
        *(
            [text[figure], *(_change(figures, name, figure) or text["absent"] for name in SETS)]
            for figure in per_list
        ),
        [text["coherence"], *(_coherence(figures, name) or text["absent"] for name in SETS)],
    ]
    return table(["", *SETS.values()], rows)


def _effect(figures: Figures, name: str) -> str | None:
    key = f"{name}.metadata_effect"
    value = figures.get(f"{key}.{columns.at(columns.NDCG, 10)}")
    if value is None:
        return None
    return f"{value:+.4f} [{figures[f'{key}.low']:+.4f}, {figures[f'{key}.high']:+.4f}]"


def _p_value(figures: Figures, name: str) -> str | None:
    value = figures.get(f"{name}.metadata_effect.p_value")
    return None if value is None else f"{value:.4f}"


def _change(figures: Figures, name: str, figure: str) -> str | None:
    models = (columns.BERT4REC, columns.META_BERT4REC)
    before, after = (figures.get(f"{name}.{model}.{figure}") for model in models)
    return None if before is None or after is None else f"{before:.3f} → {after:.3f}"


def _coherence(figures: Figures, name: str) -> str | None:
    start = f"{name}.{columns.BERT4REC}.{columns.coherence('')}"
    fields = sorted(key.removeprefix(start) for key in figures if key.startswith(start))
    changes = [(field, _change(figures, name, columns.coherence(field))) for field in fields]
    return ", ".join(f"{field} {change}" for field, change in changes if change) or None


def costs(figures: Figures, language: str) -> str:
    """What preparing and serving cost."""
    text = TEXT[language]
    rows = [
        [text[name], form.format(figures[name]) if name in figures else text["absent"]]
        for name, form in COSTS.items()
    ]
    return table([text["figure"], text["measured"]], rows)


TABLES: dict[str, Callable[[Figures, str], str]] = {
    "headline": headline_tables.headline,
    "quality": quality,
    "metadata": metadata,
    "costs": costs,
    "training": training_tables.against_peers,
    "speed": training_tables.speed,
    "viewed": coview_tables.next_product,
    "viewed-everything": coview_tables.everything,
    "viewed-costs": coview_tables.costs,
    "viewed-indexes": coview_tables.indexes,
    "questions": question_tables.models,
    "questions-costs": question_tables.costs,
    "guide": guide_tables.answers,
    "places": place_tables.mapping,
    "places-scorer": place_tables.scorer,
    "places-packages": place_tables.packages,
    "serving": serving_tables.serving,
    "product": product_tables.product,
}


def render(text: str, figures: Figures, language: str) -> str:
    """``text`` with every table between markers written anew.

    Raises:
        KeyError: a marker names no table.
    """
    return BLOCK.sub(
        lambda block: block[1] + TABLES[block["name"]](figures, language) + block[3], text
    )


def main() -> int:
    figures = load()
    stale = []
    for path, language in PAGES.items():
        old = path.read_text(encoding="utf-8")
        new = render(old, figures, language)
        if new != old:
            stale.append(path.name)
            if "--check" not in sys.argv[1:]:
                path.write_text(new, encoding="utf-8")
    if not stale:
        print("figures: all tables agree with bench/results")
        return 0
    if "--check" in sys.argv[1:]:
        print(f"figures: {', '.join(stale)} disagree with bench/results; run: make figures")
        return 1
    print(f"figures: rewrote {', '.join(stale)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
