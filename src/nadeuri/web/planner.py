"""The planner's page: a plan by day, its map, and the packages that fit it best."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from nadeuri.web.door import ApiError
from nadeuri.web.look import show_fault, show_head, show_lead
from nadeuri.web.match_api import MatchApi
from nadeuri.web.match_types import Package, Packages
from nadeuri.web.memory import remembered
from nadeuri.web.package_cards import package_html, unmapped_html
from nadeuri.web.place_maps import plan_figure
from nadeuri.web.plan import Plan
from nadeuri.web.plan_editor import show_days, show_search
from nadeuri.web.plan_state import current_plan, is_address_unreadable, keep_plan

TITLE = "여행 플래너"
N_PACKAGES = 5

_FOUND, _CHOSEN = "planner-packages", "planner-chosen"
_NO_ROOM = "이 서버에는 패키지 자료가 없어요. 관리자에게 알려 주세요."


def show(api: MatchApi) -> None:
    """The whole page, as Streamlit runs it after each thing that the traveller does."""
    plan = current_plan()
    show_head(TITLE, "새 일정", ":material/restart_alt:", _begin_anew)
    try:
        cities = remembered("cities", None, api.cities, "도시를 불러오고 있어요")
    except ApiError as error:
        show_fault(_NO_ROOM if error.status == 404 else str(error))
        return
    if not cities:
        st.info("아직 등록된 도시가 없어요.", icon=":material/travel_explore:")
        return
    with st.container():  # always there, so that what follows keeps its place
        _show_welcome(plan)
    left, right = st.columns([5, 6], gap="medium")
    with left:
        show_search(api, cities, plan)
        show_days(plan)
    with right:
        _show_result(api, plan, {city.city: city.name for city in cities})


def _show_welcome(plan: Plan) -> None:
    if is_address_unreadable():
        st.warning("주소에 담긴 일정을 읽지 못해서 새 일정으로 시작해요.")
    if len(plan) == 0:
        show_lead(
            "가고 싶은 곳을 날짜별로 담아 보세요. 지도에서 동선을 보여 드리고, "
            "일정과 가장 잘 맞는 패키지를 찾아 드려요."
        )


def _begin_anew() -> None:
    keep_plan(Plan())
    for name in (_FOUND, _CHOSEN):
        st.session_state.pop(name, None)


def _show_result(api: MatchApi, plan: Plan, cities: Mapping[str, str]) -> None:
    """The map, and below it the packages; both show the chosen one."""
    above = st.container()
    has_asked = st.button(
        "패키지 찾기",
        type="primary",
        icon=":material/luggage:",
        disabled=len(plan) == 0,
        width="stretch",
    )
    found = _found(api, plan, has_asked)
    chosen = st.session_state.get(_CHOSEN, 0)
    package = None
    if found is not None and chosen < len(found.packages):
        package = found.packages[chosen]
    with above:
        _show_map(plan, package)
    if found is not None:
        _show_packages(found, chosen, cities)


def _found(api: MatchApi, plan: Plan, has_asked: bool) -> Packages | None:
    """What was found for this very plan."""
    if has_asked:
        st.session_state.pop(_FOUND, None)
        try:
            with st.spinner("일정과 맞는 패키지를 찾고 있어요"):
                answer = api.packages(plan.stops(), N_PACKAGES)
        except ApiError as error:
            st.error(str(error), icon=":material/cloud_off:")
            return None
        st.session_state[_FOUND] = (plan, answer)
        st.session_state[_CHOSEN] = 0
    if _FOUND not in st.session_state:
        return None
    asked, found = st.session_state[_FOUND]
    if asked != plan:
        st.caption("일정이 바뀌었어요. 다시 찾아 보세요.")
        return None
    packages: Packages = found
    return packages


def _show_map(plan: Plan, package: Package | None) -> None:
    figure = plan_figure(plan.days, package)
    if figure is None:
        st.html('<p class="nd-empty-map">장소를 담으면 여기에 지도가 그려져요.</p>')
        return
    with st.container(key="map-plan"):
        names = ", ".join(spot.name for day in plan.days for spot in day)
        st.plotly_chart(
            figure,
            key="plan",
            config={"displayModeBar": False, "scrollZoom": False},
            alt=f"지도: {names}",
        )
    legend = "● 내 일정: 숫자는 그날의 순서, 색은 날짜"
    st.caption(legend if package is None else f"{legend} · ○ 패키지가 가는 곳")


def _show_packages(found: Packages, chosen: int, cities: Mapping[str, str]) -> None:
    if found.unmapped:
        st.html(unmapped_html(found.unmapped))
    if found.n_mapped == 0:
        st.info(
            "담은 곳 가운데 여행사 장소와 연결된 곳이 없어서 패키지와 비교할 수 없어요.",
            icon=":material/link_off:",
        )
        return
    if not found.packages:
        st.info("겹치는 패키지가 없어요. 다른 장소를 더 담아 보세요.", icon=":material/search_off:")
    for number, package in enumerate(found.packages):
        with st.container(border=True, gap="xsmall", key=f"package-{number}"):
            st.html(
                package_html(
                    package, number + 1, cities.get(package.city or ""), is_open=number == chosen
                )
            )
            if number != chosen:
                st.button(
                    "자세히 보고 지도에 표시",
                    key=f"choose-{number}",
                    icon=":material/map:",
                    on_click=_choose,
                    args=(number,),
                )


def _choose(number: int) -> None:
    st.session_state[_CHOSEN] = number
