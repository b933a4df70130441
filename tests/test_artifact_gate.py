"""The quality gate, on artefacts of a toy kind."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nadeuri.artifact import Artifact, Manifest, write_artifact
from nadeuri.artifact_gate import METRICS, Finding, Limit, Verdict, judge
from nadeuri.errors import ArtifactError, ConfigError

figures = st.floats(0, 1)
Model = Callable[..., Artifact]


@pytest.fixture
def model(tmp_path: Path) -> Model:
    def write(
        name: str, metrics: dict[str, Any], *, kind: str = "toy", data: str = "a"
    ) -> Artifact:
        return write_artifact(
            tmp_path / name,
            kind,
            lambda to: (to / METRICS).write_text(json.dumps(metrics)) and None,
            metadata={},
            data_fingerprint=data,
        )

    return write


def as_champion(artifact: Artifact) -> tuple[Manifest, Any]:
    return artifact.manifest, artifact.read_json(METRICS)


def verdict(model: Model, new: Any, old: Any, limit: str) -> Verdict:
    return judge(
        model("new", {"f1": new}), as_champion(model("old", {"f1": old})), [Limit.parse(limit)]
    )


@pytest.mark.parametrize(
    ("new", "old", "limit", "passed"),
    [
        (0.5, 0.5, "f1", True),
        (0.51, 0.5, "f1", True),
        (0.499, 0.5, "f1", False),
        (0.499, 0.5, "f1:0.01", True),
        (0.489, 0.5, "f1:0.01", False),
        (math.nan, 0.5, "f1:9", False),
        (math.inf, 0.5, "f1", False),
        (0.1, math.nan, "f1", True),
        (1, 0, "f1", True),
    ],
)
def test_what_passes(new: Any, old: Any, limit: str, passed: bool, model: Model) -> None:
    assert verdict(model, new, old, limit).passed is passed


def test_each_limit_has_to_hold(model: Model) -> None:
    old = model("old", {"f1": 0.5, "recall": 0.5})
    new = model("new", {"f1": 0.6, "recall": 0.4})
    found = judge(new, as_champion(old), [Limit("f1"), Limit("recall")])
    assert [finding.passed for finding in found.findings] == [True, False]
    assert not found.passed


def test_the_first_model_passes_if_its_figures_are_numbers(model: Model) -> None:
    assert judge(model("new", {"f1": 0.0}), None, [Limit("f1")]).passed
    assert not judge(model("nan", {"f1": math.nan}), None, [Limit("f1")]).passed


@pytest.mark.parametrize("figure", [None, "0.5", True, [0.5]])
def test_a_figure_that_is_none_is_an_error(figure: Any, model: Model) -> None:
    good, bad = model("good", {"f1": 0.5}), model("bad", {"f1": figure, "mrr": 1.0})
    for new, old in ((good, bad), (bad, good)):
        with pytest.raises(ArtifactError, match=r"no figure 'f1'; it has .*mrr"):
            judge(new, as_champion(old), [Limit("f1")])


def test_another_kind_is_an_error(model: Model) -> None:
    old = model("old", {"f1": 0.5}, kind="other")
    with pytest.raises(ArtifactError, match="holds a toy artefact, the champion is a other"):
        judge(model("new", {"f1": 0.5}), as_champion(old), [Limit("f1")])


def test_other_data_are_noticed(model: Model) -> None:
    new = model("new", {"f1": 0.5})
    for data, same in (("a", True), ("b", False), (None, None)):
        old = as_champion(model("old", {"f1": 0.5}, data=data))
        assert judge(new, old, [Limit("f1")]).same_data is same
    assert judge(new, None, [Limit("f1")]).same_data is None


@given(figures, figures, figures)
def test_a_tolerance_only_helps_and_a_better_model_always_passes(
    new: float, old: float, tolerance: float
) -> None:
    assert Finding(Limit("f1"), max(new, old), min(new, old)).passed
    if Finding(Limit("f1"), new, old).passed:
        assert Finding(Limit("f1", tolerance), new, old).passed


@pytest.mark.parametrize("text", ["", ":0.1", "f1:", "f1:-1", "f1:nan", "f1:inf", "f1:x", "f1:1:1"])
def test_limits_that_are_none(text: str) -> None:
    with pytest.raises(ConfigError, match="METRIC:TOLERANCE"):
        Limit.parse(text)
