"""Deploying to the stack and going back, and the smoke test of what was deployed."""

from __future__ import annotations

import importlib.util
import itertools
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from cloudformation import load

from nadeuri.artifact import Artifact

pytest_plugins = ("aws_server",)
pytestmark = pytest.mark.filterwarnings("ignore")  # moto's own warnings

DEPLOY = Path(__file__).parents[2] / "deploy"


def program(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, DEPLOY / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


release, smoke = program("release"), program("smoke")
_stacks = itertools.count()


RESOURCES = ("ArtifactBucket", "Cluster", "ExecutionRole", "LogBucket", "LogGroup", "Repository")


@pytest.fixture
def stack(aws: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Name of a stack of part of the template: the double cannot update a load balancer."""
    import boto3

    template = load(DEPLOY / "stack.yaml")
    kept = (*RESOURCES, "TaskDefinition", "TaskRole")
    template["Resources"] = {name: template["Resources"][name] for name in kept}
    names = ("ApiKeysArn", "ImageTag", "Models", "RepositoryName", "TaskCpu", "TaskMemory")
    template["Parameters"] = {
        name: template["Parameters"][name] for name in (*names, "ApiMemory", "ApiMemoryReservation")
    }
    del template["Outputs"], template["Rules"]
    file = tmp_path / "stack.json"
    file.write_text(json.dumps(template), encoding="utf-8")
    monkeypatch.setattr(release, "TEMPLATE", file)
    name = f"release-{next(_stacks)}"
    boto3.Session().client("cloudformation").create_stack(
        StackName=name,
        TemplateBody=file.read_text(encoding="utf-8"),
        Parameters=[{"ParameterKey": "RepositoryName", "ParameterValue": name}],
        Capabilities=["CAPABILITY_IAM"],
    )
    return name


@pytest.fixture
def cloudformation(aws: str) -> Any:
    import boto3

    return boto3.Session().client("cloudformation")


def parameters(client: Any, stack: str) -> dict[str, str]:
    found = client.describe_stacks(StackName=stack)["Stacks"][0]["Parameters"]
    return {each["ParameterKey"]: each["ParameterValue"] for each in found}


def test_deploy_and_back(stack: str, cloudformation: Any, tmp_path: Path) -> None:
    models, before = tmp_path / "models.txt", tmp_path / "new/before.json"
    old = parameters(cloudformation, stack)
    models.write_text("for-you@20260102T030405Z-0a1b2c3d\nquestions@20260102T030405Z-00000000\n")
    told = ("--stack", stack, "--before", str(before))

    release.main(["deploy", *told, "--image-tag", "abc-1", "--models", str(models)])
    now = parameters(cloudformation, stack)
    assert now["ImageTag"] == "abc-1"
    assert now["Models"] == ",".join(models.read_text().split())
    assert {k: now[k] for k in old if k not in ("ImageTag", "Models")} == {
        k: old[k] for k in old if k not in ("ImageTag", "Models")
    }

    release.main(["rollback", *told])
    assert parameters(cloudformation, stack) == old


def test_nothing_to_undo(tmp_path: Path, aws: str, capsys: pytest.CaptureFixture[str]) -> None:
    release.main(["rollback", "--stack", "s", "--before", str(tmp_path / "none.json")])
    assert "nothing to undo" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("models", "stack_name", "said"),
    [("", "s", "no models"), ("a@1", "no-such-stack", "no-such-stack")],
)
def test_what_cannot_be_deployed(
    models: str, stack_name: str, said: str, tmp_path: Path, aws: str
) -> None:
    (tmp_path / "m").write_text(models)
    told = ["deploy", "--stack", stack_name, "--before", str(tmp_path / "b")]
    with pytest.raises(SystemExit, match=said) as error:
        release.main([*told, "--image-tag", "x", "--models", str(tmp_path / "m")])
    assert error.value.code != 0
    assert not (tmp_path / "b").exists()


class Events:
    """CloudFormation that has undone an update."""

    def describe_stack_events(self, **_: str) -> dict[str, Any]:
        rows = [
            ("s", "UPDATE_ROLLBACK_COMPLETE", None),
            ("LogGroup", "UPDATE_FAILED", "Resource update cancelled"),
            ("Service", "UPDATE_FAILED", "the deployment circuit breaker was triggered"),
            ("s", "UPDATE_IN_PROGRESS", "User Initiated"),
            ("Service", "UPDATE_FAILED", "of an earlier update"),
        ]
        keys = ("LogicalResourceId", "ResourceStatus", "ResourceStatusReason")
        return {"StackEvents": [dict(zip(keys, row, strict=True)) for row in rows]}


def test_the_first_failure_of_the_latest_update_is_told() -> None:
    assert release.first_failure(Events(), "s") == (
        "Service: the deployment circuit breaker was triggered"
    )


@pytest.fixture(scope="module")
def api(travel_artifact: Artifact) -> Iterator[str]:
    """Address of the API on one model."""
    from werkzeug.serving import make_server

    from nadeuri.serve.app import create_app

    app = create_app(travel_artifact.path)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_sound_deployment_passes(api: str, travel_artifact: Artifact, tmp_path: Path) -> None:
    models = tmp_path / "models.txt"
    models.write_text(f"for-you@{travel_artifact.version}\n")
    smoke.main([f"{api}/", "--models", str(models), "--within-s", "0"])


def test_a_key_is_sent_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str | None] = []

    class Listener(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            sent.append(self.headers["Authorization"])
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), Listener)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setenv("NADEURI_API_KEY", "ndr_of-the-test")
    smoke.ask(f"http://127.0.0.1:{server.server_port}/healthz")
    server.shutdown()
    thread.join()
    server.server_close()
    assert sent == ["Bearer ndr_of-the-test"]


def test_an_old_model_fails(api: str, travel_artifact: Artifact, tmp_path: Path) -> None:
    (tmp_path / "m").write_text(f"for-you@{travel_artifact.version} questions@2020")
    with pytest.raises(SystemExit, match=r"serves versions .* not .*2020"):
        smoke.main([api, "--models", str(tmp_path / "m"), "--within-s", "0"])


def test_no_server_fails_when_the_time_is_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smoke, "PAUSE_S", 0.01)
    (tmp_path / "m").write_text("for-you@1")
    with pytest.raises(SystemExit, match="URLError"):
        smoke.main(["http://127.0.0.1:9", "--models", str(tmp_path / "m"), "--within-s", "0.1"])


def test_every_kind_that_is_served_is_asked() -> None:
    from nadeuri.serve.app import ROOMS

    assert set(smoke.QUESTIONS) == set(ROOMS)
