"""``nadeuri demo`` from nothing to recommendations over HTTP, and again."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from nadeuri.cli.guide.opening import MEMORY
from nadeuri.demo.api import also_viewed, recommend, running_api, understand

CONFIG = """
name = "smallest"
seeds = [1]

[experiments.popularity]
model = { kind = "popularity" }

[experiments.bert4rec]
model = { kind = "bert4rec", max_len = 20, dim = 16, blocks = 1 }
train = { epochs = 1 }
"""


@contextmanager
def demo(home: Path, **environ: str) -> Iterator[subprocess.Popen[str]]:
    config = home / "compare.toml"
    config.write_text(CONFIG, encoding="utf-8")
    command = [sys.executable, "-m", "nadeuri", "demo", "--size", "tiny", "--port", "0"]
    with subprocess.Popen(
        [*command, "--home", str(home), "--config", str(config)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1", **environ},
    ) as process:
        try:
            yield process
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A work folder in which the demo ran once, and what it printed."""
    home = tmp_path_factory.mktemp("home")
    with demo(home, DEMO_ONCE="1") as process:
        output, _ = process.communicate(timeout=240)
    assert process.returncode == 0, output
    return home, output


def find(label: str, output: str) -> str:
    found = re.search(rf"^{label} +(\S+)$", output, re.MULTILINE)
    assert found, output
    return found[1]


def is_up(url: str) -> bool:
    try:
        urllib.request.urlopen(url, timeout=5).close()
    except OSError:
        return False
    return True


@pytest.mark.slow
def test_once_it_shows_what_every_room_answers_and_ends(
    first: tuple[Path, str],
) -> None:
    home, output = first
    headings = r"^(?:Recommended|Others|Understood|The guide,|Packages that) .*:$"
    parts = re.split(headings, output, flags=re.MULTILINE)
    _, recommended, viewed, understood, guided, packages = parts
    for shown in (recommended, viewed):
        rows = re.findall(r"^ {3}[123]  .*[가-힣].*$", shown, re.MULTILINE)
        assert len(rows) == 3, output
    assert re.search(r"^\(whole question\) +\S", understood, re.MULTILINE), output
    assert re.search("맛집|찾지 못했어요", guided), output
    assert re.search(r"^ *\d+%  .*[가-힣]", packages, re.MULTILINE), output
    assert (Path(find("Guide", output)) / "places.graph").is_file()
    assert Path(find("Report", output).removeprefix("file://")).stat().st_size > 1000
    assert Path(find("Map", output).removeprefix("file://")).stat().st_size > 1000
    assert (home / "demo-map.png").is_file()
    assert not is_up(find("API", output))
    assert (home / "mlflow.db").is_file()


@pytest.mark.slow
def test_serve_finds_all_models(
    first: tuple[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, output = first
    asked = re.search(r"/v1/products/(\w+)/also-viewed\?k=3", output)
    assert asked, output
    monkeypatch.setenv("NADEURI_HOME", str(home))
    with running_api([], 0, tmp_path / "api.log") as url:  # no artefact named: those of the demo
        viewed = also_viewed(url, asked[1], 3)
        user = re.search(r"^Traveller (\w+) ", output, re.MULTILINE)
        assert user, output
        assert understand(url, "일본 부모님과 갈만한 패키지 추천")["intent"]
        for answer in (viewed, recommend(url, user[1], 3)):
            for item in answer["items"]:
                assert item["name"] in output


@pytest.mark.slow
def test_again_it_reuses_everything_and_serves_until_ctrl_c(first: tuple[Path, str]) -> None:
    home, _ = first
    before = {path: path.stat().st_mtime_ns for path in home.rglob("*") if path.is_file()}
    started = time.monotonic()
    output = ""
    with demo(home, DEMO_ONCE="0") as process:
        assert process.stdout is not None
        while "Serving until Ctrl-C" not in output:
            line = process.stdout.readline()
            assert line, output
            output += line
        assert time.monotonic() - started < 30
        assert output.count("done before") == 5
        assert is_up(find("API", output))
        assert is_up(find("Pages", output))
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 0
    assert not is_up(find("API", output))
    assert not is_up(find("Pages", output))
    changed = {path.name for path, at in before.items() if path.stat().st_mtime_ns != at}
    assert changed <= {"compare.toml", "demo-api.log", "demo-web.log", MEMORY}
