"""Audit code and dependencies, with the Python whose packages are meant: audit.py TOOLS OUT.

TOOLS is the virtual environment of ``audit-requirements.txt``; the list of parts goes to
``OUT/sbom.json`` (CycloneDX). Goes on after a failure, so that one call shows all; exits with 1 if
any check failed. Known vulnerabilities are asked for at OSV; without a network that is said, and is
no failure.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import NamedTuple

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
NAME = "nadeuri"
NO_NETWORK = "not checked: no network"
NOT_SECRETS = r"^(password|secret|testing|playwithdata)$"
"""Of examples in text, and of servers that tests start."""
NO_SECRETS_IN = r"(^|/)(bench/results/.*\.json|match/default/.*|.*\.(tsv|svg|png))$"
"""Checksums, tables of words, weights of trees and pictures."""
_COPYLEFT = re.compile(r"(?<!L)(?<!Lesser )\b(AGPL|GPL)|GNU (Affero )?General Public", re.I)
_UNREACHABLE = ("ConnectionError", "Could not connect", "NameResolutionError", "Timeout")


class Verdict(NamedTuple):
    """How a check went: whether it failed, and what is to be said."""

    failed: bool
    said: str


def main(tools: Path, out: Path) -> int:
    """Run every check; the exit code."""
    out.mkdir(parents=True, exist_ok=True)
    checks: dict[str, Callable[[], Verdict]] = {
        "bandit": lambda: bandit(tools),
        "secrets": lambda: secrets(tools),
        "licences": licences,
        "sbom": lambda: sbom(tools, out / "sbom.json"),
        "vulnerabilities": lambda: vulnerabilities(tools),
    }
    failed = False
    for name, check in checks.items():
        verdict = check()
        failed |= verdict.failed
        print(f"{'FAILED' if verdict.failed else 'ok':7} {name:16} {verdict.said}", flush=True)
    return int(failed)


def bandit(tools: Path) -> Verdict:
    """Code that is dangerous in itself, by the settings in pyproject.toml."""
    done = _run(tools, "bandit", "--quiet", "--recursive", "src", "--configfile", "pyproject.toml")
    return Verdict(done.returncode != 0, done.stdout.strip() if done.returncode else "")


def secrets(tools: Path) -> Verdict:
    """Keys and passwords in the files that git knows."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True
    )
    kept = ("--exclude-secrets", NOT_SECRETS, "--exclude-files", NO_SECRETS_IN)
    done = _run(tools, "detect-secrets-hook", *kept, *listed.stdout.rstrip("\0").split("\0"))
    return Verdict(done.returncode != 0, done.stdout.strip())


def licences() -> Verdict:
    """No package that the API's image has may ask for the source of what is served with it."""
    dockerfile = (ROOT / "deploy/Dockerfile").read_text(encoding="utf-8")
    wrong = {}
    packages = closure(served_extras(dockerfile))
    for package in packages.values():
        declared = licence_of(package)
        if not declared or is_copyleft(declared):
            wrong[package.metadata["Name"]] = declared or "none is declared"
    said = "; ".join(f"{name}: {declared}" for name, declared in sorted(wrong.items()))
    return Verdict(bool(wrong), said or f"{len(packages)} packages of the API, none under the GPL")


def sbom(tools: Path, out: Path) -> Verdict:
    """The list of every installed part, in CycloneDX."""
    options = ("--pyproject", "pyproject.toml", "--output-reproducible", "--output-file", str(out))
    done = _run(tools, "cyclonedx-py", "environment", *options, sys.executable)
    if done.returncode:
        return Verdict(True, done.stderr.strip())
    parts = json.loads(out.read_text(encoding="utf-8"))["components"]
    return Verdict(False, f"{len(parts)} parts in {out}")


def vulnerabilities(tools: Path) -> Verdict:
    """Known ones of the pinned packages."""
    options = ("--requirement", "constraints.txt", "--no-deps", "--disable-pip", "--strict")
    done = _run(
        tools, "pip-audit", *options, "--vulnerability-service", "osv", "--progress-spinner", "off"
    )
    return judged(done.returncode, done.stdout, done.stderr)


def judged(code: int, said: str, errors: str) -> Verdict:
    """What pip-audit's answer means: it fails in the same way for a finding and for no network."""
    if code == 0:
        return Verdict(False, "none is known")
    if re.search(r"Found \d+ known vulnerabilit", errors):
        return Verdict(True, said.strip())
    if any(sign in errors for sign in _UNREACHABLE):
        return Verdict(False, NO_NETWORK)
    return Verdict(True, errors.strip())


def served_extras(dockerfile: str) -> set[str]:
    """The extras that the image of the API is installed with.

    Raises:
        ValueError: the Dockerfile installs none for the API.
    """
    found = re.search(r"'\.\[(serve[^\]]*)\]'", dockerfile)
    if found is None:
        raise ValueError("deploy/Dockerfile: no line installs '.[serve,...]'")
    return set(found[1].split(","))


def closure(extras: set[str]) -> dict[str, Distribution]:
    """What is installed of the package with these extras, and all that it needs, by name."""
    found: dict[str, Distribution] = {}
    seen: set[tuple[str, str]] = set()
    waiting = [(NAME, extra) for extra in ("", *extras)]
    while waiting:
        name, extra = waiting.pop()
        if (name, extra) in seen:
            continue
        seen.add((name, extra))
        try:
            found[name] = distribution(name)
        except PackageNotFoundError:
            continue  # needed on another system, or another version of Python
        waiting += _needed(found[name], extra)
    found.pop(NAME)
    return found


def licence_of(package: Distribution) -> str:
    """What a package says of its licence: the expression, the text, or the classifiers."""
    told = package.metadata
    classified = [
        each.rpartition("::")[2].strip()
        for each in told.get_all("Classifier", [])
        if each.startswith("License ::")
    ]
    stated = told.get("License-Expression") or "; ".join(classified) or told.get("License", "")
    return stated.strip().partition("\n")[0]


def is_copyleft(licence: str) -> bool:
    """Whether a licence is the GPL or the AGPL, and nothing else may be chosen instead of it."""
    choices = re.split(r"\bOR\b", licence)
    return all(_COPYLEFT.search(choice) and "Lesser" not in choice for choice in choices)


def _needed(package: Distribution, extra: str) -> Iterator[tuple[str, str]]:
    for text in package.requires or ():
        needed = Requirement(text)
        if needed.marker is None or needed.marker.evaluate({"extra": extra}):
            name = canonicalize_name(needed.name)
            yield from ((name, each) for each in ("", *needed.extras))


def _run(tools: Path, tool: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(tools.resolve() / "bin" / tool), *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
