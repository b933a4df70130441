"""Samples, verdict and page of a load test."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from load.report import LoadTest, Side, write_report
from load.rows import JTL_COLUMNS
from load.samples import Sample, read_jtl, summarise, write_jtl
from load.verdict import Target, judge_load
from load.watch import Reading, total_pss
from serving.soak import growth, slope

SAMPLES = st.lists(
    st.builds(
        Sample,
        st.integers(1_700_000_000_000, 1_800_000_000_000).map(lambda ms: ms / 1000),
        st.integers(0, 60_000).map(float),
        st.sampled_from(["questions", "chat"]),
        st.just(200),
        st.just(""),
        st.integers(0, 1 << 20),
    )
)


@given(samples=SAMPLES)
def test_the_table_of_results_keeps_samples(
    samples: list[Sample], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("jtl") / "samples.jtl"
    write_jtl(path, samples)
    assert read_jtl(path) == sorted(samples)


def test_what_jmeter_writes_is_read(tmp_path: Path) -> None:
    path = tmp_path / "samples.jtl"
    path.write_text(
        "timeStamp,elapsed,label,responseCode,responseMessage,threadName,dataType,success,"
        "failureMessage,bytes,sentBytes,grpThreads,allThreads,URL,Latency,IdleTime,Connect\n"
        '1795997839261,477,questions,200,OK,"questions 4-3",text,true,,430,277,3,28,u,477,0,168\n'
        "1795997839262,9,chat,503,BUSY,chat 1-1,text,false,Test failed,4,2,3,8,u,4,0,1\n"
        "1795997839263,30000,chat,Non HTTP response code: java.net.SocketTimeoutException,"
        "Read timed out,chat 1-1,text,false,,0,0,3,28,u,0,0,1\n"
        "1795997839264,5,health,200,OK,health 1-1,text,false,No results for path: $['status'],"
        "4,2,3,8,u,4,0,1\n",
        encoding="utf-8",
    )
    samples = read_jtl(path)
    assert [(s.endpoint, s.status) for s in samples[:2]] == [("questions", 200), ("chat", 503)]
    assert [s.error for s in samples] == [
        "",
        "503",
        "SocketTimeoutException",
        "No results for path: $['status']",
    ]


def steady(rps: int, seconds: int, ms: float = 10.0) -> list[Sample]:
    return [
        Sample(1000 + number / rps, ms, "questions", 200, "", 100)
        for number in range(rps * seconds)
    ]


def test_times_are_those_of_good_answers() -> None:
    samples = [*steady(10, 10), Sample(1001, 30_000, "questions", 0, "timeout", 0)]
    summary = summarise(samples, 10)
    assert (summary.requests, summary.failed, summary.rps) == (101, 1, 10.0)
    assert (summary.p50_ms, summary.max_ms) == (10.0, 10.0)
    assert (summary.errors, summary.statuses) == ({"timeout": 1}, {"0": 1, "200": 100})
    assert summarise([], 10).p99_ms == 0


@pytest.mark.parametrize(
    ("samples", "misses"),
    [
        (steady(50, 20), 0),
        (steady(40, 20), 1),
        (steady(50, 20, ms=300), 1),
        ([*steady(50, 20), Sample(1015, 1, "questions", 503, "503", 0)], 1),
        ([*steady(50, 20), Sample(1005, 1, "questions", 503, "503", 0)], 0),  # during the ramp
        ([], 1),
    ],
)
def test_a_target_is_reached_or_missed_for_a_reason(samples: list[Sample], misses: int) -> None:
    verdict = judge_load(samples, Target(tps=50, p99_ms=250), ramp_s=10, seconds=20)
    assert len(verdict.misses) == misses
    assert verdict.passed is not bool(misses)


class _Words(HTMLParser):
    """The text of a page, and what it would load from elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self.loaded: list[str] = []
        self.tags: list[str] = []

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.loaded += [value or "" for name, value in attrs if name in ("src", "href")]


def test_the_page_shows_what_happened_and_needs_nothing_else(tmp_path: Path) -> None:
    samples = [*steady(50, 20), Sample(1015, 1, "chat", 503, "503 <b>", 0)]
    target = Target(tps=60, p99_ms=250)
    verdict = judge_load(samples, target, ramp_s=5, seconds=20)
    page = write_report(
        tmp_path,
        LoadTest(
            url="http://127.0.0.1:1",
            generator="own",
            ramp_s=5,
            seconds=20,
            samples=samples,
            memory=[Reading(t, 7, "worker", 90 + t, 50 + t, 30) for t in range(20)],
            verdict=verdict,
            sides=[Side("GPU", None, "not run: no GPU here")],
        ),
    )
    words = _Words()
    words.feed(page.read_text(encoding="utf-8"))
    for said in (
        "Failed · 실패",
        "질문 이해",
        "제주 맛집 대화",
        "not run: no GPU here",
        "503 <b> × 1",
    ):
        assert said in words.text
    assert words.tags.count("svg") == 4
    assert not words.loaded
    kept = json.loads((tmp_path / "load.json").read_text(encoding="utf-8"))
    assert kept["verdict"]["passed"] is False
    assert kept["endpoints"]["questions"]["requests"] == 750


def test_the_first_line_of_the_table_is_jmeters() -> None:
    assert JTL_COLUMNS[:4] == ("timeStamp", "elapsed", "label", "responseCode")


def test_growing_memory_is_seen() -> None:
    leak = [(float(second), 100 + second / 36) for second in range(3600)]
    assert slope(leak) == pytest.approx(100)
    assert growth(leak) == pytest.approx(187.5 / 137.5, rel=0.01)
    assert slope([(float(second), 100.0) for second in range(60)]) == pytest.approx(0, abs=1e-6)
    assert growth([]) == 1.0


def test_proportional_sizes_add_up() -> None:
    readings = [Reading(0.1, pid, "worker", 9, 5, 3) for pid in (1, 2)]
    assert total_pss([*readings, Reading(1.2, 1, "worker", 9, 6, 3)]) == [(0.0, 10), (1.0, 6)]
