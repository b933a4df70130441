"""The pages before the demo's world, run as ``nadeuri demo`` runs them."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PAGES = re.compile(r"^Pages +(\S+)$")
_SERVES = "Serving until"


@contextmanager
def demo_pages(home: Path, size: str) -> Iterator[str]:
    """The address of the pages while the block runs; what is done there is forgotten after it.

    Args:
        home: work folder of the demo, which is made where it is not there yet, and copied, so that
            no visitor's conversation or decision is left in it.

    Raises:
        SystemExit: the demo failed.
    """
    made = [*_demo(size), "--home", str(home)]
    subprocess.run(made, check=True, env={**os.environ, "DEMO_ONCE": "1"})
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "home"
        shutil.copytree(home, copy)
        command = [*_demo(size), "--home", str(copy), "--port", "0"]
        with subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "DEMO_ONCE": "0", "PYTHONUNBUFFERED": "1"},
        ) as process:
            try:
                yield _address(process)
            finally:
                process.send_signal(signal.SIGTERM)
                process.wait()


def _demo(size: str) -> list[str]:
    return [sys.executable, "-m", "nadeuri", "demo", "--size", size]


def _address(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    address = None
    for line in process.stdout:
        print(line, end="", flush=True)
        if found := _PAGES.match(line):
            address = found[1]
        if address and line.startswith(_SERVES):
            return address
    raise SystemExit("nadeuri demo does not serve; see above")
