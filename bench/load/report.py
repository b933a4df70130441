"""The page of a load test, one file that needs nothing else, and the same as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup

from load.samples import Sample, Summary, summarise
from load.verdict import Verdict
from load.watch import Reading, total_pss
from nadeuri.report.charts import STYLE, Curve, curve_chart
from nadeuri.report.pages import page_environment, provenance, replace_file

PAGE, DATA = "load.html", "load.json"
TITLES = {
    "recommendations": "맞춤 추천",
    "recommendations_batch": "맞춤 추천 (묶음)",
    "recommendations_by_model": "맞춤 추천 (모델 지정)",
    "products": "상품 검색",
    "product": "상품 정보",
    "product_map": "상품 지도",
    "travellers": "여행자 목록",
    "traveller": "여행자 이력",
    "also_viewed": "함께 본 상품",
    "questions": "질문 이해",
    "questions_batch": "질문 이해 (묶음)",
    "packages": "일정에 맞는 패키지",
    "places": "장소 검색",
    "place_match": "장소 매핑",
    "cities": "도시 목록",
    "reviews": "장소 매핑 검토 목록",
    "review_decision": "장소 매핑 결정",
    "jobs": "배치 작업 목록",
    "job": "배치 작업 하나",
    "failed_requests": "실패한 요청",
    "mapping_versions": "매핑 버전",
    "labelling_next": "라벨링할 질문",
    "labelling_task": "라벨링 질문 하나",
    "labelling_label": "라벨 저장",
    "labelling_skip": "라벨링 건너뛰기",
    "labelling_verdict": "라벨 확정",
    "labelling_disputes": "라벨 이견 목록",
    "labelling_progress": "라벨링 진행",
    "labelling_export": "라벨 내보내기",
    "chat": "제주 맛집 대화",
    "chat_thread": "지난 대화",
    "health": "상태 확인",
    "ready": "준비 확인",
    "metrics": "지표",
}
MOST_POINTS = 240


@dataclass(frozen=True)
class Side:
    """One load of a comparison: of the server on a CPU, or on a GPU.

    Attributes:
        name: ``CPU`` or ``GPU``.
        summary: None where it was not run.
        reason: why not.
    """

    name: str
    summary: Summary | None
    reason: str = ""


@dataclass(frozen=True)
class LoadTest:
    """All that a page shows."""

    url: str
    generator: str
    ramp_s: float
    seconds: float
    samples: Sequence[Sample]
    memory: Sequence[Reading]
    verdict: Verdict
    sides: Sequence[Side] = ()


def write_report(folder: Path, test: LoadTest) -> Path:
    """Write page and JSON into ``folder``; the path of the page."""
    folder.mkdir(parents=True, exist_ok=True)
    endpoints = by_endpoint(test)
    environment = page_environment("load")
    page = environment.get_template("load.html").render(
        test=test,
        endpoints=endpoints,
        titles=TITLES,
        charts=_charts(test),
        chart_style=Markup(STYLE),
        provenance=provenance(),
    )
    replace_file(folder / PAGE, page)
    replace_file(folder / DATA, json.dumps(_data(test, endpoints), ensure_ascii=False, indent=1))
    return folder / PAGE


def by_endpoint(test: LoadTest) -> dict[str, Summary]:
    """Figures of each endpoint over the part at full rate, in the order of the most requests."""
    begun = min((sample.start_s for sample in test.samples), default=0.0)
    parts: dict[str, list[Sample]] = {}
    for sample in test.samples:
        if test.ramp_s <= sample.start_s - begun < test.seconds:
            parts.setdefault(sample.endpoint, []).append(sample)
    seconds = test.seconds - test.ramp_s
    found = {name: summarise(part, seconds) for name, part in parts.items()}
    return dict(sorted(found.items(), key=lambda item: -item[1].requests))


def _data(test: LoadTest, endpoints: dict[str, Summary]) -> dict[str, Any]:
    return {
        "url": test.url,
        "generator": test.generator,
        "ramp_s": test.ramp_s,
        "seconds": test.seconds,
        **provenance(),
        "verdict": test.verdict.as_json(),
        "endpoints": {name: asdict(summary) for name, summary in endpoints.items()},
        "sides": [asdict(side) for side in test.sides],
        "memory": [asdict(reading) for reading in test.memory],
    }


def _charts(test: LoadTest) -> list[tuple[str, Markup]]:
    """Heading and chart: throughput, times, errors where there are any, memory if watched."""
    step = max(1.0, round(test.seconds / MOST_POINTS))
    spans = _spans(test.samples, step)
    good = [(at, sum(s.is_good for s in part) / step) for at, part in spans]
    charts = [
        (
            "Throughput · 처리량",
            curve_chart(
                "Good answers a second",
                [Curve("answers/s", 5, good)],
                x_label="seconds · 초",
                references=[Curve("target · 목표", 7, [(0, test.verdict.target.tps)])],
            ),
        ),
        ("Response time, ms · 응답 시간", _times(spans, step, test.verdict.target.p99_ms)),
    ]
    kinds = sorted({sample.error for sample in test.samples if sample.error})
    if kinds:
        curves = [
            Curve(
                kind,
                number,
                [(at, sum(s.error == kind for s in part) / step) for at, part in spans],
            )
            for number, kind in enumerate(kinds)
        ]
        charts.append(
            (
                "Failed requests a second · 실패",
                curve_chart("Failed requests by kind", curves, x_label="seconds · 초"),
            )
        )
    if test.memory:
        charts.append(("Memory, MiB · 메모리", _memory(test.memory)))
    return charts


def _spans(samples: Sequence[Sample], step: float) -> list[tuple[float, list[Sample]]]:
    """Samples by when they began, in spans of ``step`` seconds; empty spans are there as well."""
    if not samples:
        return []
    begun = min(sample.start_s for sample in samples)
    last = max(sample.start_s for sample in samples) - begun
    spans: list[list[Sample]] = [[] for _ in range(int(last / step) + 1)]
    for sample in samples:
        spans[int((sample.start_s - begun) / step)].append(sample)
    return [(number * step, part) for number, part in enumerate(spans)]


def _times(spans: list[tuple[float, list[Sample]]], step: float, limit: float) -> Markup:
    summaries = [(at, summarise(part, step)) for at, part in spans if any(s.is_good for s in part)]
    return curve_chart(
        "Percentiles of the response time",
        [
            Curve("p50", 4, [(at, summary.p50_ms) for at, summary in summaries]),
            Curve("p95", 2, [(at, summary.p95_ms) for at, summary in summaries]),
            Curve("p99", 7, [(at, summary.p99_ms) for at, summary in summaries]),
        ],
        x_label="seconds · 초",
        references=[Curve("p99 limit · 한도", 0, [(0, limit)])],
    )


def _memory(readings: Sequence[Reading]) -> Markup:
    """RSS and PSS of each process, and the sum of the proportional sizes."""
    processes = dict.fromkeys((reading.role, reading.pid) for reading in readings)
    curves = [Curve("all (PSS) · 전체", 1, total_pss(list(readings)))]
    for number, (role, pid) in enumerate(processes):
        own = [reading for reading in readings if reading.pid == pid]
        colour = 2 + number
        curves.append(Curve(f"{role} {pid} RSS", colour, [(r.seconds, r.rss) for r in own]))
        points = [(r.seconds, r.pss) for r in own]
        curves.append(Curve(f"{role} {pid} PSS", colour, points, is_faint=True))
    return curve_chart("Memory of each process", curves, x_label="seconds · 초")
