"""The images and the local services: what their linters do not look at."""

from __future__ import annotations

import re
import shlex
import tomllib
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from nadeuri.cli import main

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "deploy/Dockerfile").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "deploy/docker-compose.yml").read_text("utf-8"))
SERVICES: dict[str, Any] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if "build" in service}
IMAGES = ("serve", "web", "train", "tracking")
BUILD_TOOLS = r"\b(build-essential|gcc|g\+\+|cmake|make|git|pip3? )\b"


def parsed_stages() -> dict[str, tuple[str, list[str]]]:
    """Each stage's base, and its instructions as single lines without comments."""
    lines = [line for line in DOCKERFILE.splitlines() if not line.lstrip().startswith("#")]
    stages: dict[str, tuple[str, list[str]]] = {}
    for line in "\n".join(lines).replace("\\\n", " ").splitlines():
        if found := re.fullmatch(r"FROM (\S+) AS (\S+)", line):
            stages[found[2]] = (found[1], [])
        elif line.strip():
            assert not line.startswith("FROM"), "every stage has a name"
            stages[list(stages)[-1]][1].append(" ".join(line.split()))
    return stages


STAGES = parsed_stages()


def lineage(stage: str) -> list[str]:
    """Instructions of a stage and of those that it is made on; the first ones last."""
    base, own = STAGES[stage]
    return own + (lineage(base) if base in STAGES else [])


def instruction(stage: str, name: str) -> str:
    """The one that counts: the last."""
    found = [each for each in lineage(stage) if each.startswith(f"{name} ")]
    assert found, f"{stage} has no {name}"
    return found[0].removeprefix(f"{name} ")


def words(stage: str, name: str) -> list[str]:
    return [str(word) for word in yaml.safe_load(instruction(stage, name))]


def test_base_images_are_pinned() -> None:
    outside = {base for base, _ in STAGES.values() if base not in STAGES}
    outside |= {service["image"] for name, service in SERVICES.items() if name not in OURS}
    assert len(outside) == 2
    for image in outside:
        assert re.fullmatch(r"[a-z0-9]+:\d+\.\d+\.\d+[a-z0-9.-]*", image), image


def test_the_interpreter_is_one_that_the_project_supports() -> None:
    version = STAGES["python"][0].partition(":")[2]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["requires-python"] == ">=3.11"
    assert version.startswith("3.11.")


@pytest.mark.parametrize("stage", IMAGES)
def test_images_run_as_a_number_without_tools(stage: str) -> None:
    assert instruction(stage, "USER") == "10001:10001"
    assert STAGES[stage][0] == "runtime", "not made on the stage that builds"
    removed = "python -m pip uninstall --yes --root-user-action=ignore pip setuptools wheel"
    assert removed in " ".join(lineage(stage))
    for each in lineage(stage):
        if each.startswith("RUN"):
            assert not re.search(BUILD_TOOLS, each.replace(removed, "")), each
    copied = [each for each in STAGES[stage][1] if each.startswith("COPY")]
    assert copied[0] == f"COPY --from=build-{stage} /opt/nadeuri /opt/nadeuri"
    assert "chown 10001:10001 /var/lib/nadeuri" in " ".join(lineage(stage))


def test_torch_is_only_where_models_are_trained() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for stage in IMAGES:
        text = " ".join(STAGES[f"build-{stage}"][1])
        (extras,) = re.findall(r"'\.\[([a-z,]+)\]'", text)
        assert set(extras.split(",")) <= set(project["optional-dependencies"]), stage
        with_torch = "train" in extras.split(",") or " torch " in text
        assert with_torch == (stage == "train")
        assert "--constraint constraints.txt" in text
    assert "torch.version.cuda is None" in " ".join(STAGES["build-train"][1])


def test_no_address_of_a_registry_is_written_down() -> None:
    for name in ("Dockerfile", "docker-compose.yml", "Jenkinsfile", "check-requirements.txt"):
        text = (ROOT / "deploy" / name).read_text(encoding="utf-8")
        assert not re.search(r"(?i)(index|registry|find-links)\S*[ =:]+\S*//", text), name
    for argument in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "TORCH_INDEX_URL"):
        assert re.search(rf"^ARG {argument}$", DOCKERFILE, re.M), "it has no default"


@pytest.mark.parametrize("stage", ["serve", "web", "tracking"])
def test_servers_are_asked_whether_they_live_by_python(stage: str) -> None:
    check = instruction(stage, "HEALTHCHECK")
    port = instruction(stage, "EXPOSE")
    assert 'CMD ["python", "-c"' in check
    assert f"http://127.0.0.1:{port}/" in check
    command = words(stage, "CMD")
    assert command[command.index("--port") + 1] == port
    assert command[command.index("--host") + 1] == "0.0.0.0"


@pytest.mark.parametrize("stage", ["serve", "web"])
def test_the_command_is_one_of_ours(stage: str) -> None:
    assert words(stage, "ENTRYPOINT") == ["nadeuri"]
    parsed(words(stage, "CMD"))


def parsed(arguments: list[str]) -> click.Context:
    """The command of a room without verbs, with its options read."""
    command = main.get_command(click.Context(main), arguments[0])
    assert command is not None, arguments[0]
    return command.make_context(arguments[0], list(arguments[1:]))


def test_only_what_images_are_made_of_goes_to_docker() -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [line for line in ignored if line and not line.startswith("#")]
    assert rules[0] == "*"
    allowed = {rule[1:] for rule in rules if rule.startswith("!")}
    copied = {
        source
        for _, own in STAGES.values()
        for each in own
        if each.startswith("COPY ") and "--from" not in each
        for source in shlex.split(each)[1:-1]
    }
    assert allowed == copied
    assert all((ROOT / name).exists() for name in allowed)


def test_the_local_services() -> None:
    assert set(SERVICES) == {"api", "web", "mlflow", "neo4j", "train"}


@pytest.mark.parametrize("name", OURS)
def test_local_services_can_do_little(name: str) -> None:
    service = OURS[name]
    assert service["build"]["target"] in IMAGES
    assert service["build"]["dockerfile"] == "deploy/Dockerfile"
    assert (ROOT / "deploy" / service["build"]["context"]).resolve() == ROOT
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert all(value is None for value in service["build"]["args"].values()), "from outside"


@pytest.mark.parametrize("name", SERVICES)
def test_ports_are_for_this_machine_and_limits_are_set(name: str) -> None:
    service = SERVICES[name]
    for port in service.get("ports", []):
        address, outside, inside = port.split(":")
        assert address == "127.0.0.1"
        assert outside == inside
        if name in OURS:
            assert inside == instruction(service["build"]["target"], "EXPOSE")
    assert size(service["mem_limit"]) > size(service["mem_reservation"])


def size(text: str) -> int:
    return int(text[:-1]) * {"m": 1, "g": 1024}[text[-1]]


def test_services_find_each_other() -> None:
    api = parsed(SERVICES["web"]["command"]).params["api"]
    assert api == f"http://api:{instruction('serve', 'EXPOSE')}"
    assert "api" in SERVICES["web"]["depends_on"]
    tracking = SERVICES["train"]["environment"]["MLFLOW_TRACKING_URI"]
    assert tracking == f"http://mlflow:{instruction('tracking', 'EXPOSE')}"
    assert "mlflow:*" in SERVICES["mlflow"]["environment"]["MLFLOW_SERVER_ALLOWED_HOSTS"]


def test_no_secret_is_written_down() -> None:
    for name, service in SERVICES.items():
        for variable, value in service.get("environment", {}).items():
            if re.search("KEY|AUTH|PASSWORD|TOKEN|SECRET", variable):
                assert value is None or "${" in value, (name, variable)
