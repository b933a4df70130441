"""The page 라벨링, run without a browser, against the real API."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from labelling_world import (
    TEXTS,
    city_room,
    dispute,
    labelling_room,
    running_rooms,
    write_labelling_store,
)
from streamlit.testing.v1 import AppTest

from nadeuri.understand.labelling.tasks import task_id
from nadeuri.web import label
from nadeuri.web.door import BROKEN, ApiError
from nadeuri.web.label_api import LabelApi
from nadeuri.web.label_desk import Desk
from nadeuri.web.label_types import MarkedSpan
from nadeuri.web.marker import Said, segments
from nadeuri.web.match_api import ConflictError

SCRIPT = """
from nadeuri.web.label import show
from nadeuri.web.label_api import LabelApi

show(LabelApi({url!r}))
"""
FIRST = task_id(TEXTS[0])
SPAN = MarkedSpan(start=6, end=9, label="지역")
Visit = Callable[..., AppTest]


@pytest.fixture
def store(tmp_path: Path) -> str:
    return write_labelling_store(tmp_path)


@pytest.fixture
def url(store: str) -> Iterator[str]:
    with running_rooms([labelling_room(store), city_room()]) as address:
        yield address


@pytest.fixture
def visit(url: str) -> Visit:
    def open_page(annotator: str = "", **query: str) -> AppTest:
        page = AppTest.from_string(SCRIPT.format(url=url), default_timeout=30)
        for name, value in query.items():
            page.query_params[name] = value
        page = checked(page.run())
        return checked(page.text_input[0].set_value(annotator).run()) if annotator else page

    return open_page


def checked(page: AppTest) -> AppTest:
    assert not page.exception, page.exception
    return page


def html(page: AppTest) -> str:
    return "\n".join(each.value for each in page.get("html"))


def marker(page: AppTest) -> dict[str, Any]:
    (found,) = page.get("bidi_component")
    told: dict[str, Any] = json.loads(found.proto.json)
    return told


def test_nothing_is_shown_before_there_is_a_name(visit: Visit) -> None:
    page = visit()
    assert "위에 이름을 쓰면" in html(page)
    assert not page.get("bidi_component")


def test_a_question_with_its_suggestion_and_guideline(visit: Visit) -> None:
    page = visit("지민")
    told = marker(page)
    assert (told["text"], told["spans"], told["intent"]) == (TEXTS[0], [], None)
    (span,) = told["suggestion"]["spans"]
    assert (span["start"], span["end"], span["label"]) == (6, 9, "지역"), "characters, not units"
    assert [label["name"] for label in told["labels"]][:2] == ["국가", "지역"]
    assert ["부산", "지역"] in told["rules"][0]
    assert page.query_params["task"] == [FIRST] or page.query_params["task"] == FIRST
    page = checked(page.toggle[0].set_value(False).run())
    assert marker(page)["suggestion"] is None


def test_a_link_leads_to_its_question(visit: Visit, url: str) -> None:
    assert marker(visit("지민", task=task_id(TEXTS[2])))["text"] == TEXTS[2]
    assert marker(visit("지민", task="0" * 16))["text"] == TEXTS[0], "there is no such question"
    assert marker(visit("하나", task="../x"))["text"] == TEXTS[1], "the first is being looked at"


def test_another_person_in_the_same_tab_begins_anew(visit: Visit) -> None:
    """Two labels of one question are two opinions: nobody starts from what another left."""
    page = visit("지민", task=task_id(TEXTS[2]))
    told = marker(page)
    page = checked(page.text_input[0].set_value("하나").run())
    assert marker(page)["text"] == TEXTS[1], "not what the address named for the one before"
    page = visit("하나", task=task_id(TEXTS[2]))
    assert marker(page)["text"] == told["text"]
    assert marker(page)["draft"] != told["draft"]


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"action": "skip", "reason": "unclear"}, "건너뛰지 못했어요."),
        ({"action": "back"}, "이전 질문을 불러오지 못했어요."),
    ],
)
def test_what_went_wrong_is_named(
    url: str, monkeypatch: pytest.MonkeyPatch, said: dict[str, str], words: str
) -> None:
    """The marker has no stand-in without a browser, so a button says what it would say."""
    script = f"""
import streamlit as st
from nadeuri.web import label
from nadeuri.web.label_api import LabelApi
from nadeuri.web.label_desk import Desk
if label._DESK not in st.session_state:
    st.session_state[label._DESK] = Desk("지민", _before=[{task_id(TEXTS[1])!r}])
desk = st.session_state[label._DESK]
label._show_task(LabelApi({url!r}), "지민")
st.button("말하기", on_click=lambda: label._take(LabelApi("http://127.0.0.1:9"), desk))
"""
    monkeypatch.setattr(label, "said_in", lambda key: Said.model_validate({"task": FIRST, **said}))
    page = checked(AppTest.from_string(script, default_timeout=30).run())
    page = checked(page.button[0].click().run())
    assert page.error[0].value.endswith(f"{words} 표시한 것은 그대로 있어요.")
    assert marker(page)["text"] == TEXTS[0]


def test_a_file_that_breaks_off_is_no_file() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")

        threading.Thread(target=answer, daemon=True).start()
        with pytest.raises(ApiError, match=BROKEN):
            LabelApi(f"http://127.0.0.1:{server.getsockname()[1]}").export("doccano", "final")


def test_a_server_without_questions(tmp_path: Path) -> None:
    with running_rooms([city_room()]) as address:
        page = AppTest.from_string(SCRIPT.format(url=address), default_timeout=30).run()
        page = checked(page.text_input[0].set_value("지민").run())
    assert "nadeuri label import" in page.error[0].value


def test_an_empty_store_and_the_end(tmp_path: Path) -> None:
    empty = write_labelling_store(tmp_path, ())
    with running_rooms([labelling_room(empty)]) as address:
        page = AppTest.from_string(SCRIPT.format(url=address), default_timeout=30).run()
        page = checked(page.text_input[0].set_value("지민").run())
        assert "아직 없어요" in html(page)


def test_disagreements_and_progress(visit: Visit, store: str, url: str) -> None:
    page = visit("도윤", view="이견")
    assert "다르게 본 질문이 없어요" in page.success[0].value
    dispute(store)
    page = visit("도윤", view="이견")
    assert html(page).count("nd-label-version-text") == 2
    (choice,) = [each for each in page.button if each.label == "하나 판으로 확정"]
    page = checked(choice.click().run())
    assert "다르게 본 질문이 없어요" in page.success[0].value
    assert LabelApi(url).progress().counts.settled == 1
    page = visit(view="진행")
    assert "<th>지민 · 하나</th>" in html(page)
    assert "0.8보다 낮은 값" in html(page)


def test_a_desk_keeps_what_could_not_be_saved(url: str) -> None:
    api, desk = LabelApi(url), Desk("지민")
    task = desk.current(api)
    assert task is not None
    said = Said(action="save", task=task.task, spans=(SPAN,), intent="날씨")
    with pytest.raises(ApiError):
        desk.take(LabelApi("http://127.0.0.1:9"), said)
    assert desk.current(api) == task
    assert desk.attempt == 1
    desk.take(api, said)
    desk.take(api, said)  # a second click that came before the next question was shown
    assert desk.current(api) != task
    desk.take(api, Said(action="back", task=desk.current(api).task))  # type: ignore[union-attr]
    again = desk.current(api)
    assert again is not None
    assert again.mine is not None
    assert (again.task, again.mine.spans, again.revision) == (task.task, (SPAN,), 1)
    assert not desk.may_go_back

    api.save(task.task, "지민", (), "잡담", 1)  # in another window
    desk.take(api, said.model_copy(update={"intent": "가격 문의"}))
    assert "먼저 저장했어요" in desk.notice
    shown = desk.current(api)
    assert shown is not None
    assert shown.revision == 2


def test_a_conflict_is_told_apart(url: str) -> None:
    api = LabelApi(url)
    with pytest.raises(ConflictError):
        api.save(FIRST, "지민", (), "날씨", 5)
    with pytest.raises(ConflictError):
        api.save(FIRST, "지민", (), "날씨", 0, verdict=True)
    assert api.export("doccano", "final") == b""


def test_marked_sentences_in_pieces() -> None:
    assert segments("`<부산:지역>에서`") == [["", None], ["부산", "지역"], ["에서", None]]
