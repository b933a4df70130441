"""``nadeuri data`` as a user meets it."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from nadeuri.cli import main


@pytest.fixture
def spring(tmp_path: Path) -> Path:
    (tmp_path / "clicks.csv").write_text(
        "member,goods,at\n"
        "김,P1,2026-03-01 09:00\n김,P2,2026-03-01 09:01\n김,P2,2026-03-01 09:01\n"
        "이,P2,2026-03-05 09:00\n이,P9,2026-03-05 09:00\n이,P2,2026-03-06 09:00\n",
        encoding="utf-8",
    )
    (tmp_path / "items.csv").write_text(
        "item,name,city\nP1,다낭 여행,다낭\nP2,오사카 여행,오사카\nP3,제주,\n", encoding="utf-8"
    )
    (tmp_path / "spring.toml").write_text(
        """
name = "spring"
[clicks]
files = ["clicks.csv"]
columns = { user = "member", item = "goods", time = "at" }
timezone = "Asia/Seoul"
[catalogue]
file = "items.csv"
fields = { city = "categorical" }
display = ["name"]
""",
        encoding="utf-8",
    )
    return tmp_path


def test_prepare_and_show(spring: Path) -> None:
    out = spring / "prepared"
    done = CliRunner().invoke(main, ["data", "prepare", str(spring / "spring.toml"), str(out)])
    assert done.exit_code == 0, done.output
    assert "4 clicks, 2 users, 3 items (1 never clicked), 2026-03-01 to 2026-03-06" in done.output
    assert "clicks         duplicate     " in done.output
    assert str(out / "rejects.parquet") in done.output
    shown = CliRunner().invoke(main, ["data", "show", str(out), "--top", "1"])
    assert shown.exit_code == 0, shown.output
    assert "p50 2" in shown.output
    assert "unknown_item" in shown.output
    assert "오사카 여행" in shown.output
    assert "다낭" not in shown.output


def test_a_fault_is_one_line_and_exit_code_2(spring: Path) -> None:
    (spring / "clicks.csv").write_text("member,item,at\n", encoding="utf-8")
    arguments = ["data", "prepare", str(spring / "spring.toml"), str(spring / "prepared")]
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 2
    assert done.output.count("\n") == 1
    assert "clicks.csv: no column 'goods' (there are: 'member', 'item', 'at')" in done.output


def test_show_wants_a_prepared_data_set(spring: Path) -> None:
    done = CliRunner().invoke(main, ["data", "show", str(spring)])
    assert done.exit_code == 2
    assert "not a prepared data set" in done.output
