"""The tables of ``bench/results/understand.json``: question models, a CRF, ablations, cost."""

from __future__ import annotations

from collections.abc import Mapping

from tables import Rows, listed, table

Figures = Mapping[str, float]

MODELS = ("crf", "characters", "e5")
COLUMNS = {
    "kochat.{}.micro_precision": "Kochat P",
    "kochat.{}.f1": "Kochat F1",
    "kochat.{}.intent_accuracy": "Kochat intent",
    "klue_ner.{}.f1": "KLUE-NER F1",
    "atis.{}.f1": "ATIS F1",
    "atis.{}.intent_accuracy": "ATIS intent",
    "sample.{}.f1": "Sample F1",
    "sample.{}.intent_accuracy": "Sample intent",
}
"""Figures of a model, and the headings of their columns."""

TEXT = {
    "en": {
        "absent": "not measured",
        "model": "Model",
        "figure": "Figure",
        "measured": "Measured",
        "crf": "CRF, logistic regression",
        "characters": "Characters (fast tier)",
        "e5": "multilingual-e5-small on morphemes",
        "unseen": "Unseen places, fast tier, precision: labels alone → with augmentation",
        "gain": "Difference [95% interval]",
        "cut": "Names cut short there (of 598 questions)",
        "known": "There with marks: names not in the gazetteer → in it, precision",
        "known_gain": "Marks and gazetteer against labels alone [95% interval]",
        "unknown": "Words that come out as [UNK]: vocabulary as it was → extended",
        "unknown_f1": "Questions with such words, F1",
        "unknown_intent": "Questions with such words, intent accuracy",
        "p50": "One question, e5 in int8, values and links included: p50, p99",
        "fast_p50": "One question, fast tier in int8, values and links included: p50, p99",
        "ways": "Scoring alone, p50: torch → ONNX → int8, e5",
        "rate": "Questions a CPU second, int8: fast tier, e5",
        "size": "Model on disk, int8: fast tier, e5",
        "memory": "A process that serves it: fast tier, e5",
    },
    "ko": {
        "absent": "측정 전",
        "model": "모델",
        "figure": "항목",
        "measured": "측정값",
        "crf": "CRF, 로지스틱 회귀",
        "characters": "글자 (빠른 모델)",
        "e5": "형태소 위의 multilingual-e5-small",
        "unseen": "처음 보는 지명, 빠른 모델, 정밀도: 라벨만 → 증강",
        "gain": "차이 [95% 구간]",
        "cut": "거기서 잘린 이름 (질문 598개)",
        "known": "표시까지 쓸 때의 정밀도: 사전에 없는 이름 → 있는 이름",
        "known_gain": "표시와 사전, 라벨만 쓸 때와의 차이 [95% 구간]",
        "unknown": "[UNK]가 되는 낱말: 원래 어휘 → 넓힌 어휘",
        "unknown_f1": "그런 낱말이 있는 질문, F1",
        "unknown_intent": "그런 낱말이 있는 질문, 의도 정확도",
        "p50": "질문 하나, int8 e5, 값과 연결까지: p50, p99",
        "fast_p50": "질문 하나, int8 빠른 모델, 값과 연결까지: p50, p99",
        "ways": "점수 계산만, p50: torch → ONNX → int8, e5",
        "rate": "CPU 1초에 답하는 질문, int8: 빠른 모델, e5",
        "size": "디스크의 모델, int8: 빠른 모델, e5",
        "memory": "서비스하는 프로세스: 빠른 모델, e5",
    },
}
ROWS: Rows = {
    "unseen": ("{:.3f} → {:.3f}", ("unseen.precision_without", "unseen.precision_with")),
    "gain": (
        "{:+.3f} [{:+.3f}, {:+.3f}]",
        ("unseen.precision_gain", "unseen.precision_gain.low", "unseen.precision_gain.high"),
    ),
    "cut": ("{:.0f} → {:.0f}", ("unseen.cut_short_without", "unseen.cut_short_with")),
    "known": ("{:.3f} → {:.3f}", ("unseen.precision_marked", "unseen.precision_known")),
    "known_gain": (
        "{:+.3f} [{:+.3f}, {:+.3f}]",
        (
            "unseen.precision_gain_known",
            "unseen.precision_gain_known.low",
            "unseen.precision_gain_known.high",
        ),
    ),
    "unknown": ("{:.1%} → {:.1%}", ("unk.rate_without", "unk.rate_with")),
    "unknown_f1": ("{:.3f} → {:.3f}", ("unk.f1_without", "unk.f1_with")),
    "unknown_intent": (
        "{:.3f} → {:.3f}",
        ("unk.intent_accuracy_without", "unk.intent_accuracy_with"),
    ),
    "p50": ("{:.1f} ms, {:.1f} ms", ("question.p50_ms", "question.p99_ms")),
    "fast_p50": (
        "{:.1f} ms, {:.1f} ms",
        ("characters.question.p50_ms", "characters.question.p99_ms"),
    ),
    "ways": (
        "{:.1f} → {:.1f} → {:.1f} ms",
        ("e5.torch.p50_ms", "e5.onnx.p50_ms", "e5.int8.p50_ms"),
    ),
    "rate": (
        "{:,.0f}, {:,.0f}",
        ("characters.int8.questions_per_cpu_s", "e5.int8.questions_per_cpu_s"),
    ),
    "size": ("{:.1f} MiB, {:.1f} MiB", ("characters.int8.model_mib", "e5.int8.model_mib")),
    "memory": ("{:,.0f} MiB, {:,.0f} MiB", ("characters.process_mib", "e5.process_mib")),
}


def models(figures: Figures, language: str) -> str:
    """One row per model, one column per figure; the best of each column is bold."""
    text = TEXT[language]
    best = {
        key: max((v for m in MODELS if (v := figures.get(key.format(m))) is not None), default=None)
        for key in COLUMNS
    }
    rows = [
        [text[model], *(_cell(figures, key.format(model), best[key], text) for key in COLUMNS)]
        for model in MODELS
    ]
    return table([text["model"], *COLUMNS.values()], rows)


def costs(figures: Figures, language: str) -> str:
    """Ablations and costs, one row each."""
    return listed(ROWS, figures, TEXT[language])


def _cell(figures: Figures, key: str, best: float | None, text: Mapping[str, str]) -> str:
    value = figures.get(key)
    if value is None:
        return text["absent"]
    cell = f"{value:.3f}"
    if sd := figures.get(f"{key}.sd"):
        cell += f" ± {sd:.3f}"
    return f"**{cell}**" if value == best else cell
