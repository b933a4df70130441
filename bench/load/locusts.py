"""Run the same load in a real Locust and read its table of results."""

from __future__ import annotations

import math
import os
import subprocess
from pathlib import Path

from load.api import Api
from load.endpoints import Requests
from load.samples import Sample, read_jtl
from load.scenario import write_requests
from nadeuri.errors import ConfigError

FILE = Path(__file__).parents[2] / "deploy" / "load" / "locustfile.py"
_SPARE_S = 60
_LATE_S = 5
"""Its clock runs before its first request leaves; what comes too late is cut off."""


def run_locust(
    tools: Path,
    api: Api,
    requests: Requests,
    folder: Path,
    *,
    rps: float,
    ramp_s: float,
    seconds: float,
    threads: int,
) -> list[Sample]:
    """Run the locustfile against a server and return what its users saw.

    Args:
        tools: virtual environment with Locust.
        folder: for requests and the table of results.
        threads: users; together they ask ``rps`` times a second if they are answered in time.

    Raises:
        ConfigError: no Locust there, or it ended with an error.
    """
    program = tools / "bin" / "locust"
    if not program.is_file():
        raise ConfigError(f"{tools}: no Locust there; make load-tools installs it")
    write_requests(folder / "requests", requests)
    table = folder / "samples.jtl"
    table.unlink(missing_ok=True)
    done = subprocess.run(
        [
            *(str(program), "--locustfile", str(FILE), "--headless", "--host", api.url),
            *("--users", str(threads), "--spawn-rate", f"{threads / max(ramp_s, 1):.3f}"),
            *("--run-time", f"{math.ceil(seconds + _LATE_S)}s", "--stop-timeout", "30s"),
            *("--exit-code-on-error", "0", "--per-user", f"{rps / threads:.4f}"),
            *("--requests", str(folder / "requests"), "--jtl", str(table)),
        ],
        env={**os.environ, **({"NADEURI_API_KEY": api.key} if api.key else {})},
        capture_output=True,
        text=True,
        check=False,
        timeout=seconds + _SPARE_S,
    )
    if done.returncode or not table.is_file():
        said = " | ".join((done.stdout + done.stderr).strip().splitlines()[-3:])
        raise ConfigError(f"Locust failed: {said}")
    samples = read_jtl(table)
    return [sample for sample in samples if sample.start_s < samples[0].start_s + seconds]
