"""Results files: merging, stamps and the refusal of numbers that JSON cannot hold."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from record import record


def test_figures_of_several_commands_are_merged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["bench/prepare.py"])
    record("recommend", {"prepare_10m.seconds": 9.0}, [{"rows": 1}], results=tmp_path)
    monkeypatch.setattr(sys, "argv", ["bench/serve.py", "--requests", "10"])
    record("recommend", {"serve.p50_ms": 1.5}, [{"ms": [1, 2]}], results=tmp_path)
    record("recommend", {"serve.p50_ms": 2.5}, [{"ms": [2, 3]}], results=tmp_path)
    content = json.loads((tmp_path / "recommend.json").read_text())
    assert content["figures"] == {"prepare_10m.seconds": 9.0, "serve.p50_ms": 2.5}
    assert [(d.get("rows"), d.get("ms")) for d in content["details"]] == [(1, None), (None, [2, 3])]
    assert content["bench"] == "recommend"
    assert content["command"].endswith("--requests 10")
    assert content["machine"]["cores"] >= 1
    assert set(content) >= {"date", "revision", "machine", "command", "figures", "details"}
    assert [path.name for path in tmp_path.iterdir()] == ["recommend.json"]


def test_a_figure_that_is_no_number_leaves_the_old_file(tmp_path: Path) -> None:
    record("recommend", {"serve.p50_ms": 1.5}, results=tmp_path)
    with pytest.raises(ValueError, match="JSON"):
        record("recommend", {"serve.p50_ms": float("nan")}, results=tmp_path)
    assert json.loads((tmp_path / "recommend.json").read_text())["figures"]["serve.p50_ms"] == 1.5


def test_a_named_command_replaces_its_own_details_only(tmp_path: Path) -> None:
    record("recommend", {}, [{"seed": 0}], command="make a", results=tmp_path)
    record("recommend", {}, [{"seed": 1}], command="make b", results=tmp_path)
    record("recommend", {}, [{"seed": 2}], command="make a", results=tmp_path)
    details = json.loads((tmp_path / "recommend.json").read_text())["details"]
    assert [(d["command"], d["seed"]) for d in details] == [("make b", 1), ("make a", 2)]
