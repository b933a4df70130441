"""The README's table: a dozen figures of all rooms, each as its own benchmark measured it."""

from __future__ import annotations

from collections.abc import Mapping

from tables import Rows, listed

Figures = Mapping[str, float]

TEXT = {
    "en": {
        "absent": "not measured",
        "figure": "Figure",
        "measured": "Measured",
        "metadata": "For you, nDCG@10 on ML-1M, all items ranked: BERT4Rec → Meta-BERT4Rec [95% "
        "interval of the gain]",
        "nyc": "the same on NYC, where nothing is gained",
        "speed": "An epoch of BERT4Rec on ML-1M against RecTools: times faster; memory",
        "mission": "Mixed precision, length and batch together: times faster at held nDCG",
        "stall": "Short trainings that stall at too high a rate: without → with prevention",
        "viewed": "Others also viewed, nDCG@10 on Beauty: gensim; gensim with metadata; "
        "Meta-Prod2Vec",
        "unseen": "Names that training never saw, precision: labels alone → augmentation, "
        "gazetteer and its marks",
        "unknown": "Words that come out as [UNK]: vocabulary as it was → extended",
        "guide": "Place guide: recommended places that meet all that must hold; words that no "
        "stored fact backs",
        "guard": "Attacks by Cypher that pass the guard; valid queries refused",
        "places": "Places of two databases, F1 on Pittsburgh: Splink → Nadeuri",
        "judge": "Wrong mappings removed by a judge (simulated) who errs one time in ten; true "
        "ones lost",
        "serving": "One recommendation over HTTP, two cores: a second; p99",
        "soak": "15 minutes of load with two new models: requests; failed",
        "pages": "Pages driven in a real browser; failed; serious findings of axe",
        "first": "First meaningful content of a page, two cores",
        "demo": "`make demo` on a clean machine: time; download",
    },
    "ko": {
        "absent": "측정 전",
        "figure": "항목",
        "measured": "측정값",
        "metadata": "개인화 추천, ML-1M nDCG@10, 전체 순위: BERT4Rec → Meta-BERT4Rec "
        "[차이의 95% 구간]",
        "nyc": "같은 것, 얻는 것이 없는 NYC",
        "speed": "ML-1M에서 BERT4Rec 한 에포크, RecTools 대비: 몇 배 빠른가, 메모리",
        "mission": "혼합 정밀도·길이·배치 함께: 같은 nDCG에서 몇 배 빠른가",
        "stall": "학습률이 너무 높을 때 멈춰 버린 짧은 학습: 예방 없이 → 예방하여",
        "viewed": "함께 본 상품, Beauty nDCG@10: gensim, 상품 정보를 넣은 gensim, Meta-Prod2Vec",
        "unseen": "학습에 없던 지명의 정밀도: 라벨만 → 증강과 지명 사전 표시",
        "unknown": "[UNK]가 되는 낱말: 원래 어휘 → 넓힌 어휘",
        "guide": "장소 안내: 꼭 지킬 조건을 모두 만족한 추천, 저장된 사실에 없는 말",
        "guard": "검문을 통과한 Cypher 공격, 거절된 올바른 질의",
        "places": "두 데이터베이스의 장소, 피츠버그 F1: Splink → 나들이",
        "judge": "열 번에 한 번 틀리는 심판(모의)이 제거한 틀린 매핑, 잃은 옳은 매핑",
        "serving": "HTTP 추천 1건, 코어 2개: 초당, p99",
        "soak": "새 모델 두 번을 포함한 15분 부하: 요청, 실패",
        "pages": "실제 브라우저로 움직인 화면, 실패, axe의 심각한 지적",
        "first": "화면의 첫 의미 있는 내용, 코어 2개",
        "demo": "깨끗한 컴퓨터에서 `make demo`: 시간, 내려받는 양",
    },
}


def _gain(data: str) -> tuple[str, tuple[str, ...]]:
    effect = f"{data}.metadata_effect"
    return "{:.3f} → {:.3f} [{:+.3f}, {:+.3f}]", (
        f"{data}.bert4rec.ndcg_at_10",
        f"{data}.meta_bert4rec.ndcg_at_10",
        f"{effect}.low",
        f"{effect}.high",
    )


ROWS: Rows = {
    "metadata": _gain("ml-1m"),
    "nyc": _gain("nyc"),
    "speed": (
        "{:.1f}×; {:,.0f} → {:,.0f} MiB",
        (
            "ml-1m.epoch_speedup_vs_rectools",
            "ml-1m.rectools.epoch_peak_rss_mib",
            "ml-1m.epoch_peak_rss_mib",
        ),
    ),
    "mission": ("{:.1f}×", ("mission.training_time_ratio",)),
    "stall": ("{:.0%} → {:.0%}", ("stall.rate_without", "stall.rate_with")),
    "viewed": (
        "{:.4f}; {:.4f}; {:.4f}",
        (
            "beauty.gensim.ndcg_at_10",
            "beauty.gensim_tokens.ndcg_at_10",
            "beauty.meta_prod2vec.ndcg_at_10",
        ),
    ),
    "unseen": ("{:.3f} → {:.3f}", ("unseen.precision_without", "unseen.precision_known")),
    "unknown": ("{:.1%} → {:.1%}", ("unk.rate_without", "unk.rate_with")),
    "guide": ("{:.1%}; {:.0f}", ("hard_constraint_satisfaction", "grounding_violations")),
    "guard": (
        "{:.0f} of {:.0f}; {:.1%}",
        ("guard.attacks_passed", "guard.attacks", "guard.valid_refused_share"),
    ),
    "places": ("{:.1f} → {:.1f}", ("pittsburgh.splink_f1", "pittsburgh.f1")),
    "judge": ("{:.1%}; {:.1%}", ("judge.wrong_removed_share", "judge.true_lost_share")),
    "serving": ("{:,.0f}; {:.0f} ms", ("recommendations.rps", "recommendations.p99_ms")),
    "soak": ("{:,.0f}; {:,.0f}", ("soak.requests", "soak.failed_requests")),
    "pages": ("{:.0f}; {:.0f}; {:.0f}", ("pages.total", "pages.failed", "axe.serious")),
    "first": ("{:.1f} s", ("first_content_s",)),
    "demo": ("{:,.0f} s; {:,.0f} MiB", ("demo.seconds", "demo.download_mib")),
}


def headline(figures: Figures, language: str) -> str:
    """One row per claim."""
    return listed(ROWS, figures, TEXT[language])
