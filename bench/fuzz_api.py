"""Attack a running API: schemathesis, and bytes that no schema describes.

    nadeuri serve ... --port 8000
    python bench/fuzz_api.py http://127.0.0.1:8000 --requests 20000

Adds ``schemathesis.findings``, ``fuzz.requests`` and ``fuzz.server_errors`` (of any kind of wrong
reply) to ``results/serving.json``. Exits with 1 if there was a finding.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from fuzz_bodies import endpoints, fault, requests, sent
from record import record


def main() -> int:
    """Attack and record; the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("url", help="address of the API, such as http://127.0.0.1:8000")
    parser.add_argument("--requests", type=int, default=20_000, help="odd requests to send")
    parser.add_argument("--examples", type=int, default=300, help="of schemathesis, an operation")
    parser.add_argument("--seed", type=int, default=0, help="another one draws other requests")
    parser.add_argument("--keep", action="store_true", help="measure only; write no results")
    given_options = parser.parse_args()
    url = given_options.url.rstrip("/")
    start = time.perf_counter()
    n_sent, faults = attack(url, given_options.requests, given_options.seed)
    findings = schemathesis(url, given_options.examples)
    with urllib.request.urlopen(f"{url}/readyz", timeout=60) as answer:
        models = [each["kind"] for each in json.load(answer)["models"]]
    figures = {
        "fuzz.requests": n_sent,
        "fuzz.server_errors": len(faults),
        "schemathesis.findings": findings,
    }
    detail: Mapping[str, Any] = {
        "served": models,
        "seconds": round(time.perf_counter() - start, 1),
        "examples_an_operation": given_options.examples,
        "faults": faults[:20],
    }
    print(json.dumps({**figures, **detail}, ensure_ascii=False, indent=1))
    if not given_options.keep:
        record("serving", figures, [detail])
    return int(bool(faults or findings))


def attack(url: str, n_requests: int, number: int) -> tuple[int, list[str]]:
    """Send odd requests to every POST endpoint; how many were sent, and what was wrong."""
    address = urlsplit(url)
    host, port = address.hostname or "", address.port or 80
    known = sorted(endpoints(url).items())
    n_sent = 0
    faults: list[str] = []

    @seed(number)
    @settings(
        max_examples=n_requests,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def one(data: st.DataObject) -> None:
        nonlocal n_sent
        path, example = data.draw(st.sampled_from(known))
        asked = data.draw(requests(f"{host}:{port}", path, example))
        wrong = fault(asked, sent(host, port, asked))
        n_sent += 1
        if wrong is not None:
            faults.append(f"{path}: {wrong}")

    one()
    return n_sent, faults


def schemathesis(url: str, n_examples: int) -> int:
    """Distinct failures that schemathesis reports.

    Raises:
        RuntimeError: it did not get as far as a report.
    """
    done = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "run", f"{url}/openapi.json"),
            *("--max-examples", str(n_examples), "--no-color", "--checks", "all"),
            *("--phases", "examples,coverage,fuzzing"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == 0:
        return 0
    found = re.search(r"(\d+) (?:unique )?(?:failure|issue)s?", done.stdout)
    if found is None:
        raise RuntimeError(f"schemathesis: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    print(done.stdout)
    return int(found[1])


if __name__ == "__main__":
    sys.exit(main())
