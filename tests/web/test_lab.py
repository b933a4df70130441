"""The lab page over a real MLflow store: what is chosen, why, and what is told where nothing is."""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from lab_world import STALL
from streamlit.delta_generator import DeltaGenerator
from streamlit.testing.v1 import AppTest

from nadeuri.settings import sqlite_uri
from nadeuri.tracking_read import TrackedRuns
from nadeuri.web.lab import VIEWS

# MLflow's own imports are not ours to fix.
pytestmark = pytest.mark.filterwarnings("ignore")
PATIENCE_S = 120
ANOTHER = (
    "create table copied as select * from runs where name like 'comparison:%'",
    "update copied set run_uuid = '" + 32 * "a" + "', start_time = start_time + 60000",
    "insert into runs select * from copied",
    "create table marked as select * from tags where run_uuid in (select r.run_uuid from runs r"
    " join copied c on r.name = c.name where r.run_uuid <> c.run_uuid)",
    "update marked set run_uuid = '" + 32 * "a" + "'",
    "insert into tags select * from marked",
)
"""A newer comparison with the files of the one that there is."""


def page(uri: str, tab: str | None = None, **query: str) -> AppTest:
    """The page as it is opened at an address."""

    def script(uri: str) -> None:
        from nadeuri.web import lab

        lab.show(uri)

    app = AppTest.from_function(script, kwargs={"uri": uri}, default_timeout=PATIENCE_S)
    if tab:
        app.query_params["tab"] = tab
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception, app.exception
    return app


def change(home: Path, *statements: str) -> None:
    """The store behind MLflow's back."""
    with closing(sqlite3.connect(home / "mlflow.db")) as store, store:
        for statement in statements:
            store.execute(statement)


def text(app: AppTest) -> str:
    """All that is written as HTML, without its marks."""
    return re.sub("<[^>]+>", " ", " ".join(each.proto.body for each in app.get("html")))


def test_nothing_was_ever_tracked(tmp_path: Path) -> None:
    app = page(sqlite_uri(tmp_path))
    assert "아직 기록된 실험이 없어요" in text(app)
    assert app.code[0].value == "nadeuri demo"
    assert not list(tmp_path.iterdir()), "looking makes no store"


def test_a_comparison_says_what_is_shipped_and_why(lab_home: Path) -> None:
    app = page(sqlite_uri(lab_home))
    shown = text(app)
    assert "배포할 모델" in shown
    assert "비교한 모델 가운데 가장 높아요" in shown
    assert "Meta-BERT4Rec" in shown
    assert "95% 구간" in shown or "인기순" in shown
    assert "<b>비교</b>" in app.selectbox[0].format_func(app.selectbox[0].value)
    assert app.query_params["comparison"], "a link keeps it"


def test_models_side_by_side_for_a_traveller(lab_home: Path) -> None:
    app = page(sqlite_uri(lab_home))
    (traveller,) = [each for each in app.selectbox if each.label == "여행자"]
    traveller.select_index(1).run()
    assert not app.exception
    (models,) = app.get("button_group")
    assert 0 < len(models.value) <= 3
    models.set_value([]).run()
    assert "비교할 모델을 골라 주세요." in [each.value for each in app.caption]


def test_schedules_and_their_convergence(lab_home: Path) -> None:
    app = page(sqlite_uri(lab_home), "학습률 스케줄")
    shown = text(app)
    assert "지금 설정과 고른 설정" in shown
    assert "수렴 에폭" in shown
    assert "지수 감소 · 0.01" in shown


def test_lengths_and_batches(lab_home: Path) -> None:
    app = page(sqlite_uri(lab_home), "길이 x 배치")
    shown = text(app)
    assert "길이 8 x 배치 16" in shown
    assert "파레토 경계" in shown
    assert "추정한 최대 길이" in shown


def test_a_stall_is_told_beside_an_ordinary_run(lab_home: Path) -> None:
    app = page(sqlite_uri(lab_home), "정체와 회복")
    assert STALL in text(app)
    assert [each.label for each in app.selectbox] == ["사건이 있었던 실행", "견줄 순조로운 실행"]


def test_runs_are_filtered_and_one_is_shown(lab_home: Path) -> None:
    app = page(sqlite_uri(lab_home), "실행 기록")
    rows = len(app.dataframe[0].value)
    app.selectbox[1].select("보고서").run()
    assert not app.exception
    assert len(app.dataframe[0].value) == 3 < rows
    assert "실행 번호" in text(app)


def test_a_report_whose_files_come_back(lab_home: Path, tmp_path: Path) -> None:
    home = Path(shutil.copytree(lab_home, tmp_path / "home"))
    change(home, "update runs set artifact_uri = replace(artifact_uri, 'mlruns', 'lost')")
    app = page(sqlite_uri(home))
    assert "읽을 수 없어요" in app.error[0].value
    change(home, "update runs set artifact_uri = replace(artifact_uri, 'lost', 'mlruns')")
    (again,) = [each for each in app.button if each.label == "다시 시도"]
    again.click().run()
    assert not app.error
    assert "배포할 모델" in text(app)


@pytest.mark.parametrize("status", ["RUNNING", "FAILED"])
def test_a_report_that_is_not_finished_is_not_chosen(
    lab_home: Path, tmp_path: Path, status: str
) -> None:
    home = Path(shutil.copytree(lab_home, tmp_path / "home"))
    change(home, f"update runs set status = '{status}' where name like 'comparison:%'")
    assert "아직 기록된 모델 비교가 없어요" in text(page(sqlite_uri(home)))


def test_a_chosen_report_is_still_chosen_after_another_tab(lab_home: Path, tmp_path: Path) -> None:
    home = Path(shutil.copytree(lab_home, tmp_path / "home"))
    change(home, *ANOTHER)
    app = page(sqlite_uri(home))
    newest = app.selectbox[0].value
    older = app.selectbox[0].select_index(1).run().query_params["comparison"]
    assert older != newest
    app = page(sqlite_uri(home), "학습률 스케줄", comparison=older)
    assert "스케줄별 곡선" in text(app)
    assert app.query_params["comparison"] == older, "the other tab has a report of its own"
    assert page(sqlite_uri(home), comparison=older).selectbox[0].value == older


def test_a_spinner_is_there_while_the_store_is_read(
    lab_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[str] = []
    asked: list[str] = []

    @contextmanager
    def spinner(_: object, words: str, **__: object) -> Iterator[None]:
        shown.append(words)
        yield
        shown.pop()

    def watched(name: str) -> None:
        ask = getattr(TrackedRuns, name)

        def told(self: TrackedRuns, *args: object, **options: object) -> object:
            asked.append(name)
            assert shown == ["실험 기록을 읽고 있어요"]
            return ask(self, *args, **options)

        monkeypatch.setattr(TrackedRuns, name, told)

    monkeypatch.setattr(DeltaGenerator, "spinner", spinner)
    watched("runs")
    watched("read")
    page(sqlite_uri(Path(shutil.copytree(lab_home, tmp_path / "home"))))
    assert asked == ["runs", "read", "read", "read"]


def test_a_store_that_cannot_be_opened(tmp_path: Path) -> None:
    (tmp_path / "mlflow.db").write_bytes(b"no database" * 1000)
    app = page(sqlite_uri(tmp_path))
    assert "저장소를 열지 못했어요" in app.error[0].value


def test_every_tab_has_a_name_for_its_address() -> None:
    assert list(VIEWS) == ["모델 비교", "학습률 스케줄", "길이 x 배치", "정체와 회복", "실행 기록"]
