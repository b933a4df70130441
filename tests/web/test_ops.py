"""The operations page without a browser, over the real API and a real database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from ops_served import OpsServer, served_ops
from streamlit.testing.v1 import AppTest

from nadeuri.match.jobs import records, states
from nadeuri.serve.wire import RefusedArtifact
from nadeuri.web import ops_words
from nadeuri.web.ops_api import OpsApi

SCRIPT = """
import streamlit as st
from nadeuri.web import app, ops
from nadeuri.web.ops_api import OpsApi

doors = app.pages_behind({url!r}, None)
page = st.Page(lambda: ops.show(OpsApi({url!r}), doors), title="운영", default=True)
st.navigation([page, *doors.values()], position="hidden").run()
"""


@pytest.fixture(scope="module")
def served(every_job: str) -> Iterator[OpsServer]:
    with served_ops(every_job) as server:
        yield server


def visit(url: str, **query: str) -> AppTest:
    page = AppTest.from_string(SCRIPT.format(url=url), default_timeout=60)
    for name, value in query.items():
        page.query_params[name] = value
    return checked(page.run())


def checked(page: AppTest) -> AppTest:
    assert not page.exception, page.exception
    return page


def said(page: AppTest) -> str:
    return "\n".join(html.value for html in page.get("html"))


def click(page: AppTest, key: str) -> AppTest:
    return checked(page.button(key=key).click().run())


def commands(page: AppTest) -> str:
    return "\n".join(each.value for each in page.code)


def test_every_word_of_the_store_is_known() -> None:
    assert set(ops_words.STATES) == set(records.STATES)
    reasons = {
        value for name, value in vars(states).items() if name.isupper() and isinstance(value, str)
    }
    others = {*states.REMOTE, "pending", "collected", "unavailable", "waiting", "in_flight"}
    assert reasons - others - {"answered"} <= set(ops_words.REASONS)


def test_the_service(served: OpsServer) -> None:
    page = visit(served.url)
    text = said(page)
    for shown in (
        "준비됨",
        "모두 정상이에요",
        "매칭 검토",
        "배치 작업",
        "도시 목록",
        "100.0%",
        "64 MiB",
    ):
        assert shown in text, shown
    assert text.index("<h1") < text.index("<h2")
    assert "켜진 뒤" in text, "the first reading tells of all there was"
    page = checked(page.toggle(key="ops-live").set_value(False).run())
    assert "data:image/svg+xml" not in said(page), "two readings are one difference: no line yet"
    page = click(page, "ops-refresh")
    assert "최근" in said(page)
    assert "이번에 본 흐름" in said(page)


def test_doors_to_the_work_of_people(served: OpsServer) -> None:
    doors = visit(served.url).get("page_link")
    assert [door.proto.label for door in doors] == ["질문 라벨링", "장소 매칭 검토"]


def test_what_is_refused_is_told(every_job: str) -> None:
    why = "x.onnx: <b>damaged</b>"
    bad = RefusedArtifact(
        kind="recommender", model="<i>own", version="9", reason=why, refused=datetime.now(UTC)
    )
    with served_ops(every_job, [bad]) as server:
        text = said(visit(server.url))
    assert "새 모델 1개를 거절하고 있어요" in text
    assert "x.onnx: &lt;b&gt;damaged" in text
    assert "&lt;i&gt;own 9" in text


def test_a_service_that_is_down_comes_back(every_job: str) -> None:
    server = OpsServer(every_job)
    page = visit(server.url)
    assert "서비스가 응답하지 않아요" in said(page)
    assert "다시 확인하고" in said(page)
    server.start()
    try:
        page = click(page, "ops-again")
        assert "준비됨" in said(page)
    finally:
        server.stop()
    page = checked(page.run())
    assert "전까지는 정상이었어요" in said(page)
    page = visit(server.url, tab="배치 작업")
    assert "서버에 연결하지 못했어요" in page.error[0].value


def test_jobs_in_every_state(served: OpsServer) -> None:
    page = visit(served.url, tab="배치 작업")
    text = said(page)
    for state in ops_words.STATES.values():
        assert f">{state.name}</span>" in text
    assert page.selectbox[0].value == "all"
    assert "다시 할 요청 7건" in text
    assert "nadeuri match retry" in commands(page)
    assert "nadeuri match rollback 2" in commands(page)
    assert "&lt;b&gt;둘&lt;/b&gt;" in text
    assert text.count("지금 쓰는 버전") == 1
    page = checked(page.selectbox[0].set_value("expired").run())
    assert page.query_params["state"] == "expired"
    assert said(page).count('class="nd-job"') == 1


def test_one_job(served: OpsServer) -> None:
    page = click(visit(served.url, tab="배치 작업"), "open-1")
    assert page.query_params["job"] == "1"
    text = said(page)
    for shown in ("작업 1", "4건, 답 3건 · 실패 1건", "실제 질문 30, 답 15", "이 요청만 오류가"):
        assert shown in text, shown
    assert "nadeuri match retry" in commands(page)
    (back,) = [each for each in page.button if each.label == "모든 작업"]
    page = checked(back.click().run())
    assert "job" not in page.query_params
    assert said(page).count('class="nd-job"') == 10


@pytest.mark.parametrize("job", ["99", "x", "../..", "<b>", "1" * 300])
def test_a_job_that_is_not_there(served: OpsServer, job: str) -> None:
    page = visit(served.url, tab="배치 작업", job=job)
    assert "그런 번호의 작업이 없어요" in page.info[0].value


@pytest.mark.parametrize("query", [{"state": "nonsense"}, {"page": "x"}, {"page": "²"}])
def test_an_address_that_says_nothing(served: OpsServer, query: dict[str, str]) -> None:
    assert said(visit(served.url, tab="배치 작업", **query)).count('class="nd-job"') == 10


def test_a_page_beyond_the_last(served: OpsServer) -> None:
    page = visit(served.url, tab="배치 작업", page="7")
    assert said(page).count('class="nd-job"') == 10
    assert "쪽" not in "".join(each.value for each in page.caption), "there is one page"
    assert page.query_params["page"] == "1"


def test_nothing_yet(tmp_path: Path) -> None:
    with served_ops(f"sqlite:///{tmp_path}/new.sqlite") as server:
        page = visit(server.url, tab="배치 작업")
    assert "아직 배치 작업이 없어요" in page.info[0].value
    assert "아직 매핑을 만들지 않았어요" in page.info[1].value
    assert commands(page).count("nadeuri match run --left agency.csv") == 2


def test_a_server_without_the_database() -> None:
    with served_ops(None) as server:
        page = visit(server.url, tab="배치 작업")
        assert "매핑 데이터베이스가 없어요" in page.info[0].value
        assert "--match-db" in commands(page)


def test_the_api_as_the_page_reads_it(served: OpsServer) -> None:
    """The contract: what the page reads is what the real API says."""
    api = OpsApi(served.url)
    assert api.is_alive()
    assert {each.kind for each in api.ready().models} == {"reviews", "jobs"}
    told = api.jobs("completed", 5)
    assert (told.n_jobs, told.jobs[0].n_answered) == (1, 3)
    assert api.job("2").failures
    assert api.failed(2, 5).n_failed == 7
    assert api.versions(1, 1).versions[0].number == 2
