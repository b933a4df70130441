"""The lab page's comparison of models: figures, curves, lists, and the models side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from nadeuri import columns
from nadeuri.korean import josa
from nadeuri.web.lab_charts import Bar, Line, bars_figure, lines_figure
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
from nadeuri.web.lab_samples import show_samples
from nadeuri.web.lab_store import LabStore
from nadeuri.web.lab_types import Comparison, Curves, Model, PairedTest, validated
from nadeuri.web.lab_words import colours, duration, experiment_name, list_words, metric_name
from nadeuri.web.look import ink

KIND = "comparison"
SIGNIFICANT = 0.05
COUNTED = (columns.POPULARITY, columns.MARKOV, columns.COOCCURRENCE)
"""Models that learn nothing step by step: a level among the curves."""


def show(store: LabStore) -> None:
    """A comparison that is chosen, from its verdict to single travellers."""
    reports = store.reports(KIND)
    if not reports:
        show_nothing(
            "아직 기록된 모델 비교가 없어요. 비교를 실행하면 여기에 보고서가 쌓여요.",
            "nadeuri recommend compare --data work/sample",
        )
        return
    run = choose_report(KIND, "비교 보고서", reports)
    found = store.comparison(run.run_id)
    names = {model.name: experiment_name(model.name, model.kind) for model in found.models}
    paints = colours((model.name, model.kind) for model in found.models)
    st.html(verdict_html("배포할 모델", names[found.ship], reasons(found, names)))
    show_page_download(store, run)
    _show_figures(found, names, paints)
    _show_curves(found, store.learning_curves(run.run_id), names, paints)
    _show_lists(found, names, paints)
    show_samples(store.sample_users(run.run_id), found, names, paints)


def reasons(found: Comparison, names: Mapping[str, str]) -> list[str]:
    """Why this one is shipped, in sentences."""
    shipped = found.model(found.ship)
    metric = metric_name(found.metric)
    said = []
    if shipped is not None:
        figure = josa(f"{shipped.valid[found.metric].mean:.4f}", "으로", "로")
        said.append(f"검증 {josa(metric, '이', '가')} {figure}, 비교한 모델 가운데 가장 높아요.")
    for test in found.not_worse_on_validation:
        other = names.get(test.a, test.a)
        said.append(
            f"더 단순한 {other}도 검증에서는 뚜렷한 차이가 없어요 ({p_text(test.p_value)}). "
            "단순함이 중요하면 이 모델도 좋은 선택이에요."
        )
    said += [
        _against(test, found.ship, names)
        for test in found.paired_tests
        if columns.ID_TWINS.get(test.a) == test.b and found.ship in (test.a, test.b)
    ]
    cases = found.cases.get("test", 0)
    return [*said, f"테스트 {cases:,}건의 순위를 모든 상품 가운데에서 매겨 비교했어요."]


def _against(test: PairedTest, ship: str, names: Mapping[str, str]) -> str:
    """A model with metadata against its twin without."""
    sign = 1 if ship == test.a else -1
    other = test.b if ship == test.a else test.a
    low, high = sorted((sign * test.low, sign * test.high))
    is_clear = test.p_value < SIGNIFICANT
    ending = "차이가 뚜렷해요" if is_clear else "뚜렷한 차이는 아니에요"
    return (
        f"테스트 nDCG는 {names.get(other, other)}보다 {higher(sign * test.difference)} "
        f"(95% 구간 {signed(low)} ~ {signed(high)}, {p_text(test.p_value)}). {ending}."
    )


def _show_figures(found: Comparison, names: Mapping[str, str], paints: Mapping[str, str]) -> None:
    metric = metric_name(found.metric)
    ranked = sorted(found.models, key=lambda model: -found.test(model)[found.metric].mean)
    heading("정확도", "★ 배포할 모델 · 작은 글씨는 95% 신뢰 구간 · 배포는 검증 성적으로만 정해요.")
    bars = [
        Bar(
            names[model.name],
            found.test(model)[found.metric].mean,
            paints[model.name],
            found.test(model)[found.metric].low,
            found.test(model)[found.metric].high,
            model.name == found.ship,
        )
        for model in ranked
    ]
    order = ", ".join(f"{bar.label} {bar.value:.4f}" for bar in bars)
    show_figure(bars_figure(bars, ink=ink()), "accuracy", f"막대그래프: 테스트 {metric}. {order}")
    cut = found.metric.rpartition("_at_")[2]
    shown = [name for name in found.test(ranked[0]) if name.endswith(f"_at_{cut}")]
    heads = ["모델", f"검증 {metric}", *(f"테스트 {metric_name(name)}" for name in shown), "학습"]
    rows = [
        Row(
            (
                names[model.name],
                f"{model.valid[found.metric].mean:.4f}",
                *(_estimate(model, found, name) for name in shown),
                _training(model),
            ),
            model.name == found.ship,
        )
        for model in ranked
    ]
    st.html(table_html(heads, rows, f"모델별 정확도, {josa(metric, '이', '가')} 높은 순"))


def _estimate(model: Model, found: Comparison, name: str) -> str:
    figure = found.test(model)[name]
    return f"{figure.mean:.4f}\n{figure.low:.4f} ~ {figure.high:.4f}"


def _training(model: Model) -> str:
    epochs = [epoch for epoch in model.best_epochs if epoch]
    best = f"\n최고 {', '.join(map(str, epochs))} 에폭" if epochs else ""
    return duration(model.train_seconds) + best


def _show_curves(
    found: Comparison, curves: Curves, names: Mapping[str, str], paints: Mapping[str, str]
) -> None:
    lines = [
        Line(names[name], paints[name], validated(points))
        for (name, _), points in curves.items()
        if name in names and validated(points)
    ]
    if not lines:
        return
    floors = [
        (names[model.name], paints[model.name], model.valid[found.metric].mean)
        for model in found.models
        if model.kind in COUNTED
    ]
    metric = metric_name(found.metric)
    heading("학습 곡선", "점선은 학습 없이 세어서 만드는 모델의 성적이에요.")
    ends = ", ".join(f"{line.name} {max(y for _, y in line.points):.4f}" for line in lines)
    show_figure(
        lines_figure(lines, x_title="에폭", y_title=f"검증 {metric}", references=floors),
        "curves",
        f"꺾은선그래프: 에폭에 따른 검증 {metric}. 최고는 {ends}",
    )


def _show_lists(found: Comparison, names: Mapping[str, str], paints: Mapping[str, str]) -> None:
    figures = list(found.models[0].lists)
    if not figures:
        return
    heading("추천 목록의 성격", "정확도에는 보이지 않는 인기 쏠림과 일관성이에요.")
    figure = st.selectbox(
        "무엇을 볼까요",
        figures,
        index=_first(figures),
        format_func=lambda name: list_words(name)[0],
        width=320,
    )
    title, meaning = list_words(figure)
    st.caption(meaning)
    bars = [
        Bar(
            names[model.name],
            model.lists[figure].mean,
            paints[model.name],
            *_spread(model, figure),
            is_chosen=model.name == found.ship,
        )
        for model in found.models
        if figure in model.lists
    ]
    people = (("다음에 누른 상품", found.target_lists), ("최근 이력", found.history_lists))
    references = [(name, values[figure]) for name, values in people if figure in values]
    said = ", ".join(f"{bar.label} {bar.value:.3f}" for bar in bars)
    natural = "".join(f", {name} {value:.3f}" for name, value in references)
    show_figure(
        bars_figure(bars, ink=ink(), references=references, decimals=3),
        "lists",
        f"막대그래프: {title}. {said}{natural}",
    )


def _first(figures: Sequence[str]) -> int:
    """Coherence of cities is what metadata is for."""
    wanted = columns.coherence(columns.CITY)
    return figures.index(wanted) if wanted in figures else 0


def _spread(model: Model, figure: str) -> tuple[float | None, float | None]:
    mean, sd = model.lists[figure].mean, model.lists[figure].sd
    return (None, None) if sd is None else (mean - sd, mean + sd)
