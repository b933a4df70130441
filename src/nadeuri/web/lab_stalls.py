"""The lab page's stalled trainings: what happened when, and the curve with and without."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from nadeuri.tracking_read import TrackedRun
from nadeuri.web.korea import moment
from nadeuri.web.lab_charts import Line, lines_figure
from nadeuri.web.lab_parts import facts_html, heading, show_figure, show_nothing
from nadeuri.web.lab_store import LabStore
from nadeuri.web.lab_types import NDCG
from nadeuri.web.lab_words import AS_IS, PICKED, SERIES

CURVE = f"valid_{NDCG}"
METRIC = "검증 nDCG@10"
MOST_OTHERS = len(SERIES)


def show(store: LabStore) -> None:
    """A run to which something happened, beside an ordinary one of its experiment."""
    runs = store.runs(None)
    eventful = [run for run in runs if run.events]
    st.html(
        '<p class="nd-lab-note">처음 몇 에폭 동안 nDCG가 오르지 않으면 학습이 정체된 거예요. '
        "그대로 배포되면 사고이므로, 찾아내서 학습률을 낮추고 다시 시작해요.</p>"
    )
    if not eventful:
        show_nothing(
            "정체되거나 회복한 실행이 없어요. 지금까지 기록된 학습은 모두 순조로웠어요.",
            "nadeuri recommend train configs/bert4rec.toml --data work/sample "
            "--set train.plateau_factor=0.5",
        )
        return
    run = _choose("사건이 있었던 실행", eventful)
    ordinary = [
        other
        for other in runs
        if not other.events and CURVE in other.metrics and _alike(run, other)
    ][:MOST_OTHERS]
    beside = _choose("견줄 순조로운 실행", ordinary) if ordinary else None
    _show_curves(store, run, beside)
    heading("있었던 일")
    st.html(facts_html([(f"{epoch}번째 에폭", text) for epoch, text in run.events.items()]))


def _choose(label: str, runs: Sequence[TrackedRun]) -> TrackedRun:
    by_id = {run.run_id: run for run in runs}
    chosen = st.selectbox(
        label,
        list(by_id),
        format_func=lambda run_id: f"{by_id[run_id].name} · {moment(by_id[run_id].started)}",
        width=460,
    )
    return by_id[chosen]


def _alike(run: TrackedRun, other: TrackedRun) -> bool:
    """The same kind of model on the same data."""
    same = run.parameters.get("model.kind") == other.parameters.get("model.kind")
    return same and run.experiment == other.experiment


def _show_curves(store: LabStore, run: TrackedRun, beside: TrackedRun | None) -> None:
    curves = store.curves(run)
    points = curves.get(CURVE, [])
    lines = [Line(f"사건: {run.name}", PICKED, points)]
    if beside is not None:
        lines.append(Line(f"순조: {beside.name}", AS_IS, store.curves(beside).get(CURVE, [])))
    values = dict(points)
    marks = [
        (epoch, values.get(epoch, 0.0), f"{epoch}번째 에폭: {text}")
        for epoch, text in run.events.items()
    ]
    said = ", ".join(f"{epoch}번째 에폭 {text}" for epoch, text in run.events.items())
    heading("곡선", "◆는 무슨 일이 있었던 에폭이에요.")
    show_figure(
        lines_figure(lines, x_title="에폭", y_title=METRIC, marks=marks),
        "stall",
        f"꺾은선그래프: {run.name}의 {METRIC}. {said}",
    )
    if rates := curves.get("lr"):
        show_figure(
            lines_figure(
                [Line("학습률", PICKED, rates)], x_title="에폭", y_title="학습률", decimals=6
            ),
            "stall-rate",
            f"꺾은선그래프: {run.name}의 에폭에 따른 학습률",
        )
