"""The stack: what its linters do not look at, and a deployment to a double of AWS."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cloudformation import load

pytest_plugins = ("aws_server",)
pytestmark = pytest.mark.filterwarnings("ignore")  # moto's own warnings

FILE = Path(__file__).parents[2] / "deploy/stack.yaml"


TEMPLATE = load(FILE)
PARAMETERS, RESOURCES = TEMPLATE["Parameters"], TEMPLATE["Resources"]
CONTAINERS = {
    container["Name"]: container
    for container in RESOURCES["TaskDefinition"]["Properties"]["ContainerDefinitions"]
}


def everything(value: Any) -> Iterator[Any]:
    """All values in a nested one."""
    yield value
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for each in inside:
        yield from everything(each)


def of_type(suffix: str) -> dict[str, dict[str, Any]]:
    return {
        name: resource["Properties"]
        for name, resource in RESOURCES.items()
        if resource["Type"].endswith(suffix)
    }


def statements() -> Iterator[tuple[str, dict[str, Any]]]:
    for name, resource in RESOURCES.items():
        for value in everything(resource["Properties"]):
            if isinstance(value, dict) and "Effect" in value:
                yield name, value


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def default(parameter: Any) -> int:
    return int(
        PARAMETERS[parameter["Ref"]]["Default"] if isinstance(parameter, dict) else parameter
    )


def test_every_parameter_is_used() -> None:
    text = json.dumps([RESOURCES, TEMPLATE["Outputs"]])
    for name in PARAMETERS:
        assert f'{{"Ref": "{name}"}}' in text or f"${{{name}}}" in text, name


@pytest.mark.parametrize("name", CONTAINERS)
def test_the_hard_limit_is_above_the_soft_one(name: str) -> None:
    """ECS refuses it otherwise, and its doubles and linters do not."""
    container = CONTAINERS[name]
    assert default(container["Memory"]) > default(container["MemoryReservation"])
    task = RESOURCES["TaskDefinition"]["Properties"]
    assert default(task["Memory"]) >= default(container["Memory"])


def test_the_task_holds_what_its_containers_reserve_and_fits_its_cpu() -> None:
    task = RESOURCES["TaskDefinition"]["Properties"]
    reserved = sum(default(each["MemoryReservation"]) for each in CONTAINERS.values())
    memory, cpu = default(task["Memory"]), default(task["Cpu"])
    assert memory >= reserved
    assert cpu in PARAMETERS["TaskCpu"]["AllowedValues"]
    assert memory % 1024 == 0
    assert 2 <= memory / cpu <= 8, "Fargate's table, from one virtual CPU on"


@pytest.mark.parametrize("name", CONTAINERS)
def test_containers_can_do_little(name: str) -> None:
    container = CONTAINERS[name]
    assert container["ReadonlyRootFilesystem"] is True
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", container["User"])
    writable = [mount["ContainerPath"] for mount in container["MountPoints"]]
    assert writable == ["/var/lib/nadeuri", "/tmp"]
    plain = {name: value for name, value in container.items() if name != "Secrets"}
    assert not any("SECRET" in str(value).upper() for value in everything(plain))


def test_keys_come_from_a_secret_and_the_internet_needs_them() -> None:
    secrets = CONTAINERS["api"]["Secrets"]["Fn::If"]
    assert secrets[:2] == [
        "HasKeys",
        [{"Name": "NADEURI_KEYS", "ValueFrom": {"Ref": "ApiKeysArn"}}],
    ]
    assert "Secrets" not in CONTAINERS["fetch"]
    rule = TEMPLATE["Rules"]["TheInternetNeedsKeys"]
    assert rule["RuleCondition"] == {"Fn::Equals": [{"Ref": "Scheme"}, "internet-facing"]}
    assert rule["Assertions"][0]["Assert"] == TEMPLATE["Conditions"]["HasKeys"]
    (allowed,) = RESOURCES["ReadKeys"]["Properties"]["PolicyDocument"]["Statement"]
    assert RESOURCES["ReadKeys"]["Condition"] == "HasKeys"
    assert allowed["Resource"] == {"Ref": "ApiKeysArn"}


def test_the_api_starts_after_its_models_and_has_time_to_finish() -> None:
    api = CONTAINERS["api"]
    assert api["DependsOn"] == [{"ContainerName": "fetch", "Condition": "SUCCESS"}]
    assert CONTAINERS["fetch"]["Essential"] is False
    from nadeuri.serve import gunicorn_conf

    assert api["StopTimeout"] > gunicorn_conf.graceful_timeout
    attributes = {
        each["Key"]: each["Value"]
        for each in RESOURCES["TargetGroup"]["Properties"]["TargetGroupAttributes"]
    }
    delay = int(attributes["deregistration_delay.timeout_seconds"])
    assert delay >= gunicorn_conf.graceful_timeout


def test_one_port_from_the_load_balancer_to_the_server() -> None:
    api, balanced = CONTAINERS["api"], RESOURCES["Service"]["Properties"]["LoadBalancers"][0]
    (port,) = (each["ContainerPort"] for each in api["PortMappings"])
    command = api["Command"]
    assert str(port) == command[command.index("--port") + 1]
    assert command[command.index("--workers") + 1] == "auto", "as many as the limits hold"
    assert port == balanced["ContainerPort"] == RESOURCES["TargetGroup"]["Properties"]["Port"]
    assert balanced["ContainerName"] == "api"
    ingress = RESOURCES["ServiceSecurityGroup"]["Properties"]["SecurityGroupIngress"]
    assert [(each["FromPort"], each["ToPort"]) for each in ingress] == [(port, port)]
    assert f"127.0.0.1:{port}/healthz" in api["HealthCheck"]["Command"][-1]


def test_buckets_are_private_and_kept() -> None:
    buckets = of_type("S3::Bucket")
    assert len(buckets) == 2
    for name, bucket in buckets.items():
        assert all(bucket["PublicAccessBlockConfiguration"].values()), name
        assert len(bucket["PublicAccessBlockConfiguration"]) == 4, name
        assert "BucketEncryption" in bucket, name
        assert RESOURCES[name]["DeletionPolicy"] == "Retain", name
    assert buckets["ArtifactBucket"]["VersioningConfiguration"] == {"Status": "Enabled"}
    policies = of_type("S3::BucketPolicy").values()
    assert {policy["Bucket"]["Ref"] for policy in policies} == set(buckets)


def test_nothing_is_allowed_on_everything_but_to_log_in() -> None:
    for where, statement in statements():
        if statement["Effect"] == "Deny":
            continue
        actions, resources = as_list(statement["Action"]), as_list(statement.get("Resource", []))
        assert not any("*" in action for action in actions), where
        if "*" in resources:
            assert actions == ["ecr:GetAuthorizationToken"], where
        assert statement.get("Principal") != "*", where


def test_nobody_may_delete_models() -> None:
    allowed = {
        action
        for _, statement in statements()
        if statement["Effect"] == "Allow"
        for action in as_list(statement["Action"])
    }
    assert not {action for action in allowed if "Delete" in action or action.startswith("iam:")}
    task = json.dumps(RESOURCES["TaskRole"])
    assert "s3:PutObject" not in task, "what serves only reads"


def test_every_alarm_tells_somebody() -> None:
    alarms = of_type("CloudWatch::Alarm")
    assert set(alarms) == {"ServerErrors", "SlowAnswers", "UnhealthyTasks", "LittleMemory"}
    for alarm in alarms.values():
        assert alarm["AlarmActions"] == alarm["OKActions"] == [{"Ref": "AlarmTopicArn"}]


def test_the_fetch_command_is_one_of_ours() -> None:
    from nadeuri.cli.artifact.fetch import command

    joined = CONTAINERS["fetch"]["Command"]["Fn::Split"][1]["Fn::Sub"]
    arguments = joined.replace("${Models}", "for-you@champion,questions").split(",")
    assert arguments[:2] == ["artifact", "fetch"]
    context = command.make_context("fetch", arguments[2:])
    assert context.params["references"] == ("for-you@champion", "questions")
    assert context.params["store"] == "s3://${ArtifactBucket}/artifacts"
    assert TEMPLATE["Outputs"]["Store"]["Value"] == {"Fn::Sub": context.params["store"]}


@pytest.fixture
def stack(aws: str) -> str:
    """Name of a stack, created at the double of AWS."""
    import boto3

    session = boto3.Session()
    ec2 = session.client("ec2")
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    subnets = ",".join(
        each["SubnetId"]
        for each in ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["Subnets"]
    )
    certificate = session.client("acm").request_certificate(DomainName="api.example.com")
    values = {
        "VpcId": vpc,
        "LoadBalancerSubnets": subnets,
        "ServiceSubnets": subnets,
        "ClientCidr": "10.0.0.0/8",
        "CertificateArn": certificate["CertificateArn"],
        "RepositoryName": "nadeuri-test",
        "AlarmTopicArn": "arn:aws:sns:ap-northeast-2:123456789012:alarms",
        "ApiKeysArn": "arn:aws:secretsmanager:ap-northeast-2:123456789012:secret:keys-a1b2c3",
    }
    parameters = [{"ParameterKey": k, "ParameterValue": v} for k, v in values.items()]
    name = values["RepositoryName"]
    session.client("cloudformation").create_stack(
        StackName=name,
        TemplateBody=FILE.read_text(encoding="utf-8"),
        Parameters=parameters,
        Capabilities=["CAPABILITY_IAM"],
    )
    return name


def test_the_stack_can_be_made(stack: str) -> None:
    import boto3

    session = boto3.Session()
    made = session.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]
    assert made["StackStatus"] == "CREATE_COMPLETE"
    outputs = {each["OutputKey"]: each["OutputValue"] for each in made["Outputs"]}
    assert set(outputs) == set(TEMPLATE["Outputs"])
    found = session.client("cloudformation").describe_stack_resources(StackName=stack)
    physical = {
        each["LogicalResourceId"]: each["PhysicalResourceId"]
        for each in found["StackResources"]
        if "LogicalResourceId" in each  # some kinds of resource are unknown to the double
    }

    ecs = session.client("ecs")
    task = ecs.describe_task_definition(taskDefinition=physical["TaskDefinition"])["taskDefinition"]
    fetch, api = task["containerDefinitions"]
    assert api["memory"] > api["memoryReservation"]
    assert fetch["command"] == [
        "artifact",
        "fetch",
        "--store",
        outputs["Store"],
        "for-you@champion",
    ]
    assert [each["name"] for each in api["secrets"]] == ["NADEURI_KEYS"]
    assert api["image"] == f"{outputs['RepositoryUri']}:none"
    (service,) = ecs.describe_services(cluster=physical["Cluster"], services=[physical["Service"]])[
        "services"
    ]
    assert service["taskDefinition"] == task["taskDefinitionArn"]

    (repository,) = session.client("ecr").describe_repositories(
        repositoryNames=[physical["Repository"]]
    )["repositories"]
    assert repository["imageTagMutability"] == "IMMUTABLE"
