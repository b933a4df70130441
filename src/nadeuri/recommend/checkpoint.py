"""Where a training run stands, and the file that keeps it: nothing is lost when a run is killed."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from nadeuri.errors import ArtifactError

CHECKPOINT = "checkpoint.safetensors"

Tensors = Mapping[str, Mapping[str, Tensor]]
"""Named groups of named tensors: the network's, the optimiser's and so on."""


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
        floor: validation metric of the popularity baseline, once it was needed.
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


def save(path: Path, identity: str, progress: Progress, tensors: Tensors) -> None:
    """Write a checkpoint, whole or not at all.

    Args:
        identity: describes configuration and data.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    save_file(
        {
            f"{group}.{name}": tensor.contiguous()
            for group, named in tensors.items()
            for name, tensor in named.items()
        },
        partial,
        metadata={"identity": identity, "progress": json.dumps(asdict(progress))},
    )
    partial.replace(path)


def load(path: Path, identity: str) -> tuple[Progress, dict[str, dict[str, Tensor]]]:
    """Read a checkpoint back.

    Raises:
        ArtifactError: damaged, or of another identity.
    """
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata()
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (OSError, SafetensorError) as error:
        raise ArtifactError(
            f"{path}: damaged checkpoint ({error}); delete it to start again"
        ) from error
    if metadata["identity"] != identity:
        raise ArtifactError(
            f"{path}: checkpoint of another configuration or data set; "
            "delete it or train into another folder"
        )
    raw = json.loads(metadata["progress"])
    raw["curve"] = tuple(CurvePoint(**point) for point in raw["curve"])
    groups: dict[str, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        group, _, rest = name.partition(".")
        groups.setdefault(group, {})[rest] = tensor
    return Progress(**raw), groups
