"""The audit of code and dependencies: what it makes of the tools' answers."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def audit() -> ModuleType:
    spec = importlib.util.spec_from_file_location("audit", ROOT / "deploy/audit.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["audit"] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("code", "said", "errors", "failed", "expected"),
    [
        (0, "", "No known vulnerabilities found", False, "none is known"),
        (1, "flask 1.0 PYSEC-1", "Found 1 known vulnerability in 1 package", True, "PYSEC-1"),
        (1, "", "requests.exceptions.ConnectionError: NameResolutionError", False, "no network"),
        (1, "", "ERROR:pip_audit._cli:Could not connect to OSV", False, "no network"),
        (1, "", "ERROR:pip_audit._cli:invalid requirement", True, "invalid requirement"),
    ],
)
def test_no_network_is_told_from_a_finding(
    audit: ModuleType, code: int, said: str, errors: str, failed: bool, expected: str
) -> None:
    verdict = audit.judged(code, said, errors)
    assert verdict.failed is failed
    assert expected in verdict.said


@pytest.mark.parametrize(
    ("licence", "copyleft"),
    [
        ("GPL-3.0-or-later", True),
        ("AGPL-3.0-only", True),
        ("GNU General Public License v3 (GPLv3)", True),
        ("GNU Affero General Public License v3", True),
        ("GPL-2.0-only AND MIT", True),
        ("MIT OR GPL-2.0-only", False),
        ("LGPL-2.1-only", False),
        ("GNU Lesser General Public License v3 (LGPLv3)", False),
        ("GNU Library or Lesser General Public License (LGPL)", False),
        ("BSD-3-Clause", False),
    ],
)
def test_copyleft(audit: ModuleType, licence: str, copyleft: bool) -> None:
    assert audit.is_copyleft(licence) is copyleft


def test_the_closure_is_that_of_the_image(audit: ModuleType) -> None:
    extras = audit.served_extras((ROOT / "deploy/Dockerfile").read_text(encoding="utf-8"))
    assert "serve" in extras
    packages = audit.closure(extras)
    assert {"flask", "gunicorn", "werkzeug", "onnxruntime"} <= set(packages)
    assert not {"torch", "mlflow", "pytest"} & set(packages)


def test_no_package_of_the_image_is_under_the_gpl(audit: ModuleType) -> None:
    verdict = audit.licences()
    assert not verdict.failed, verdict.said


def test_tools_are_pinned() -> None:
    lines = (ROOT / "deploy/audit-requirements.txt").read_text(encoding="utf-8").splitlines()
    assert all("==" in line for line in lines if not line.startswith("#"))
