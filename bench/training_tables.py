"""The README tables of ``bench/results/training.json``: against the peers, and why it is fast."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from nadeuri import columns
from tables import table

Figures = Mapping[str, float]

PEERS = {
    "ml-1m": ("rectools", "ML-1M, N = 200, RecTools 0.19"),
    "beauty": ("rectools", "Beauty, N = 50, RecTools 0.19"),
    "ml-100k": ("recbole", "ML-100k, N = 50, RecBole 1.2.1"),
}
MODELS = {columns.BERT4REC: "BERT4Rec", columns.SASREC: "SASRec"}
TIME_TO_QUALITY = "ml-1m.time_to_ndcg_0.12"
LARGE = 100
"""Ratios from here on are shown without a decimal, which would say more than was measured."""

TEXT = {
    "en": {
        "absent": "not measured",
        "figure": "Figure",
        "measured": "Measured",
        "cpu_s": "{}: CPU s an epoch, peer → Nadeuri",
        "speedup": "{}: times faster (fp32)",
        "memory": "{}: peak memory, peer → Nadeuri",
        "time_to_quality": "ML-1M: CPU time to validation nDCG@10 of .12, RecTools → Nadeuri",
        "at_least": "at least ",
        "minutes": "min",
        "gemm_share": "Share of the measured matrix-product rate that training reaches: fp32, bf16",
        "amp": "bf16 alone at d = {}: times faster; change of nDCG@10",
        "mission": "Precision, length and batch together: times faster at held nDCG@10",
        "stall": "Short trainings that stall at too high a rate: without → with prevention",
    },
    "ko": {
        "absent": "측정 전",
        "figure": "항목",
        "measured": "측정값",
        "cpu_s": "{}: 에포크당 CPU 초, 비교 대상 → 나들이",
        "speedup": "{}: 몇 배 빠른가 (fp32)",
        "memory": "{}: 최대 메모리, 비교 대상 → 나들이",
        "time_to_quality": "ML-1M: 검증 nDCG@10 .12까지 CPU 시간, RecTools → 나들이",
        "at_least": "최소 ",
        "minutes": "분",
        "gemm_share": "학습이 쓰는 비율, 이 컴퓨터의 행렬곱 속도 대비: fp32, bf16",
        "amp": "bf16만, d = {}: 몇 배 빠른가; nDCG@10 변화",
        "mission": "정밀도·길이·배치 함께: 같은 nDCG@10에서 몇 배 빠른가",
        "stall": "학습률이 너무 높을 때 멈춰 버린 짧은 학습의 비율: 예방 없이 → 예방하여",
    },
}


def against_peers(figures: Figures, language: str) -> str:
    """One column per data set: seconds, ratio and memory of an epoch."""
    text = TEXT[language]
    cells: dict[str, Callable[[str, str, str], str | None]] = {
        "cpu_s": lambda data, model, peer: _change(
            figures, _name(data, model, "epoch_cpu_s"), peer, "{:.3g}"
        ),
        "speedup": lambda data, model, peer: _speedup(
            figures, _name(data, model, f"epoch_speedup_vs_{peer}")
        ),
        "memory": lambda data, model, peer: _change(
            figures, _name(data, model, "epoch_peak_rss_mib"), peer, "{:,.0f} MiB"
        ),
    }
    rows = [
        [
            text[what].format(title),
            *(cell(data, model, peer) or text["absent"] for data, (peer, _) in PEERS.items()),
        ]
        for model, title in MODELS.items()
        for what, cell in cells.items()
    ]
    return table(["", *(title for _, title in PEERS.values())], rows)


def speed(figures: Figures, language: str) -> str:
    """What is not measured per data set."""
    text = TEXT[language]
    cells = {
        text["time_to_quality"]: _time_to_quality(figures, text),
        text["gemm_share"]: _both(figures, ("gemm_share_fp32", "gemm_share_bf16"), "{:.0%}"),
        **{text["amp"].format(dim): _mixed_precision(figures, dim) for dim in (64, 256)},
        text["mission"]: _both(figures, ("mission.training_time_ratio",), "{:.1f}×"),
        text["stall"]: _both(figures, ("stall.rate_without", "stall.rate_with"), "{:.0%}", " → "),
    }
    header = [text["figure"], text["measured"]]
    return table(header, [[title, cell or text["absent"]] for title, cell in cells.items()])


def _name(data: str, model: str, figure: str) -> str:
    return f"{data}.{figure}" if model == columns.BERT4REC else f"{data}.{model}.{figure}"


def _change(figures: Figures, name: str, peer: str, form: str) -> str | None:
    data, _, rest = name.partition(".")
    model, _, figure = rest.rpartition(".")
    theirs = ".".join(filter(None, (data, model, peer, figure)))
    return _both(figures, (theirs, name), form, " → ")


def _speedup(figures: Figures, name: str) -> str | None:
    if name not in figures:
        return None
    return f"**{_times(figures[name])}** ({_times(figures[f'{name}.fp32'])})"


def _times(ratio: float) -> str:
    return f"{ratio:,.1f}×" if ratio < LARGE else f"{ratio:,.0f}×"


def _time_to_quality(figures: Figures, text: Mapping[str, str]) -> str | None:
    name = f"{TIME_TO_QUALITY}_speedup_vs_rectools"
    if name not in figures:
        return None
    minutes = [
        figures[f"{start}_cpu_s"] / 60
        for start in (TIME_TO_QUALITY.replace(".", ".rectools.", 1), TIME_TO_QUALITY)
    ]
    least = text["at_least"] if figures.get(f"{name}.is_lower_bound") else ""
    shown = f"{minutes[0]:.0f} → {minutes[1]:.1f} {text['minutes']}"
    return f"{least}{shown}, {least}**{_times(figures[name])}**"


def _mixed_precision(figures: Figures, dim: int) -> str | None:
    ratio, difference = f"amp.time_ratio_d{dim}", f"amp.ndcg_difference_d{dim}"
    if ratio not in figures:
        return None
    sd = figures[f"{difference}.sd"]
    return f"{figures[ratio]:.2f}×; {figures[difference]:+.4f} ± {sd:.4f}"


def _both(figures: Figures, names: tuple[str, ...], form: str, between: str = ", ") -> str | None:
    if not all(name in figures for name in names):
        return None
    return between.join(form.format(figures[name]) for name in names)
