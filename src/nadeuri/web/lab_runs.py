"""The lab page's runs: all that was tracked, filtered and sorted, and one of them in full."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import streamlit as st

from nadeuri.tracking import TAG_CODE, TAG_DATA, TAG_REPORT
from nadeuri.tracking_read import TrackedRun
from nadeuri.web.korea import moment
from nadeuri.web.lab_charts import Line, lines_figure
from nadeuri.web.lab_parts import facts_html, heading, show_figure, show_nothing
from nadeuri.web.lab_store import MOST_RUNS, LabStore
from nadeuri.web.lab_types import NDCG
from nadeuri.web.lab_words import PICKED, REPORTS, STATES, duration, metric_name

RUN = "run"
"""Name in the address of the run that is looked at."""
ALL = "모든 실험"
KINDS = ("전체", "학습", "탐색의 학습", "보고서")
PREFERRED = (f"test_{NDCG}", f"valid_{NDCG}", "test_f1", "valid_quality")
ROWS_PX = 36


def show(store: LabStore) -> None:
    """The table, and below it the chosen run."""
    experiments = store.experiments()
    left, middle, right = st.columns(3)
    experiment = left.selectbox("실험", [ALL, *experiments])
    kind = middle.selectbox("종류", KINDS)
    runs = store.runs(None if experiment == ALL else experiment)
    runs = tuple(run for run in runs if kind == KINDS[0] or kind_of(run) == kind)
    metrics = metrics_of(runs)
    metric = right.selectbox("지표", metrics, format_func=name_of) if metrics else None
    if not runs:
        show_nothing(
            "조건에 맞는 실행이 없어요.",
            "nadeuri recommend train configs/bert4rec.toml --data work/sample",
        )
        return
    chosen = _choose(runs, metric)
    if len(runs) == MOST_RUNS:
        st.caption(f"최근 {MOST_RUNS}개만 보여 드려요. 실험을 골라 좁혀 보세요.")
    _show_run(store, chosen, metric)


def kind_of(run: TrackedRun) -> str:
    """Of the kinds that can be chosen, without the first one."""
    if TAG_REPORT in run.tags:
        return KINDS[3]
    return KINDS[2] if run.parent else KINDS[1]


def metrics_of(runs: Sequence[TrackedRun]) -> list[str]:
    """What can be compared: figures of quality first, those that most runs have before others."""
    found = Counter(name for run in runs for name in run.metrics)
    first = sorted((name for name in PREFERRED if name in found), key=lambda name: -found[name])
    return [*first, *sorted(set(found) - set(PREFERRED))]


def name_of(metric: str) -> str:
    """A metric, in words."""
    part, _, rest = metric.partition("_")
    parts = {"valid": "검증", "test": "테스트"}
    return f"{parts[part]} {metric_name(rest)}" if part in parts else metric


def _choose(runs: Sequence[TrackedRun], metric: str | None) -> TrackedRun:
    """The run whose row is marked, as the address has it; a click on a head sorts."""
    ids = [run.run_id for run in runs]
    asked = st.query_params.get(RUN)
    st.caption("줄을 누르면 아래에 자세히 보여요. 머리글을 누르면 정렬돼요.")
    picked: Any = st.dataframe(
        [_cells(run, metric) for run in runs],
        hide_index=True,
        height=min(len(runs) + 1, 10) * ROWS_PX,
        on_select="rerun",
        selection_mode="single-row",
        selection_default={
            "selection": {"rows": [ids.index(asked) if asked in ids else 0], "columns": []}
        },
        key=f"runs-{len(runs)}-{metric}-{ids[0]}",
        column_config={"값": st.column_config.NumberColumn(format="%.4f")},
        placeholder="–",
        alt=f"실행 {len(runs)}개의 표",
    )
    rows = picked.selection.rows
    chosen = runs[rows[0]] if rows else runs[0]
    st.query_params[RUN] = chosen.run_id
    return chosen


def _cells(run: TrackedRun, metric: str | None) -> dict[str, Any]:
    report = run.tags.get(TAG_REPORT)
    return {
        "이름": run.name,
        "값": run.metrics.get(metric) if metric else None,
        "상태": STATES.get(run.status, run.status),
        "종류": REPORTS.get(report, report) if report else kind_of(run),
        "실험": run.experiment,
        "시작": moment(run.started),
        "걸린 시간": _took(run),
    }


def _took(run: TrackedRun) -> str:
    """What a training took; reports, and trainings of a search, were written down afterwards."""
    if run.seconds is None or kind_of(run) != KINDS[1]:
        return "–"
    return duration(run.seconds)


def _show_run(store: LabStore, run: TrackedRun, metric: str | None) -> None:
    heading(run.name)
    facts = [
        ("상태", STATES.get(run.status, run.status)),
        ("시작", moment(run.started)),
        ("코드", run.tags.get(TAG_CODE, "–")[:12]),
        ("데이터", run.tags.get(TAG_DATA, "–")[:12]),
        ("실행 번호", run.run_id),
    ]
    st.html(facts_html(facts))
    curves = {name: points for name, points in store.curves(run).items() if len(points) > 1}
    if curves:
        names = list(curves)
        chosen = st.selectbox(
            "곡선",
            names,
            index=_first(names, metric),
            format_func=name_of,
            key=f"curve-{run.run_id}",
            width=320,
        )
        points = curves[chosen]
        show_figure(
            lines_figure(
                [Line(name_of(chosen), PICKED, points)], x_title="에폭", y_title=name_of(chosen)
            ),
            f"run-{run.run_id}",
            f"꺾은선그래프: {name_of(chosen)}, {points[0][1]:.4f}에서 {points[-1][1]:.4f}까지",
        )
    left, right = st.columns(2)
    with left:
        _show_values(
            "지표", [(name_of(name), f"{value:.5g}") for name, value in sorted(run.metrics.items())]
        )
    with right:
        _show_values("설정", sorted(run.parameters.items()))


def _show_values(title: str, values: Sequence[tuple[str, str]]) -> None:
    with st.expander(f"{title} {len(values)}개"):
        st.html(facts_html(values))


def _first(names: Sequence[str], metric: str | None) -> int:
    """The metric of the table, else a figure of quality."""
    for wanted in (metric, *PREFERRED):
        if wanted in names:
            return names.index(wanted)
    return 0
