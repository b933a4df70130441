"""The lab page's search for maximum length x batch size: quality, time, and what is chosen."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from nadeuri.korean import josa
from nadeuri.web.lab_charts import Cell, Dot, frontier_of, heat_figure, scatter_figure
from nadeuri.web.lab_parts import (
    Row,
    choose_report,
    heading,
    show_figure,
    show_nothing,
    show_page_download,
    signed,
    table_html,
    verdict_html,
)
from nadeuri.web.lab_store import LabStore
from nadeuri.web.lab_types import Candidate, Study, StudyPlan
from nadeuri.web.lab_words import AS_IS, BEST, ENDINGS, OTHER, PICKED, duration, value_text

KIND = "length-batch"
METRIC = "검증 nDCG@10"


def show(store: LabStore) -> None:
    """A search that is chosen: two heat maps, what time buys, and the table."""
    reports = store.reports(KIND)
    if not reports:
        show_nothing(
            "아직 기록된 길이 x 배치 탐색이 없어요.",
            "nadeuri recommend tune length-batch configs/bert4rec.toml --data work/sample",
        )
        return
    run = choose_report(KIND, "길이 x 배치 탐색", reports)
    study, plan = store.study(run.run_id)
    st.html(verdict_html("고른 설정", label_of(study.picked), reasons(study)))
    show_page_download(store, run)
    _show_maps(study, plan)
    _show_tradeoff(study)
    _show_table(study)


def label_of(candidate: Candidate) -> str:
    """Length x batch size, in words."""
    max_len, batch_size = candidate.setting
    return f"길이 {max_len} x 배치 {batch_size}"


def reasons(study: Study) -> list[str]:
    """Why this setting, and what it saves."""
    picked, before = study.picked, study.as_is
    best = next((each for each in study.candidates if each.name == study.best), picked)
    said = []
    if picked.ndcg and best.ndcg and study.tolerance is not None:
        if best.name == picked.name:
            said.append(
                f"{METRIC}이 {josa(f'{picked.ndcg:.4f}', '으로', '로')} 가장 높고, "
                f"그 {study.tolerance:.0%} 안에 더 빠른 설정은 없어요."
            )
        else:
            loss = signed(picked.ndcg / best.ndcg - 1, "{:.1%}".format)
            said.append(
                f"가장 높은 {METRIC}({label_of(best)}, {best.ndcg:.4f})의 {study.tolerance:.0%} "
                f"안에 드는 설정 가운데 가장 빨라요: {picked.ndcg:.4f} ({loss})."
            )
    if picked.name != before.name and picked.seconds_to_best and before.seconds_to_best:
        ratio = before.seconds_to_best / picked.seconds_to_best
        said.append(
            f"최고 성적까지 {duration(picked.seconds_to_best)}, 지금 설정({label_of(before)})은 "
            f"{duration(before.seconds_to_best)} 걸려요: "
            + (f"{ratio:.1f}배 빨라져요." if ratio >= 1 else f"시간은 {1 / ratio:.1f}배 들어요.")
        )
    elif picked.name == before.name:
        said.append("지금 쓰는 설정이 그대로 가장 나아요.")
    if study.estimated_max_len is not None:
        said.append(f"이력 길이만 보고 추정한 최대 길이: {study.estimated_max_len}")
    return said


def _show_maps(study: Study, plan: StudyPlan) -> None:
    heading("품질과 시간", "★와 실선 테두리는 고른 설정, 점선 테두리는 지금 설정이에요.")
    left, right = st.columns(2)
    with left:
        st.html(f'<h3 class="nd-lab-sub">{METRIC}</h3>')
        _show_map(study, plan, "ndcg", METRIC, lambda each: each.ndcg, "{:.4f}".format)
    with right:
        st.html('<h3 class="nd-lab-sub">에폭당 초</h3>')
        _show_map(
            study,
            plan,
            "seconds",
            "에폭당 초",
            lambda each: each.seconds_per_epoch,
            "{:.2f}".format,
        )


def _show_map(
    study: Study,
    plan: StudyPlan,
    key: str,
    title: str,
    figure: Callable[[Candidate], float | None],
    text: Callable[[float], str],
) -> None:
    lengths, batches = (axis.values for axis in plan.axes)

    def cell(candidate: Candidate | None) -> Cell:
        if candidate is None:
            return Cell(None, "–")
        value = figure(candidate)
        return Cell(
            value,
            ENDINGS.get(candidate.state, candidate.state) if value is None else text(value),
            candidate.name == study.picked.name,
            candidate.name == study.as_is.name,
        )

    cells = [[cell(study.at((length, batch))) for batch in batches] for length in lengths]
    said = ", ".join(
        f"{label_of(each)}: {text(value)}"
        for each in study.candidates
        if (value := figure(each)) is not None
    )
    show_figure(
        heat_figure(
            [value_text(value) for value in lengths],
            [value_text(value) for value in batches],
            cells,
            row_title="최대 길이",
            column_title="배치 크기",
        ),
        f"heat-{key}",
        f"히트맵: 최대 길이와 배치 크기에 따른 {title}. {said}",
    )


def _show_tradeoff(study: Study) -> None:
    marked = {
        study.best or "": ("최고", BEST),
        study.as_is.name: ("지금", AS_IS),
        study.picked.name: ("고름", PICKED),
    }
    dots = []
    for each in study.candidates:
        if each.ndcg is None or each.seconds_to_best is None:
            continue
        word, colour = marked.get(each.name, ("", OTHER))
        label = f"{word}: {label_of(each)}" if word else ""
        dots.append(Dot(each.seconds_to_best, each.ndcg, label_of(each), colour, label))
    if not dots:
        return
    level = None
    if study.tolerance is not None:
        lowest = (1 - study.tolerance) * max(dot.y for dot in dots)
        level = (f"최고의 {1 - study.tolerance:.0%}", lowest)
    frontier = frontier_of(dots)
    heading("시간이 사는 것", "회색 선 위의 설정은 더 빠르면서 더 나은 설정이 없어요(파레토 경계).")
    show_figure(
        scatter_figure(
            dots, x_title="최고 성적까지 초", y_title=METRIC, frontier=frontier, level=level
        ),
        "tradeoff",
        f"산점도: 최고 성적까지 걸린 시간과 {METRIC}. 파레토 경계: "
        + ", ".join(f"{dot.name} {dot.x:.1f}초 {dot.y:.4f}" for dot in frontier),
    )


def _show_table(study: Study) -> None:
    heading("모든 설정")
    heads = ["길이 x 배치", METRIC, "에폭당", "최고까지", "에폭"]
    ranked = sorted(study.candidates, key=lambda each: -(each.ndcg or 0))
    rows = [
        Row((label_of(each), *_figures(each)), each.name == study.picked.name) for each in ranked
    ]
    st.html(table_html(heads, rows, f"설정별 {METRIC}과 시간, 높은 순"))


def _figures(candidate: Candidate) -> tuple[str, ...]:
    if candidate.ndcg is None:
        return (ENDINGS.get(candidate.state, candidate.state), "–", "–", "–")
    spread = "" if candidate.ndcg_sd is None else f"\n± {candidate.ndcg_sd:.4f}"
    per_epoch, to_best = candidate.seconds_per_epoch, candidate.seconds_to_best
    return (
        f"{candidate.ndcg:.4f}{spread}",
        "–" if per_epoch is None else f"{per_epoch:.2f}초",
        "–" if to_best is None else duration(to_best),
        "–" if candidate.epochs is None else f"{candidate.epochs:.3g}",
    )
