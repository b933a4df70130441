# ruff: noqa: T201 (a program: it prints)
"""The smoke test of a deployment: is it up, are these the models, does each room answer?

smoke.py https://api.example.com --models models.txt

Asks again until all of it is right or the time is up, because the last old task may still answer.
An API that wants a key is sent the one in NADEURI_API_KEY.
Needs nothing but Python. Exit code 1: something is wrong, which is printed.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

TIMEOUT_S, PAUSE_S = 10, 3
QUESTIONS: dict[str, tuple[str, dict[str, Any] | None, int]] = {
    "recommender": ("/v1/recommendations/{model}", {"k": 3}, 200),
    "also-viewed": ("/v1/products/no-such-product/also-viewed", None, 404),
    "packages": ("/v1/places/cities", None, 200),
    "place_index": ("/v1/places/match", {"name": "오사카성"}, 200),
    "questions": ("/v1/questions", {"text": "일본 부모님과 갈만한 패키지 추천"}, 200),
}
"""What is asked of the room of each kind of artefact, and the status of its answer."""


def main(arguments: list[str] | None = None) -> None:
    """Test until it is right."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("address", help="of the API, such as https://api.example.com")
    parser.add_argument("--models", required=True, type=Path, help="NAME@VERSION, one a line")
    parser.add_argument("--within-s", default=180.0, type=float, help="for how long to ask again")
    options = parser.parse_args(arguments)
    lines = options.models.read_text(encoding="utf-8").split()
    versions = {line.partition("@")[2] for line in lines}
    end = time.monotonic() + options.within_s
    while problem := find_problem(options.address.rstrip("/"), versions):
        if time.monotonic() > end:
            sys.exit(f"error: {options.address}: {problem}")
        time.sleep(PAUSE_S)
    print(f"{options.address}: serves {', '.join(lines)}")


def find_problem(address: str, versions: set[str]) -> str | None:
    """What is wrong, in one line; None if nothing is."""
    try:
        ask(f"{address}/healthz")
        served = json.loads(ask(f"{address}/readyz"))["models"]
        models = {model["version"]: model for model in served}
        if not versions <= models.keys():
            return f"serves versions {sorted(models)}, not {sorted(versions)}"
        for version in versions:
            ask_room(address, models[version]["kind"], models[version]["model"])
    except (OSError, ValueError, KeyError) as error:
        return f"{type(error).__name__}: {error}"
    return None


def ask_room(address: str, kind: str, model: str) -> None:
    """Ask the room of a kind of artefact something of its model.

    Raises:
        OSError: it does not answer as it should.
    """
    path, body, status = QUESTIONS[kind]
    try:
        ask(f"{address}{path.format(model=model)}", body)
    except urllib.error.HTTPError as error:
        if error.code != status:
            raise


def ask(url: str, body: dict[str, Any] | None = None) -> bytes:
    """The answer to one request.

    Raises:
        OSError: there is none, or its status is an error.
    """
    request = urllib.request.Request(  # noqa: S310 (an address that was given)
        url,
        data=None if body is None else json.dumps(body).encode(),
        headers={"content-type": "application/json"},
    )
    if key := os.environ.get("NADEURI_API_KEY"):
        request.add_unredirected_header("authorization", f"Bearer {key}")
    with urllib.request.urlopen(request, timeout=TIMEOUT_S) as response:  # noqa: S310
        answer: bytes = response.read()
    return answer


if __name__ == "__main__":
    main()
