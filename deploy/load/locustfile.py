"""The same load in Locust: the endpoints of bench/load, asked in proportion to their weights.

    python bench/load.py requests http://127.0.0.1:8000 build/load/requests
    locust --locustfile deploy/load/locustfile.py --host http://127.0.0.1:8000 --headless \
        --users 20 --run-time 60s --requests build/load/requests --jtl build/load/locust.jtl

Each user asks once a second at most (--per-user). Streams of events are read to their end. The API
key is taken from NADEURI_API_KEY. --jtl writes JMeter's table of results beside Locust's figures.
"""

from __future__ import annotations

import itertools
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from locust import FastHttpUser, constant_throughput, events

sys.path.insert(0, str(Path(__file__).parents[2] / "bench"))

from load.endpoints import BY_NAME, Endpoint
from load.rows import JTL_COLUMNS, read_rows

Task = Callable[["Traveller"], None]


@events.init_command_line_parser.add_listener
def _options(parser: Any) -> None:
    parser.add_argument("--requests", default="build/load/requests", help="folder of the CSVs")
    parser.add_argument("--jtl", default="", help="file for JMeter's table of results")
    parser.add_argument("--per-user", type=float, default=1.0, help="requests a second of a user")


@events.init.add_listener
def _prepare(environment: Any, **_: object) -> None:
    options = environment.parsed_options
    Traveller.tasks = {
        _task(BY_NAME[name], rows): BY_NAME[name].weight
        for name, rows in read_rows(Path(options.requests)).items()
    }
    Traveller.wait_time = constant_throughput(options.per_user)
    if options.jtl:
        _write_table(environment, Path(options.jtl))


class Traveller(FastHttpUser):
    """One caller; a connection for each request, as the API closes them."""

    connection_timeout = network_timeout = 30.0
    max_retries = 0

    def ask(self, endpoint: Endpoint, path: str, body: str) -> None:
        """Send one request and say whether the answer is right."""
        headers = {"Content-Type": "application/json", "Connection": "close"}
        if key := os.environ.get("NADEURI_API_KEY"):
            headers["Authorization"] = f"Bearer {key}"
        with self.client.request(
            endpoint.method,
            path,
            data=body.encode() or None,
            headers=headers,
            name=endpoint.name,
            catch_response=True,
        ) as response:
            content = response.content or b""  # to the end, of a stream as well
            if response.status_code not in endpoint.accepted:
                response.failure(str(response.status_code or "no answer"))
            elif response.status_code == 200 and not endpoint.is_answer(content):
                response.failure("wrong answer")
            else:
                response.success()


def _task(endpoint: Endpoint, rows: list[tuple[str, str]]) -> Task:
    turns = itertools.cycle(rows)

    def ask(user: Traveller) -> None:
        user.ask(endpoint, *next(turns))

    return ask


def _write_table(environment: Any, path: Path) -> None:
    file = path.open("w", encoding="utf-8", buffering=1)
    file.write(",".join(JTL_COLUMNS) + "\n")

    @environment.events.request.add_listener
    def _row(**sample: Any) -> None:
        response, failure = sample["response"], sample["exception"]
        ms = round(sample["response_time"])
        row = (
            round(sample["start_time"] * 1000),
            ms,
            sample["name"],
            response.status_code or 0,
            "",
            "locust",
            str(failure is None).lower(),
            "" if failure is None else str(failure).replace(",", ";").replace("\n", " ")[:60],
            sample["response_length"],
            ms,
        )
        file.write(",".join(map(str, row)) + "\n")

    @environment.events.quit.add_listener
    def _close(**_: object) -> None:
        file.close()
