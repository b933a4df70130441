"""What reports of comparisons and searches say, as far as the lab page shows it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from nadeuri import columns

NDCG = columns.at(columns.NDCG, 10)


class _Told(BaseModel):
    model_config = ConfigDict(frozen=True)


class Estimate(_Told):
    """A mean over cases and seeds, with its confidence interval over cases."""

    mean: float
    low: float
    high: float
    sd: float | None = None


class ListFigure(_Told):
    """A figure of recommendation lists over seeds."""

    mean: float
    sd: float | None = None


class Model(_Told):
    """One compared model.

    Attributes:
        valid: the deciding metric on the validation cases, by name.
        test: metrics on the test cases, by protocol (filtered, unfiltered) and name.
        lists: coverage, popularity bias and coherence.
    """

    name: str
    kind: str
    seeds: tuple[int, ...]
    train_seconds: float
    best_epochs: tuple[int | None, ...]
    valid: Mapping[str, Estimate]
    test: Mapping[str, Mapping[str, Estimate]]
    lists: Mapping[str, ListFigure]


class PairedTest(_Told):
    """Model ``a`` against ``b`` on the same cases; positive where ``a`` is better."""

    a: str
    b: str
    difference: float
    low: float
    high: float
    p_value: float


class Comparison(_Told):
    """A comparison of models and its choice.

    Attributes:
        history_lists: list figures of what travellers had clicked.
        target_lists: of what they clicked next.
    """

    dataset: str
    split: str
    cases: Mapping[str, int]
    filter_seen: bool
    ship: str
    not_worse_on_validation: tuple[PairedTest, ...] = ()
    models: tuple[Model, ...] = Field(min_length=1)
    history_lists: Mapping[str, float] = {}
    target_lists: Mapping[str, float] = {}
    paired_tests: tuple[PairedTest, ...] = ()

    @property
    def protocol(self) -> str:
        """Which of the two protocols models are judged by."""
        return "filtered" if self.filter_seen else "unfiltered"

    @property
    def metric(self) -> str:
        """The deciding one."""
        return next(iter(self.models[0].valid))

    def test(self, model: Model) -> Mapping[str, Estimate]:
        """A model's metrics on the test cases."""
        return model.test[self.protocol]

    def model(self, name: str) -> Model | None:
        """By name."""
        return next((model for model in self.models if model.name == name), None)


class Card(_Told):
    """A product of a sample list; ``hue`` numbers the values that are frequent there."""

    code: str
    name: str
    details: str
    hue: int | None = None
    is_target: bool = False


class SampleList(_Told):
    """A model's answer; ``rank`` of the target in it, if it is there."""

    model: str
    items: tuple[Card, ...]
    rank: int | None = None


class SampleUser(_Told):
    """A traveller: history oldest first, what was clicked next, and the models' lists.

    Attributes:
        user: their number in the data set.
    """

    user: int
    clicks: int
    history: tuple[Card, ...]
    target: Card
    lists: tuple[SampleList, ...]


class Candidate(_Told):
    """One setting of a search; figures are None where it was not trained to its end.

    Attributes:
        setting: a value for each axis.
        epochs: until training stopped.
    """

    name: str
    state: str
    setting: tuple[int | float | str, ...]
    seeds: tuple[int, ...] = ()
    ndcg: float | None = Field(None, alias=f"valid_{NDCG}")
    ndcg_sd: float | None = Field(None, alias=f"valid_{NDCG}.sd")
    epochs: float | None = None
    seconds_per_epoch: float | None = None
    seconds_to_best: float | None = None


class Convergence(_Told):
    """Epoch in which a setting's runs converged and in which they were stopped."""

    epoch: float
    stopped: float
    at_most: int
    runs: int


class Axis(_Told):
    """What a search varied, and the values it took."""

    name: str
    values: tuple[int | float | str, ...]


class StudyPlan(_Told):
    """``study.json``: what a search was to try."""

    axes: tuple[Axis, Axis]


class OnTest(_Told):
    """A setting on the test cases."""

    name: str
    ndcg: float = Field(alias=NDCG)


class Study(_Told):
    """``summary.json`` of a search for length x batch size or of a comparison of schedules.

    Attributes:
        tolerance: share of the best nDCG that may be lost for speed (length x batch size).
        best: name of the setting with the highest nDCG there.
        valid_against_as_is: paired test of picked against as-is on validation (schedules).
    """

    dataset: str
    cases: Mapping[str, int]
    picked: Candidate
    as_is: Candidate
    candidates: tuple[Candidate, ...]
    test: tuple[OnTest, ...] = ()
    test_against_as_is: PairedTest | None = None
    tolerance: float | None = None
    best: str | None = None
    estimated_max_len: int | None = None
    best_exponential_rate: float | None = None
    convergence: Mapping[str, Convergence] = {}
    valid_against_as_is: PairedTest | None = None

    def at(self, setting: tuple[int | float | str, ...]) -> Candidate | None:
        """The candidate with this setting, if it was tried."""
        return next((each for each in self.candidates if each.setting == setting), None)


class Point(NamedTuple):
    """One epoch of a training; what was not measured is None."""

    epoch: int
    metric: float | None
    lr: float | None
    event: str | None


Curves = Mapping[tuple[str, int], tuple[Point, ...]]
"""Of each training, by name and seed."""


def validated(points: tuple[Point, ...]) -> list[tuple[float, float]]:
    """The validated epochs: (epoch, metric)."""
    return [(point.epoch, point.metric) for point in points if point.metric is not None]
