"""Settings: defaults, overrides, and that no other module reads the environment."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import nadeuri
from nadeuri.errors import ConfigError
from nadeuri.settings import Launch, Settings, sqlite_uri


def test_defaults_need_no_environment() -> None:
    settings = Settings.from_env({})
    assert settings.home == Path("work")
    assert settings.tracking_uri == f"sqlite:///{Path('work').absolute()}/mlflow.db"
    assert settings.demo_once is False


def test_the_environment_overrides(tmp_path: Path) -> None:
    settings = Settings.from_env(
        {
            "NADEURI_HOME": str(tmp_path),
            "MLFLOW_TRACKING_URI": "http://mlflow:5000",
            "DEMO_ONCE": "1",
        }
    )
    assert settings == Settings(tmp_path, "http://mlflow:5000", demo_once=True)


def test_the_key_of_the_api_is_not_shown() -> None:
    key = "ndr_" + 8 * "x"
    settings = Settings.from_env({"NADEURI_API_KEY": f" {key}\n"})
    assert settings.api_key == key, "a line end would not fit into a header"
    assert key not in repr(settings)
    assert Settings.from_env({"NADEURI_API_KEY": " "}).api_key is None


def test_empty_variables_count_as_unset(tmp_path: Path) -> None:
    settings = Settings.from_env({"NADEURI_HOME": str(tmp_path), "MLFLOW_TRACKING_URI": ""})
    assert settings.tracking_uri == sqlite_uri(tmp_path)


def test_the_process_environment_is_the_default(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("NADEURI_HOME", str(tmp_path))
    assert Settings.from_env().home == tmp_path


def test_a_switch_that_is_neither_on_nor_off_is_named() -> None:
    with pytest.raises(ConfigError, match="DEMO_ONCE='maybe': set it to 1 or 0"):
        Settings.from_env({"DEMO_ONCE": "maybe"})


TORCHRUN = {"RANK": "3", "WORLD_SIZE": "4", "LOCAL_RANK": "1", "MASTER_ADDR": "host"}


def test_torchrun_is_recognised_by_all_it_sets() -> None:
    assert Settings.from_env(TORCHRUN).launch == Launch(rank=3, world=4, local_rank=1)
    for name in TORCHRUN:
        rest = {key: value for key, value in TORCHRUN.items() if key != name}
        assert Settings.from_env(rest).launch is None
    with pytest.raises(ConfigError, match="WORLD_SIZE='two'"):
        Settings.from_env(TORCHRUN | {"WORLD_SIZE": "two"})


def test_the_spark_master_is_taken_from_the_environment() -> None:
    assert Settings.from_env({}).spark_master is None
    assert Settings.from_env({"NADEURI_SPARK_MASTER": "local[2]"}).spark_master == "local[2]"


def test_the_language_model_is_taken_from_the_environment() -> None:
    settings = Settings.from_env(
        {
            "NADEURI_LLM_BASE_URL": "http://llm:8000/v1",
            "NADEURI_LLM_MODEL": "small",
            "NADEURI_LLM_KEY": "secret",
        }
    )
    assert (settings.llm_base_url, settings.llm_model) == ("http://llm:8000/v1", "small")
    assert settings.llm_key == "secret"
    assert "secret" not in repr(settings)
    nothing = Settings.from_env({"NADEURI_LLM_KEY": ""})
    assert (nothing.llm_base_url, nothing.llm_model, nothing.llm_key) == (None, None, None)


def test_the_graph_server_is_taken_from_the_environment() -> None:
    settings = Settings.from_env({"NEO4J_URI": "neo4j://graph:7687", "NEO4J_PASSWORD": "secret"})
    assert settings.neo4j_uri == "neo4j://graph:7687"
    assert (settings.neo4j_user, settings.neo4j_password) == ("neo4j", "secret")
    assert settings.neo4j_database is None
    assert "secret" not in repr(settings)
    assert Settings.from_env({}).neo4j_uri is None


def test_no_other_module_reads_the_environment() -> None:
    package = Path(nadeuri.__file__).parent
    read = re.compile(r"os\.(getenv|environ(\.get|\[[^\]]+\](?!\s*=[^=])))")
    readers = {
        str(path.relative_to(package))
        for path in package.rglob("*.py")
        if path.name != "settings.py" and read.search(path.read_text(encoding="utf-8"))
    }
    assert readers == set()


def test_a_given_home_wins_and_everything_lies_below_it(tmp_path: Path) -> None:
    settings = Settings.from_env({"NADEURI_HOME": "elsewhere"}, home=tmp_path)
    folders = {settings.data_cache, settings.runs, settings.comparisons, settings.artifacts}
    assert len(folders) == 4
    assert {folder.parent for folder in folders} == {tmp_path}
    assert str(tmp_path) in settings.tracking_uri
