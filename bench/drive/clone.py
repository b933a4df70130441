"""``make demo`` on a clean clone with an empty cache: how long it takes and what it downloads."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

MIB = 1 << 20
_FETCHED = re.compile(r"Downloading (?P<name>\S+) \((?P<size>[\d.]+) (?P<unit>[kMG]?B)\)")
_UNITS = {"B": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9}
_LOCAL = re.compile(r"(?:Processing|Looking up) (?P<path>/\S+\.(?:whl|tar\.gz))")
_NO_RESULT = {"PIP_NO_CACHE_DIR", "DEMO_ONCE", "NADEURI_HOME", "PYTHONPATH", "VIRTUAL_ENV"}
"""Of the environment: would let the clone see what is not its own."""


def measure_demo(root: Path) -> tuple[dict[str, float], list[dict[str, Any]]]:
    """Clone the repository, install it, run its demo once; figures and details.

    What pip downloads is what its log says, and the size of the files that it took from a folder
    of this machine instead of downloading them, where it is set up to do so.

    Args:
        root: of the repository; what is not committed does not count.

    Raises:
        CalledProcessError: a step failed.
    """
    with tempfile.TemporaryDirectory() as folder:
        clone, cache, log = (Path(folder) / name for name in ("clone", "cache", "pip.log"))
        subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", root, clone], check=True)
        environment = {name: value for name, value in os.environ.items() if name not in _NO_RESULT}
        environment |= {"PIP_CACHE_DIR": str(cache), "PIP_LOG": str(log)}
        install_s = _seconds(["make", "install"], clone, environment)
        demo_s = _seconds(["make", "demo"], clone, environment | {"DEMO_ONCE": "1"})
        said = log.read_text(encoding="utf-8", errors="replace")
        over_network, local = fetched_bytes(said), local_bytes(said)
        installed = _size(clone / ".venv")
        made = _size(clone / "work")
    figures = {
        "demo.seconds": round(install_s + demo_s, 1),
        "demo.install_seconds": round(install_s, 1),
        "demo.download_mib": round((over_network + local) / MIB, 1),
    }
    details = {
        "downloaded_mib": round(over_network / MIB, 1),
        "instead_of_downloads_mib": round(local / MIB, 1),
        "installed_mib": round(installed / MIB, 1),
        "demo_made_mib": round(made / MIB, 1),
    }
    return figures, [details]


def _seconds(command: list[str], folder: Path, environment: Mapping[str, str]) -> float:
    print("$", *command, flush=True)
    started = time.monotonic()
    subprocess.run(command, cwd=folder, env=environment, check=True)
    return time.monotonic() - started


def fetched_bytes(log: str) -> float:
    """Of the distributions that pip downloaded, each once, as it rounds them."""
    sizes = {
        each["name"]: float(each["size"]) * _UNITS[each["unit"]] for each in _FETCHED.finditer(log)
    }
    return sum(sizes.values())


def local_bytes(log: str) -> int:
    """Of the distributions that pip took from a folder of this machine."""
    paths = {Path(found["path"]) for found in _LOCAL.finditer(log)}
    return sum(path.stat().st_size for path in paths if path.is_file())


def _size(folder: Path) -> int:
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file())
