"""What a training run needs to know about a model: its batches, its loss and how it is judged."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import torch
from torch import Tensor, nn

from nadeuri.training.config import TrainConfig

Batch = TypeVar("Batch")

LR_SHARE = "lr_share"
"""Key of an optimiser's group of parameters: what it gets of the learning rate (1 where absent)."""


class Batches(Protocol[Batch]):  # type: ignore[misc]
    """Batches of an epoch, a function of the epoch's number alone."""

    def __len__(self) -> int: ...

    def epoch(self, epoch: int) -> Iterator[Batch]: ...


def adamw(parameters: Iterable[nn.Parameter], config: TrainConfig) -> torch.optim.Optimizer:
    """The optimiser of every network whose steps touch all of its weights."""
    return torch.optim.AdamW(parameters, lr=config.lr, weight_decay=config.weight_decay, fused=True)


@dataclass(frozen=True)
class Task(Generic[Batch]):
    """What is trained.

    Attributes:
        network: the module whose parameters are trained.
        batches: the training data.
        loss: scalar loss of a batch, with the network on ``device``; None where there is ``step``.
        validate: validation metric of the network as it is, higher is better.
        initialise: a network like ``network`` with new weights from a seed, for a training that
            stalled before it had learned anything.
        floor: the validation metric of the baseline, which a model has to leave behind.
        optimizer: what takes the steps.
        step: learns from a batch and returns its loss and the norm of a usual gradient, for a model
            whose weights change many times within a batch: on the CPU, in one process, without
            clipping or mixed precision. The optimiser holds the rate and what has to be resumed.
    """

    network: nn.Module
    batches: Batches[Batch]
    loss: Callable[[Batch, torch.device], Tensor] | None
    validate: Callable[[], float]
    initialise: Callable[[int], nn.Module]
    floor: Callable[[], float] | None = None
    optimizer: Callable[[Iterable[nn.Parameter], TrainConfig], torch.optim.Optimizer] = adamw
    step: Callable[[Batch, torch.optim.Optimizer], tuple[float, float]] | None = None
