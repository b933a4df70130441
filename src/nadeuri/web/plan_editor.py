"""The planner's left side: find places, and put them on days."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from nadeuri.web.door import ApiError
from nadeuri.web.look import show_fault
from nadeuri.web.markdown import plain
from nadeuri.web.match_api import MatchApi
from nadeuri.web.match_types import City, Place
from nadeuri.web.memory import remembered
from nadeuri.web.place_maps import colour_of
from nadeuri.web.plan import MOST_DAYS, MOST_PLACES, Plan, Spot
from nadeuri.web.plan_state import current_plan, keep_plan

MAX_QUERY = 100
"""What the API takes."""
N_FOUND = 6
EXAMPLE_WORDS = (
    "성",
    "공원",
    "시장",
    "신사",
    "사원",
    "거리",
    "타워",
    "박물관",
    "정원",
    "해변",
    "카페",
)
"""Kinds of places of which an example holds one each, as far as a city has them."""
N_EXAMPLE, EXAMPLE_DAYS = 6, 2

_CITY, _QUERY, _DAY = "planner-city", "planner-query", "planner-day"
_EXAMPLE_FAULT = "planner-example-fault"
_ADDRESS = "city"
_OUT = "빼기"


def show_search(api: MatchApi, cities: Sequence[City], plan: Plan) -> None:
    """Choose a city, look for places in it, and add them to a day."""
    city = _choose_city(cities)
    with st.container():  # always there, so that what follows keeps its place, and the cursor
        _show_example(api, city, plan)
    query = st.text_input(
        "장소 찾기",
        key=_QUERY,
        type="search",
        live=True,
        max_chars=MAX_QUERY,
        placeholder="한국어, 영어, 현지어 이름",
        persist_state="session",
    )
    if query and query.strip():
        _show_found(api, query.strip(), city.city, plan)


def show_days(plan: Plan) -> None:
    """The plan, a box for each day; each place can be moved and taken out."""
    for day, spots in enumerate(plan.days, 1):
        with st.container(border=True, gap="xsmall", key=f"day-{day}"):
            _show_day_head(plan, day)
            for order, spot in enumerate(spots, 1):
                _show_spot(plan, spot, day, order)
            if not spots:
                st.html('<p class="nd-none">아직 담은 곳이 없어요.</p>')
    st.button(
        "하루 더하기",
        icon=":material/add:",
        on_click=_add_day,
        disabled=len(plan.days) >= MOST_DAYS,
    )


def example_plan(api: MatchApi, city: str) -> Plan:
    """Some places of the city that the agency knows, of different kinds, on two days.

    Raises:
        ApiError: no answer.
    """
    spots: list[Place] = []
    for word in EXAMPLE_WORDS:
        for place in api.places(word, city, N_FOUND):
            if word in place.korean_name and place.mapped and place not in spots:
                spots.append(place)
                break
        if len(spots) == N_EXAMPLE:
            break
    plan = Plan(((),) * EXAMPLE_DAYS)
    for number, place in enumerate(spots):
        plan = plan.with_place(place, number * EXAMPLE_DAYS // len(spots))
    return plan


def _show_example(api: MatchApi, city: City, plan: Plan) -> None:
    if len(plan) == 0:
        st.button(
            f"{plain(city.name)} 예시 일정 넣기",
            icon=":material/auto_awesome:",
            on_click=_fill_example,
            args=(api, city.city),
        )
    if fault := st.session_state.pop(_EXAMPLE_FAULT, None):
        st.error(fault, icon=":material/cloud_off:")


def _choose_city(cities: Sequence[City]) -> City:
    by_code = {city.city: city for city in cities}
    if st.session_state.get(_CITY) not in by_code:
        named = st.query_params.get(_ADDRESS, "")
        st.session_state[_CITY] = named if named in by_code else cities[0].city
    code = st.selectbox(
        "도시",
        list(by_code),
        key=_CITY,
        format_func=lambda each: f"{by_code[each].name} · 패키지 {by_code[each].n_packages:,}개",
        persist_state="session",
    )
    if st.query_params.get(_ADDRESS) != code:
        st.query_params[_ADDRESS] = code
    return by_code[code]


def _show_found(api: MatchApi, query: str, city: str, plan: Plan) -> None:
    """Places by that name, each with a button that adds it."""
    try:
        places = remembered(
            "places",
            (query, city),
            lambda: api.places(query, city, N_FOUND),
            "장소를 찾고 있어요",
        )
    except ApiError as error:
        show_fault(str(error))
        return
    if not places:
        st.info(
            f"‘{plain(query)}’에 가까운 장소를 찾지 못했어요. "
            "영어나 현지어 이름으로도 찾아 보세요.",
            icon=":material/search_off:",
        )
        return
    day = _choose_day(plan)
    if len(plan) >= MOST_PLACES:
        st.warning(f"일정에는 {MOST_PLACES}곳까지 담을 수 있어요.")
    with st.container(gap="xsmall", key="found"):
        for place in places:
            is_in = place.place_id in plan
            st.button(
                _found_label(place),
                key=f"add-{place.place_id}",
                icon=":material/check:" if is_in else ":material/add:",
                disabled=is_in or len(plan) >= MOST_PLACES,
                on_click=_add,
                args=(place, day),
                width="stretch",
                wrap=True,
            )


def _found_label(place: Place) -> str:
    shown = place.korean_name
    names = dict.fromkeys([place.name, place.name_en, place.name_local, place.category])
    rest = [plain(name) for name in names if name and name != shown]
    if place.mapped is False:
        rest.append("여행사 장소와 연결되지 않음")
    return f"{plain(shown)}  \n:small[:gray[{' · '.join(rest)}]]" if rest else plain(shown)


def _choose_day(plan: Plan) -> int:
    """The day, from 0, that places are added to."""
    n_days = len(plan.days)
    if n_days == 1:
        return 0
    if not 1 <= st.session_state.get(_DAY, 0) <= n_days:
        st.session_state[_DAY] = n_days
    day = st.segmented_control(
        "담을 날",
        range(1, n_days + 1),
        key=_DAY,
        required=True,
        format_func=lambda each: f"{each}일차",
        persist_state="session",
    )
    return (day or n_days) - 1


def _show_day_head(plan: Plan, day: int) -> None:
    n_places = len(plan.days[day - 1])
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        st.html(
            f'<h2 class="nd-day"><i style="background: {colour_of(day)}"></i>{day}일차 '
            f"<small>{n_places}곳</small></h2>",
            width="content",
        )
        if n_places == 0 and len(plan.days) > 1:
            st.button(
                "이 날 지우기",
                key=f"drop-{day}",
                type="tertiary",
                icon=":material/close:",
                on_click=_drop_day,
                args=(day - 1,),
            )


def _show_spot(plan: Plan, spot: Spot, day: int, order: int) -> None:
    is_first = day == 1 and order == 1
    is_last = day == len(plan.days) and order == len(plan.days[-1])
    with st.container(
        horizontal=True, vertical_alignment="center", gap="xsmall", key=f"spot-{day}-{order}"
    ):
        st.html(
            f'<p class="nd-spot"><b style="background: {colour_of(day)}">{order}</b>'
            f"<span>{escape(spot.name)}</span></p>"
        )
        for label, icon, change, disabled in (
            ("위로", ":material/arrow_upward:", _move_earlier, is_first),
            ("아래로", ":material/arrow_downward:", _move_later, is_last),
        ):
            st.button(
                f"{plain(spot.name)} {label}",
                key=f"{label}-{spot.place_id}",
                icon=icon,
                type="tertiary",
                disabled=disabled,
                on_click=change,
                args=(spot.place_id,),
            )
        others = [f"{each}일차로" for each in range(1, len(plan.days) + 1) if each != day]
        key = f"menu-{spot.place_id}"
        st.menu_button(
            f"{plain(spot.name)} 옮기거나 빼기",
            [*others, _OUT],
            key=key,
            icon=":material/more_vert:",
            type="tertiary",
            on_click=_move_or_drop,
            args=(spot.place_id, key),
        )


def _fill_example(api: MatchApi, city: str) -> None:
    try:
        plan = example_plan(api, city)
    except ApiError as error:
        st.session_state[_EXAMPLE_FAULT] = str(error)
        return
    if len(plan):
        keep_plan(plan)
    else:
        st.session_state[_EXAMPLE_FAULT] = "이 도시에는 예시로 보여 드릴 장소가 없어요."


def _add(place: Place, day: int) -> None:
    plan = current_plan()
    keep_plan(plan.with_place(place, min(day, len(plan.days) - 1)))


def _add_day() -> None:
    plan = current_plan().with_day()
    keep_plan(plan)
    st.session_state[_DAY] = len(plan.days)


def _drop_day(day: int) -> None:
    plan = current_plan()
    if day < len(plan.days) and not plan.days[day]:
        keep_plan(plan.without_day(day))


def _move_earlier(place_id: str) -> None:
    keep_plan(current_plan().earlier(place_id))


def _move_later(place_id: str) -> None:
    keep_plan(current_plan().later(place_id))


def _move_or_drop(place_id: str, key: str) -> None:
    plan, choice = current_plan(), st.session_state[key]
    if choice == _OUT:
        keep_plan(plan.without_place(place_id))
    else:
        keep_plan(plan.on_day(place_id, int(choice.removesuffix("일차로")) - 1))
