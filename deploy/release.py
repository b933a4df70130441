# ruff: noqa: T201 (a program: it prints)
"""Deploy an image and models to the stack, or go back to what ran before.

release.py deploy --stack nadeuri --image-tag 3f2a-17 --models models.txt --before before.json
release.py rollback --stack nadeuri --before before.json

Of the stack's parameters only ImageTag and Models change. An update that the circuit breaker of ECS
or an alarm refuses is undone by CloudFormation; ``rollback`` is for what is noticed later, by the
smoke test. Exit code 1: the stack did not take it.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

TEMPLATE = Path(__file__).with_name("stack.yaml")
CAPABILITIES = ["CAPABILITY_IAM"]
FINAL = ("UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "UPDATE_ROLLBACK_FAILED", "UPDATE_FAILED")
POLL_S, LONGEST_S = 10, 40 * 60
UNCHANGED = "No updates are to be performed"


class ReleaseError(Exception):
    """The stack is not as it should be."""


def main(arguments: list[str] | None = None) -> None:
    """Run one of the two commands."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    commands = parser.add_subparsers(dest="command", required=True)
    deploying = commands.add_parser("deploy", help="update the stack")
    deploying.add_argument("--image-tag", required=True)
    deploying.add_argument("--models", required=True, type=Path, help="NAME@VERSION, one a line")
    going_back = commands.add_parser("rollback", help="undo a deployment")
    for each in (deploying, going_back):
        each.add_argument("--stack", required=True)
        each.add_argument("--before", required=True, type=Path, help="file with what ran before")
    options = parser.parse_args(arguments)

    from boto3 import Session
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        client = Session().client("cloudformation")
        if options.command == "deploy":
            models = options.models.read_text(encoding="utf-8").split()
            deploy(client, options.stack, options.image_tag, models, options.before)
        else:
            rollback(client, options.stack, options.before)
    except (ReleaseError, BotoCoreError, ClientError) as error:
        sys.exit(f"error: {error}")


def deploy(client: Any, stack: str, image_tag: str, models: list[str], before: Path) -> None:
    """Update the stack to this template, image and models; what it was goes to ``before``.

    Raises:
        ReleaseError: no models, a stack without these parameters, or one that did not take them.
    """
    if not models:
        raise ReleaseError("no models: publish and promote one, see deploy/README.md")
    state = describe(client, stack)
    template = client.get_template(StackName=stack, TemplateStage="Original")["TemplateBody"]
    if not isinstance(template, str):  # botocore parses a template that is JSON
        template = json.dumps(template)
    before.parent.mkdir(parents=True, exist_ok=True)
    before.write_text(
        json.dumps({"parameters": state["Parameters"], "template": template}), encoding="utf-8"
    )
    now = {each["ParameterKey"]: each["ParameterValue"] for each in state["Parameters"]}
    wanted = {"ImageTag": image_tag, "Models": ",".join(models)}
    if missing := wanted.keys() - now.keys():
        raise ReleaseError(f"stack {stack} has no parameter {', '.join(sorted(missing))}")
    parameters = [
        {"ParameterKey": key, "ParameterValue": value} for key, value in (now | wanted).items()
    ]
    update(client, stack, TEMPLATE.read_text(encoding="utf-8"), parameters)


def rollback(client: Any, stack: str, before: Path) -> None:
    """Update the stack to what :func:`deploy` found.

    Raises:
        ReleaseError: the stack did not take it.
    """
    if not before.is_file():
        print(f"{stack}: nothing was deployed, nothing to undo")
        return
    found = json.loads(before.read_text(encoding="utf-8"))
    update(client, stack, found["template"], found["parameters"])


def update(client: Any, stack: str, template: str, parameters: list[dict[str, Any]]) -> None:
    """Update the stack and wait for the end; no change is a success as well.

    Raises:
        ReleaseError: the update failed; the reason is in the message.
    """
    from botocore.exceptions import ClientError

    try:
        client.update_stack(
            StackName=stack,
            TemplateBody=template,
            Parameters=parameters,
            Capabilities=CAPABILITIES,
        )
    except ClientError as error:
        if UNCHANGED not in str(error):
            raise
        print(f"{stack}: unchanged")
        return
    status = wait(client, stack)
    if status != "UPDATE_COMPLETE":
        raise ReleaseError(f"stack {stack}: {status}: {first_failure(client, stack)}")
    print(f"{stack}: updated")


def wait(client: Any, stack: str) -> str:
    """The status at the end of an update.

    Raises:
        ReleaseError: it takes longer than :data:`LONGEST_S`.
    """
    end = time.monotonic() + LONGEST_S
    while (status := describe(client, stack)["StackStatus"]) not in FINAL:
        if time.monotonic() > end:
            raise ReleaseError(f"stack {stack}: still {status} after {LONGEST_S} seconds")
        time.sleep(POLL_S)
    return str(status)


def describe(client: Any, stack: str) -> dict[str, Any]:
    """The stack's parameters, status and outputs."""
    found: dict[str, Any] = client.describe_stacks(StackName=stack)["Stacks"][0]
    return found


def first_failure(client: Any, stack: str) -> str:
    """Why the latest update failed, as far as the events say."""
    reasons = []
    for event in client.describe_stack_events(StackName=stack)["StackEvents"]:  # newest first
        if event["ResourceStatus"].endswith("FAILED"):
            reasons.append(f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason')}")
        began = event["ResourceStatus"] == "UPDATE_IN_PROGRESS"
        if began and event["LogicalResourceId"] == stack:
            break
    return reasons[-1] if reasons else "see the events of the stack"


if __name__ == "__main__":
    main()
