"""The table of ``bench/results/serving.json``: what the API holds, and when it is hurt."""

from __future__ import annotations

from collections.abc import Mapping

from tables import Rows, listed

Figures = Mapping[str, float]

ENDPOINTS = {
    "recommendations": ("One recommendation", "추천 1건"),
    "recommendations_batch": ("A batch of recommendations", "추천 묶음"),
    "also_viewed": ("Others also viewed", "함께 본 상품"),
    "questions": ("A question understood", "질문 이해"),
    "packages": ("Packages for an itinerary", "일정에 맞는 패키지"),
    "places": ("Places by name", "이름으로 장소 찾기"),
    "place_match": ("One place in the other database", "다른 데이터베이스의 같은 장소"),
    "chat": ("An answer of the place guide", "장소 안내의 답"),
    "mix": ("All of these, mixed", "모두 섞어서"),
}
TEXT = {
    "en": {
        "absent": "not measured",
        "figure": "Figure",
        "measured": "Measured",
        **{name: f"{en}: a second; p50; p99" for name, (en, _) in ENDPOINTS.items()},
        "sides": "One recommendation a second: ONNX Runtime; torch; ONNX Runtime without preload",
        "private": "Private memory of a worker: with preload; without",
        "killed": "A container that holds two workers: killed with three; with those chosen",
        "looks": "Saturation by all of these, mixed, in 20 minutes: least; most, a second",
        "soak": "15 minutes at 70% of the least so far, workers renewed, two new models: requests; "
        "failed",
        "kill": "A worker killed under load: requests; failed; confirmed writes lost",
        "corrupt": "A damaged model published: requests; failed; answers of the damaged model",
        "disk_full": "Disk full: requests; failed; confirmed writes lost",
        "slow": "Language model that hangs: requests; failed; longest answer",
        "overload": "Ten times the load: answered, of what is answered at saturation; p99 of "
        "those; connections broken",
        "fuzz": "schemathesis: findings; odd requests: sent; wrong replies",
    },
    "ko": {
        "absent": "측정 전",
        "figure": "항목",
        "measured": "측정값",
        **{name: f"{ko}: 초당, p50, p99" for name, (_, ko) in ENDPOINTS.items()},
        "sides": "초당 추천: ONNX Runtime, torch, 미리 읽지 않은 ONNX Runtime",
        "private": "워커 하나만의 메모리: 미리 읽을 때, 읽지 않을 때",
        "killed": "워커 둘이 들어가는 컨테이너에서 강제 종료: 셋일 때, 스스로 고를 때",
        "looks": "20분 동안 여러 번 잰, 모두 섞은 포화: 가장 적을 때, 가장 많을 때, 초당",
        "soak": "그때까지 가장 적은 포화의 70%로 15분, 워커 교체와 새 모델 두 번: 요청, 실패",
        "kill": "부하 중 워커 강제 종료: 요청, 실패, 잃은 확정된 기록",
        "corrupt": "손상된 모델을 올림: 요청, 실패, 손상된 모델의 답",
        "disk_full": "디스크가 가득 참: 요청, 실패, 잃은 확정된 기록",
        "slow": "언어 모델이 멈춤: 요청, 실패, 가장 긴 답",
        "overload": "열 배의 부하: 포화 때 대비 답한 비율, 그 p99, 끊긴 연결",
        "fuzz": "schemathesis: 발견, 이상한 요청: 보냄, 잘못된 응답",
    },
}


def _rate(name: str) -> tuple[str, tuple[str, ...]]:
    figures = tuple(f"{name}.{figure}" for figure in ("rps", "p50_ms", "p99_ms"))
    return "{:,.0f}; {:.0f} ms; {:.0f} ms", figures


def _chaos(name: str, *figures: str) -> tuple[str, ...]:
    return tuple(f"chaos.{name}.{figure}" for figure in figures)


ROWS: Rows = {
    **{name: _rate(name) for name in ENDPOINTS},
    "sides": (
        "{:,.0f}; {:,.0f}; {:,.0f}",
        ("sides.onnx.rps", "sides.torch.rps", "sides.no_preload.rps"),
    ),
    "private": (
        "{:.0f} MiB; {:.0f} MiB",
        ("workers.private_mib_preload", "workers.private_mib_no_preload"),
    ),
    "killed": ("{:.0f}; {:.0f}", ("workers.killed_with_three", "workers.killed_with_auto")),
    "looks": ("{:.0f}; {:.0f}", ("soak.saturation_rps_least", "soak.saturation_rps_most")),
    "soak": ("{:,.0f}; {:.0f}", ("soak.requests", "soak.failed_requests")),
    "kill": ("{:,.0f}; {:.0f}; {:.0f}", _chaos("kill", "requests", "failed", "lost")),
    "corrupt": (
        "{:,.0f}; {:.0f}; {:.0f}",
        _chaos("corrupt", "requests", "failed", "damaged_served"),
    ),
    "disk_full": ("{:,.0f}; {:.0f}; {:.0f}", _chaos("disk_full", "requests", "failed", "lost")),
    "slow": ("{:,.0f}; {:.0f}; {:,.0f} ms", _chaos("slow_model", "requests", "failed", "max_ms")),
    "overload": ("{:.0%}; {:.0f} ms; {:.0f}", _chaos("overload", "goodput", "p99_ms", "broken")),
    "fuzz": (
        "{:.0f}; {:,.0f}; {:.0f}",
        ("schemathesis.findings", "fuzz.requests", "fuzz.server_errors"),
    ),
}


def serving(figures: Figures, language: str) -> str:
    """One row per claim."""
    return listed(ROWS, figures, TEXT[language])
