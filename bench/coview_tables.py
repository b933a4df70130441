"""The tables of ``bench/results/coview.json``: also-viewed models, their peers, their cost."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from nadeuri import columns
from tables import table

Figures = Mapping[str, float]

SETS = {"beauty": "Beauty", "nyc": "NYC", "flickr-trips": "Flickr trips", "sample": "Sample world"}
MODELS = (
    columns.COOCCURRENCE,
    "gensim",
    "gensim_tokens",
    columns.PROD2VEC,
    columns.META_PROD2VEC,
)
NDCG = columns.at(columns.NDCG, 10)
FORMS = {
    NDCG: "{:.4f}",
    columns.at(columns.RECALL, 10): "{:.4f}",
    f"coview_{NDCG}": "{:.4f}",
    "cold_recall_at_10": "{:.4f}",
    "purity_at_10": "{:.3f}",
    "train_cpu_s": "{:,.3g}",
}
"""Columns of the table with everything, and how a figure is written."""

TEXT = {
    "en": {
        "absent": "not measured",
        "model": "Model",
        "set": "Data set",
        "figure": "Figure",
        "measured": "Measured",
        columns.COOCCURRENCE: "Item-item cosine",
        "gensim": "gensim Word2Vec",
        "gensim_tokens": "gensim, metadata as words",
        columns.PROD2VEC: "Prod2Vec",
        columns.META_PROD2VEC: "Meta-Prod2Vec",
        NDCG: "Next nDCG@10",
        columns.at(columns.RECALL, 10): "Next Recall@10",
        f"coview_{NDCG}": "Co-view nDCG@10",
        "cold_recall_at_10": "Cold Recall@10",
        "purity_at_10": "Purity@10",
        "train_cpu_s": "Training CPU s",
        "speed": "An epoch on Beauty, one thread: CPU s, gensim → Nadeuri",
        "faster": "Times faster than gensim, same threads and settings: CPU, wall",
        "top20": "The 20 nearest of each of 100,000 products, exactly",
        "train_10m": "An epoch of 10M clicks on 100,000 products, one thread: time, peak memory",
        "index": "One product's neighbours among a million, with the index: time, recall@20",
        "exact": "The same without the index, 20 products at a time",
        "build": "Building that index",
    },
    "ko": {
        "absent": "측정 전",
        "model": "모델",
        "set": "데이터",
        "figure": "항목",
        "measured": "측정값",
        columns.COOCCURRENCE: "상품-상품 코사인",
        "gensim": "gensim Word2Vec",
        "gensim_tokens": "gensim, 상품 정보를 단어로",
        columns.PROD2VEC: "Prod2Vec",
        columns.META_PROD2VEC: "Meta-Prod2Vec",
        "speed": "Beauty 한 에포크, 스레드 하나: CPU 초, gensim → 나들이",
        "faster": "같은 스레드와 설정에서 gensim보다 몇 배 빠른가: CPU, 실제 시간",
        "top20": "상품 10만 개 전부의 가까운 상품 20개씩, 정확하게",
        "train_10m": "상품 10만 개의 클릭 1,000만 건 한 에포크, 스레드 하나: 시간, 최대 메모리",
        "index": "상품 100만 개 가운데 한 상품의 이웃, 색인으로: 시간, 재현율@20",
        "exact": "색인 없이 같은 일, 상품 20개씩",
        "build": "그 색인을 만드는 시간",
    },
}


def next_product(figures: Figures, language: str) -> str:
    """nDCG@10 of the next product: one row per model, one column per data set; the best is bold."""
    text = TEXT[language]
    best = {
        name: max(
            (found for model in MODELS if (found := figures.get(f"{name}.{model}.{NDCG}"))),
            default=None,
        )
        for name in SETS
    }
    rows = []
    for model in MODELS:
        cells = [
            _cell(figures, f"{name}.{model}.{NDCG}", "{:.4f}", best[name]) or text["absent"]
            for name in SETS
        ]
        rows.append([text[model], *cells])
    return table([text["model"], *SETS.values()], rows)


def everything(figures: Figures, language: str) -> str:
    """One row per data set and model, one column per figure; a dash where a model has none."""
    text = TEXT[language]
    rows = [
        [
            f"{title}, {text[model]}",
            *(_cell(figures, f"{name}.{model}.{key}", form) or "–" for key, form in FORMS.items()),
        ]
        for name, title in SETS.items()
        for model in MODELS
        if f"{name}.{model}.{NDCG}" in figures
    ]
    return table([f"{text['set']}, {text['model']}", *(text[key] for key in FORMS)], rows)


def _cell(figures: Figures, key: str, form: str, best: float | None = None) -> str | None:
    value = figures.get(key)
    if value is None:
        return None
    cell = form.format(value)
    if sd := figures.get(f"{key}.sd"):
        cell += f" ± {form.format(sd)}"
    return f"**{cell}**" if value == best else cell


def costs(figures: Figures, language: str) -> str:
    """Speed and size."""
    text = TEXT[language]
    cells: dict[str, Callable[[], str]] = {
        "speed": lambda: f"{figures['epoch.gensim.cpu_s']:.3g} → {figures['epoch.ours.cpu_s']:.2g}",
        "faster": lambda: (
            f"**{figures['epoch_speedup_vs_gensim.cpu']:.1f}×**, "
            f"{figures['epoch_speedup_vs_gensim']:.1f}×"
        ),
        "train_10m": lambda: (
            f"{figures['train_10m.epoch_wall_s']:.0f} s, "
            f"{figures['train_10m.peak_rss_mib']:,.0f} MiB"
        ),
        "top20": lambda: f"{figures['top20_100k.seconds']:.1f} s",
        "index": lambda: (
            f"{figures['index.query_us'] / 1000:.2f} ms, {figures['index.recall_at_20']:.3f}"
        ),
        "exact": lambda: f"{figures['index.exact_query_us'] / 1000:.0f} ms",
        "build": lambda: f"{figures['index.build_s']:.0f} s",
    }
    rows = []
    for name, cell in cells.items():
        try:
            rows.append([text[name], cell()])
        except KeyError:
            rows.append([text[name], text["absent"]])
    return table([text["figure"], text["measured"]], rows)


def indexes(figures: Figures, language: str) -> str:
    """What other indexes do on the same million vectors: one row per library and effort."""
    found = sorted(
        (library, int(effort))
        for key in figures
        if key.startswith("index.") and key.endswith(".recall")
        for _, library, effort, _ in [key.split(".")]
    )
    rows = [
        [
            f"{library}, {effort}",
            f"{figures[f'index.{library}.build_s']:.0f}",
            f"{figures[f'index.{library}.{effort}.query_us']:.0f}",
            f"{figures[f'index.{library}.{effort}.recall']:.3f}",
        ]
        for library, effort in found
    ]
    return table(["Library, effort", "Build s", "µs a query", "Recall@20"], rows)
