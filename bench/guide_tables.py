"""The table of ``bench/results/guide.json``: answers, ablations, guard, and cost at full size."""

from __future__ import annotations

from collections.abc import Mapping

from tables import Rows, listed

Figures = Mapping[str, float]

TEXT = {
    "en": {
        "absent": "not measured",
        "figure": "Figure",
        "measured": "Measured",
        "plan": "Questions held back: plan exactly right; slot F1",
        "execution": "Answers from the graph that are the oracle's",
        "fit": "Recommended places that meet all that was asked; all that must hold",
        "grounding": "Words about a place that no stored fact backs",
        "hyde": "HyDE, nDCG@3 of qualities only review texts tell: off → on; gain [95%]",
        "top_up": "Top-up, places recommended: off → on",
        "guard": "Guard: attacks that pass; valid read queries refused",
        "load": "9,252 places, 900,000 reviews: load; peak memory; disk",
        "embed": "Their review vectors, 2 cores",
        "latency": "An answer at full size without a language model: p50, p95",
        "stages": "p95 of its stages: candidates, HyDE, top-up, selection",
    },
    "ko": {
        "absent": "측정 전",
        "figure": "항목",
        "measured": "측정값",
        "plan": "남겨 둔 질문: 정확히 맞은 계획, 슬롯 F1",
        "execution": "그래프에서 찾은 답이 오라클과 같은 비율",
        "fit": "추천한 곳이 조건을 모두 만족, 꼭 지킬 조건을 모두 만족",
        "grounding": "저장된 사실에 없는 말",
        "hyde": "HyDE, 리뷰 글에만 있는 특성의 nDCG@3: 끔 → 켬, 차이 [95% 구간]",
        "top_up": "채우기, 추천한 곳의 수: 끔 → 켬",
        "guard": "검문: 통과한 공격, 거절된 올바른 읽기 질의",
        "load": "장소 9,252곳, 리뷰 90만 건: 적재, 최대 메모리, 디스크",
        "embed": "그 리뷰 벡터, 코어 2개",
        "latency": "전체 규모에서 언어 모델 없는 답 하나: p50, p95",
        "stages": "단계별 p95: 후보, HyDE, 채우기, 고르기",
    },
}
ROWS: Rows = {
    "plan": ("{:.3f}; {:.3f}", ("plan_exact", "slot_f1")),
    "execution": ("{:.3f}", ("execution_accuracy",)),
    "fit": ("{:.3f}; {:.3f}", ("constraint_satisfaction", "hard_constraint_satisfaction")),
    "grounding": ("{:.0f}", ("grounding_violations",)),
    "hyde": (
        "{:.3f} → {:.3f}; {:+.3f} [{:+.3f}, {:+.3f}]",
        (
            "hyde.off.ndcg_at_3",
            "hyde.on.ndcg_at_3",
            "hyde.gain",
            "hyde.gain.low",
            "hyde.gain.high",
        ),
    ),
    "top_up": ("{:.2f} → {:.2f}", ("topup.off.n_recommended", "topup.on.n_recommended")),
    "guard": (
        "{:.0f} of {:.0f}; {:.1%}",
        ("guard.attacks_passed", "guard.attacks", "guard.valid_refused_share"),
    ),
    "load": (
        "{:.0f} s; {:,.0f} MiB; {:,.0f} MiB",
        ("full.load_s", "full.peak_mib", "full.disk_mib"),
    ),
    "embed": ("{:,.0f} s", ("full.embed_reviews_s",)),
    "latency": ("{:.0f} ms, {:.0f} ms", ("full.p50_ms", "full.p95_ms")),
    "stages": (
        "{:.0f}, {:.0f}, {:.0f}, {:.0f} ms",
        (
            "full.candidates_p95_ms",
            "full.second_p95_ms",
            "full.top_up_p95_ms",
            "full.select_p95_ms",
        ),
    ),
}


def answers(figures: Figures, language: str) -> str:
    """One row per claim."""
    return listed(ROWS, figures, TEXT[language])
