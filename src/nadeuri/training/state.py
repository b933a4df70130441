"""Where a training run stands, apart from its tensors, and how it gets to where it stands next."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class CurvePoint:
    """One epoch.

    Attributes:
        epoch: from 1; epochs that were lost to a stall count.
        loss: mean over the batches.
        metric: of the validation; None if there was none.
        seconds: since the run began.
        lr: learning rate at the epoch's end.
        grad_norm: mean gradient norm before clipping, of the steps in which it was finite.
        event: what happened to the run after the epoch, for people; None in an ordinary epoch.
    """

    epoch: int
    loss: float
    metric: float | None
    seconds: float
    lr: float
    grad_norm: float
    event: str | None = None


@dataclass
class Progress:
    """Where training stands; written into every checkpoint.

    Attributes:
        epoch: epochs trained, those lost to stalls included.
        age: epochs behind the present weights: where the schedule stands.
        best_age: age of the best weights.
        stale: validations since the best one.
        plateau: validations since the best one or since the rate was lowered.
        lr_scale: factor on the scheduled rate, from plateaus and recoveries.
        recoveries: stalls recovered from.
        given_up: a stall was reported after which there was no recovery left.
        born: the epoch after which the present weights were initialised.
        recovered: the epoch after which the last recovery took place.
        floor: validation metric of the baseline, once it was needed.
        precision: the resolved one, kept although the machine may change.
        scaler: state of the loss scaler.
        averaged_steps: steps in the moving average of the weights.
    """

    epoch: int = 0
    age: int = 0
    best_metric: float = -math.inf
    best_epoch: int = 0
    best_age: int = 0
    stale: int = 0
    plateau: int = 0
    lr_scale: float = 1.0
    recoveries: int = 0
    given_up: bool = False
    born: int = 0
    recovered: int = 0
    floor: float | None = None
    precision: str = ""
    scaler: dict[str, Any] = field(default_factory=dict)
    averaged_steps: int = 0
    seconds: float = 0.0
    curve: tuple[CurvePoint, ...] = ()

    def judge(self, metric: float) -> bool:
        """Count a validation; returns whether it is the best one."""
        is_best = metric > self.best_metric
        if is_best:
            self.best_metric, self.best_epoch, self.best_age = metric, self.epoch, self.age
            self.stale = self.plateau = 0
        else:
            self.stale += 1
            self.plateau += 1
        return is_best

    def lower_on_plateau(self, factor: float, patience: int) -> str | None:
        """ReduceLROnPlateau, as a factor on top of the schedule; returns what was done."""
        if factor == 1 or self.plateau < patience:
            return None
        self.lr_scale *= factor
        self.plateau = 0
        return f"plateau: rate x {factor:g}"

    def recover(self, factor: float, *, from_best: bool) -> str:
        """Go back to the best weights or begin anew, at a lower rate; returns what was done."""
        self.recoveries += 1
        self.lr_scale *= factor
        self.stale = self.plateau = 0
        self.recovered = self.epoch
        if from_best:
            self.age = self.best_age
            return f"restarted from epoch {self.best_epoch}, rate x {factor:g}"
        self.age, self.born = 0, self.epoch
        return f"restarted from new weights, rate x {factor:g}"
