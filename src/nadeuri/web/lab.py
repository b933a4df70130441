"""The lab page: comparisons of models, searches over settings and runs, as MLflow keeps them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from nadeuri.web import lab_compare, lab_lengths, lab_runs, lab_schedules, lab_stalls
from nadeuri.web.lab_parts import show_nothing
from nadeuri.web.lab_store import LabError, LabStore, forget_all
from nadeuri.web.look import show_fault, show_head, show_lead

TITLE = "실험실"
TAB = "tab"
"""Name in the address of the open tab."""
VIEWS: Mapping[str, Callable[[LabStore], None]] = {
    "모델 비교": lab_compare.show,
    "학습률 스케줄": lab_schedules.show,
    "길이 x 배치": lab_lengths.show,
    "정체와 회복": lab_stalls.show,
    "실행 기록": lab_runs.show,
}


def show(tracking_uri: str) -> None:
    """The whole page over the runs of an MLflow store.

    Only the open tab is made, and the head before it: opening MLflow takes seconds.
    """
    store = LabStore(tracking_uri)
    show_head(TITLE, "새로 고침", ":material/refresh:", forget_all)
    show_lead("어떤 모델을 왜 배포하는지, 어떤 학습 설정이 나은지 실험 기록으로 보여 드려요.")
    if store.is_empty:
        show_nothing(
            "아직 기록된 실험이 없어요. 아래 명령으로 예시 데이터의 모델 비교와 설정 탐색을 "
            "만들 수 있어요.",
            "nadeuri demo",
        )
        return
    for tab, view in zip(
        st.tabs(list(VIEWS), key=TAB, bind="query-params", on_change="rerun"),
        VIEWS.values(),
        strict=True,
    ):
        if tab.open:
            with tab:
                _show_tab(store, view)


def _show_tab(store: LabStore, view: Callable[[LabStore], None]) -> None:
    try:
        view(store)
    except LabError as error:
        show_fault(str(error), forget_all)
