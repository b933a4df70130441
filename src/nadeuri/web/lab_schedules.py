"""The lab page's comparison of learning-rate schedules: curves, convergence, and what is chosen."""

from __future__ import annotations

import streamlit as st

from nadeuri.korean import josa
from nadeuri.web.lab_charts import Cell, Line, heat_figure, lines_figure
from nadeuri.web.lab_parts import (
    Row,
    choose_report,
    heading,
    higher,
    p_text,
    show_figure,
    show_nothing,
    show_page_download,
    signed,
    table_html,
    verdict_html,
)
from nadeuri.web.lab_store import LabStore
from nadeuri.web.lab_types import Candidate, Curves, Point, Study, StudyPlan, validated
from nadeuri.web.lab_words import (
    AS_IS,
    ENDINGS,
    OTHER,
    PICKED,
    SERIES,
    schedule_name,
    value_text,
)

KIND = "schedule"
METRIC = "검증 nDCG@10"


def show(store: LabStore) -> None:
    """A study that is chosen: the old and the best setting, every schedule, and the table."""
    reports = store.reports(KIND)
    if not reports:
        show_nothing(
            "아직 기록된 학습률 스케줄 비교가 없어요.",
            "nadeuri recommend tune schedule configs/bert4rec.toml --data work/sample",
        )
        return
    run = choose_report(KIND, "학습률 비교", reports)
    study, plan = store.study(run.run_id)
    curves = store.learning_curves(run.run_id)
    st.html(verdict_html("고른 설정", label_of(study.picked), reasons(study)))
    show_page_download(store, run)
    _show_overlay(study, curves)
    _show_schedules(study, plan, curves)
    _show_table(study, plan)


def label_of(candidate: Candidate) -> str:
    """A schedule and its base rate, in words."""
    schedule, rate = candidate.setting
    return f"{schedule_name(schedule)} · {value_text(rate)}"


def reasons(study: Study) -> list[str]:
    """Why this setting, and how much sooner and better it is."""
    picked, before = study.picked, study.as_is
    said = []
    if picked.ndcg is not None:
        seeds = f"시드 {len(picked.seeds)}개 평균 " if len(picked.seeds) > 1 else ""
        figure = josa(f"{picked.ndcg:.4f}", "으로", "로")
        said.append(f"{seeds}{METRIC}이 {figure} 가장 높아요.")
    if picked.name == before.name:
        return [*said, "지금 쓰는 일정한 학습률보다 나은 스케줄은 없었어요."]
    if picked.ndcg is not None and before.ndcg:
        gain = picked.ndcg - before.ndcg
        test = study.valid_against_as_is
        clear = f", {p_text(test.p_value)}" if test else ""
        said.append(
            f"지금 설정({label_of(before)})의 {before.ndcg:.4f}보다 {higher(gain)} "
            f"({signed(gain / before.ndcg, '{:.1%}'.format)}{clear})."
        )
    ends = [study.convergence.get(each.name) for each in (before, picked)]
    if ends[0] and ends[1]:
        said.append(
            f"수렴한 때: 지금은 {ends[0].epoch:.0f}번째 에폭, 고른 설정은 "
            f"{ends[1].epoch:.0f}번째 에폭이에요."
        )
    if study.best_exponential_rate is not None:
        said.append(f"지수 감소에서 가장 좋은 초기 학습률: {study.best_exponential_rate:g}")
    return said


def _show_overlay(study: Study, curves: Curves) -> None:
    heading("지금 설정과 고른 설정", "옅은 선은 나머지 설정이에요.")
    bold = {study.as_is.name: AS_IS, study.picked.name: PICKED}
    words = {study.as_is.name: "지금", study.picked.name: "고름"}
    labels = {each.name: label_of(each) for each in study.candidates}
    lines = [
        Line(
            f"{words[name]}: {labels[name]}" if name in bold else labels[name],
            bold.get(name, OTHER),
            validated(points),
            is_faint=name not in bold,
        )
        for (name, _), points in curves.items()
        if name in labels and validated(points)
    ]
    show_figure(
        lines_figure(lines, x_title="에폭", y_title=METRIC),
        "overlay",
        f"꺾은선그래프: {METRIC}. 지금 설정 {label_of(study.as_is)} 최고 {_best(study.as_is)}, "
        f"고른 설정 {label_of(study.picked)} 최고 {_best(study.picked)}",
    )


def _show_schedules(study: Study, plan: StudyPlan, curves: Curves) -> None:
    heading("스케줄별 곡선", "같은 스케줄에서 초기 학습률만 바꾼 결과예요.")
    schedules, rates = (axis.values for axis in plan.axes)
    chosen = st.pills(
        "스케줄",
        [str(schedule) for schedule in schedules],
        default=str(study.picked.setting[0]),
        format_func=schedule_name,
        required=True,
        key="lab-schedule",
    )
    found = {rate: study.at((chosen, rate)) for rate in rates} if chosen else {}
    colours = {rate: SERIES[place % len(SERIES)] for place, rate in enumerate(rates)}
    first: dict[float | int | str, tuple[Point, ...]] = {
        rate: curves[candidate.name, _seed(candidate)]
        for rate, candidate in found.items()
        if candidate and (candidate.name, _seed(candidate)) in curves
    }
    lines = [
        Line(value_text(rate), colours[rate], validated(points)) for rate, points in first.items()
    ]
    rate_lines = [
        Line(value_text(rate), colours[rate], [(p.epoch, p.lr) for p in points if p.lr is not None])
        for rate, points in first.items()
    ]
    ends = ", ".join(f"{value_text(rate)}이면 {_best(found[rate])}" for rate in first)
    left, right = st.columns(2)
    with left:
        show_figure(
            lines_figure(lines, x_title="에폭", y_title=METRIC),
            "by-rate",
            f"꺾은선그래프: {schedule_name(chosen)} 스케줄의 {METRIC}. 초기 학습률이 {ends}",
        )
    with right:
        show_figure(
            lines_figure(rate_lines, x_title="에폭", y_title="학습률", decimals=5),
            "rates",
            f"꺾은선그래프: {schedule_name(chosen)} 스케줄에서 에폭에 따른 학습률",
        )


def _show_table(study: Study, plan: StudyPlan) -> None:
    heading("모든 설정", "★와 실선 테두리는 고른 설정, 점선 테두리는 지금 설정이에요.")
    schedules, rates = (axis.values for axis in plan.axes)
    cells = [
        [cell_of(study, study.at((schedule, rate))) for rate in rates] for schedule in schedules
    ]
    show_figure(
        heat_figure(
            [schedule_name(value) for value in schedules],
            [value_text(value) for value in rates],
            cells,
            row_title="스케줄",
            column_title="초기 학습률",
        ),
        "heat",
        f"히트맵: 스케줄과 초기 학습률에 따른 {METRIC}. 가장 높은 곳은 {label_of(study.picked)}",
    )
    heads = ["스케줄 · 초기 학습률", METRIC, "수렴 에폭", "멈춘 에폭", "시드"]
    ranked = sorted(study.candidates, key=lambda each: -(each.ndcg or 0))
    rows = [_row(study, each) for each in ranked]
    st.html(table_html(heads, rows, f"설정별 {METRIC}과 수렴, 높은 순"))
    st.caption("수렴 에폭: 자기 최고 성적의 1% 안에 처음 들어온 에폭")


def _row(study: Study, candidate: Candidate) -> Row:
    end = study.convergence.get(candidate.name)
    figure = _best(candidate)
    if candidate.ndcg_sd is not None:
        figure += f"\n± {candidate.ndcg_sd:.4f}"
    cells = (
        label_of(candidate),
        figure,
        f"{end.epoch:.3g}" if end else "–",
        f"{end.stopped:.3g}" if end else "–",
        str(len(candidate.seeds)),
    )
    return Row(cells, candidate.name == study.picked.name)


def cell_of(study: Study, candidate: Candidate | None) -> Cell:
    """A candidate's nDCG in a heat map."""
    if candidate is None:
        return Cell(None, "–")
    return Cell(
        candidate.ndcg,
        _best(candidate),
        candidate.name == study.picked.name,
        candidate.name == study.as_is.name,
    )


def _best(candidate: Candidate | None) -> str:
    """Its nDCG, or how it ended without one."""
    if candidate is None:
        return "–"
    if candidate.ndcg is None:
        return ENDINGS.get(candidate.state, candidate.state)
    return f"{candidate.ndcg:.4f}"


def _seed(candidate: Candidate) -> int:
    return candidate.seeds[0] if candidate.seeds else 1
