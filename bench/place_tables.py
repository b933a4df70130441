"""The table of ``bench/results/places.json``: mapping, judge, batches, packages and their cost."""

from __future__ import annotations

from collections.abc import Mapping

from tables import Rows, listed

Figures = Mapping[str, float]

TEXT = {
    "en": {
        "absent": "not measured",
        "figure": "Figure",
        "measured": "Measured",
        "loco": "Geo-ER, pairs of a city that no labels of were seen: mean F1 of six",
        "pittsburgh": "Pittsburgh, 2,383 × 2,474 places, no labels of the city: precision / recall "
        "/ F1",
        "pittsburgh_splink": "the same by Splink 5: F1",
        "fodors": "Fodor's–Zagat's, F1: published pairs; end to end; Splink 5 end to end",
        "cross": "Right name of 35 sights across languages, both ways, names of the city to choose "
        "from: the shipped scorer; e5 alone",
        "cross_en": "the same without local names: Korean → English; English → Korean",
        "judge": "A judge who errs one time in ten, asked of doubtful places only: wrong mappings "
        "removed; true ones lost; questions per 1,000 places",
        "thresholds": "doubtful places left out instead of asking: wrong removed; true ones lost",
        "verified": "every place's likeliest candidate checked by the same judge: wrong removed; "
        "true ones lost",
        "yes_no": "the mission's question (“nearby or the same?”) asked of every pair, no errors: "
        "wrong mappings removed",
        "batch": "Batch jobs through faults and kills: answers lost; paid twice",
        "edits": "Packages, heavily edited itinerary: right one first (longest common subsequence)",
        "short": "the same, short plan",
        "noise": "the same, 35% of the mapping wrong",
        "speed": "One itinerary against 10,000 packages: p50, p95",
        "scale": "100,000 × 100,000 places: time; peak memory",
    },
    "ko": {
        "absent": "측정 전",
        "figure": "항목",
        "measured": "측정값",
        "loco": "Geo-ER, 라벨을 본 적 없는 도시의 쌍: 여섯 평균 F1",
        "pittsburgh": "피츠버그, 장소 2,383 × 2,474곳, 그 도시 라벨 없이: 정밀도 / 재현율 / F1",
        "pittsburgh_splink": "같은 것을 Splink 5로: F1",
        "fodors": "Fodor's–Zagat's F1: 공개 분할의 쌍, 처음부터 끝까지, Splink 5로 처음부터 끝까지",
        "cross": "명소 35곳의 다른 언어 이름을 그 도시에서 찾음, 양방향: 기본 스코어러, e5만",
        "cross_en": "현지어 이름 없이: 한국어 → 영어, 영어 → 한국어",
        "judge": "열 번에 한 번 틀리는 심판에게 불확실한 곳만 물음: 제거한 틀린 매핑, "
        "잃은 옳은 매핑, 1,000곳당 질문",
        "thresholds": "묻지 않고 불확실한 곳을 빼기만 함: 제거한 틀린 매핑, 잃은 옳은 매핑",
        "verified": "모든 곳의 첫 후보를 같은 심판이 확인: 제거한 틀린 매핑, 잃은 옳은 매핑",
        "yes_no": "미션의 질문(“근처이거나 같은가”)을 모든 쌍에, 오류 없이: 제거한 틀린 매핑",
        "batch": "장애와 강제 종료 속의 배치 작업: 잃은 답, 두 번 낸 비용",
        "edits": "패키지, 많이 고친 일정: 맞는 것이 첫째 (최장 공통 부분수열)",
        "short": "같은 것, 짧은 일정",
        "noise": "같은 것, 매핑의 35%가 틀림",
        "speed": "일정 하나를 패키지 10,000개와 비교: p50, p95",
        "scale": "장소 100,000 × 100,000곳: 시간, 최대 메모리",
    },
}
ROWS: Rows = {
    "loco": ("{:.1f} ± {:.2f}", ("geoer.loco_mean_f1", "geoer.loco_mean_f1.sd")),
    "pittsburgh": (
        "{:.1f} / {:.1f} / {:.1f} ± {:.2f}",
        ("pittsburgh.precision", "pittsburgh.recall", "pittsburgh.f1", "pittsburgh.f1.sd"),
    ),
    "pittsburgh_splink": ("{:.1f}", ("pittsburgh.splink_f1",)),
    "fodors": (
        "{:.1f}; {:.1f}; {:.1f}",
        ("fodors_zagats.f1", "fodors_zagats.end_to_end_f1", "fodors_zagats.splink_f1"),
    ),
    "cross": ("{:.1%}; {:.1%}", ("cross_lingual.top1", "cross_lingual.embedding.top1")),
    "cross_en": (
        "{:.1%}; {:.1%}",
        ("cross_lingual.ko_en.top1", "cross_lingual.en_ko.top1"),
    ),
    "judge": (
        "{:.1%}; {:.1%}; {:.0f}",
        ("judge.wrong_removed_share", "judge.true_lost_share", "judge.calls_per_1000"),
    ),
    "thresholds": (
        "{:.1%}; {:.1%}",
        ("judge.scorer.unasked.wrong_removed_share", "judge.scorer.unasked.true_lost_share"),
    ),
    "verified": (
        "{:.1%}; {:.1%}",
        (
            "judge.scorer.verify_all.right_9_of_10.wrong_removed_share",
            "judge.scorer.verify_all.right_9_of_10.true_lost_share",
        ),
    ),
    "yes_no": (
        "{:.1%}",
        ("judge.argmax.verify_all.yes_no.perfect.wrong_removed_share",),
    ),
    "batch": ("{:.0f}; {:.0f}", ("batch.lost", "batch.paid_twice")),
    "edits": (
        "{:.1f}% ± {:.1f} ({:.1f}%)",
        (
            "packages.heavy.top1",
            "packages.heavy.top1.sd",
            "packages.heavy.lcs_top1",
        ),
    ),
    "short": (
        "{:.1f}% ± {:.1f} ({:.1f}%)",
        ("packages.short.top1", "packages.short.top1.sd", "packages.short.lcs_top1"),
    ),
    "noise": (
        "{:.1f}% ± {:.1f} ({:.1f}%)",
        (
            "packages.noise.top1",
            "packages.noise.top1.sd",
            "packages.noise.lcs_top1",
        ),
    ),
    "speed": (
        "{:.1f} ms, {:.1f} ms",
        ("packages.speed.10000.p50_ms", "packages.speed.10000.p95_ms"),
    ),
    "scale": ("{:,.0f} s; {:,.0f} MiB", ("scale_100k.seconds", "scale_100k.peak_mib")),
}


def mapping(figures: Figures, language: str) -> str:
    """One row per claim."""
    return listed(ROWS, figures, TEXT[language])


def scorer(figures: Figures, language: str) -> str:
    """The rows about the scorer alone: which place is which."""
    names = ("loco", "pittsburgh", "pittsburgh_splink", "fodors", "cross", "cross_en", "scale")
    return listed({name: ROWS[name] for name in names}, figures, TEXT[language])


def packages(figures: Figures, language: str) -> str:
    """The rows about packages for an itinerary."""
    names = ("edits", "short", "noise", "speed")
    return listed({name: ROWS[name] for name in names}, figures, TEXT[language])
