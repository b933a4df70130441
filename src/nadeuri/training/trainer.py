"""One training loop for every neural model, on CPU and CUDA.

Everything random in an epoch follows from ``(seed, epoch)``, and a checkpoint is written after
each epoch, so a run that was killed and started again ends in the same weights as one that was not.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Generic

import torch
from torch import Tensor, nn

from nadeuri.errors import DataError, NadeuriError
from nadeuri.progress import notice, progress
from nadeuri.training import checkpoint, distributed, heap, precision
from nadeuri.training.config import TrainConfig
from nadeuri.training.ema import MovingAverage
from nadeuri.training.schedules import shape, warm_up
from nadeuri.training.stall import find_stall, is_above
from nadeuri.training.state import CurvePoint, Progress
from nadeuri.training.task import LR_SHARE, Batch, Task

RESEED = 1_000_003
"""Distance of the seeds of epochs and of new weights from one another: seeds in use are small."""


def fit(
    task: Task[Batch],
    config: TrainConfig,
    *,
    seed: int,
    folder: Path | None = None,
    identity: str = "",
    report: Callable[[CurvePoint], None] = lambda point: None,
    device: torch.device | None = None,
) -> Progress:
    """Train ``task.network`` in place; it ends with the weights of the best validation.

    Args:
        seed: decides, with the epoch's number, everything random.
        folder: where the checkpoint lives; None trains without one.
        identity: describes configuration and data; a checkpoint of another identity is refused.
        report: called with every epoch, those of a resumed run first (tracking).
        device: where to train; CUDA if there is one and the task can.

    In a job of several processes (:mod:`nadeuri.training.distributed`) only the first one
    validates, writes and reports; all end with the same weights.

    Raises:
        ArtifactError: the checkpoint is damaged or belongs to another run.
        DataError: there is nothing to train on.
        NadeuriError: the loss is no longer finite, and all recoveries are used up; or several
            processes for a task that takes its own steps.
    """
    if not len(task.batches):
        raise DataError("training: no batches; the training part has nothing to learn from")
    group = distributed.current()
    if task.step and group.world > 1:
        raise NadeuriError("training: this model learns in one process; start it without torchrun")
    on = torch.device("cpu") if task.step else device or group.device
    run = _Run(task, config, seed, on, group)
    path = folder / checkpoint.CHECKPOINT if folder else None
    if path and path.exists():
        run.restore(*checkpoint.load(path, identity))
    group.require_same(run.network, f"{identity} {run.state.epoch}")
    for point in run.state.curve if group.is_first else ():
        report(point)
    heap.keep_free_pages()
    while not run.is_finished:
        point = run.advance()
        if not group.is_first:
            continue
        if path:
            checkpoint.save(path, identity, run.state, run.tensors())
        report(point)
    run.load_best()
    return run.state


class _Run(Generic[Batch]):
    """A training run between two epochs."""

    def __init__(
        self,
        task: Task[Batch],
        config: TrainConfig,
        seed: int,
        device: torch.device,
        group: distributed.Group,
    ) -> None:
        self.task, self.config, self.seed, self.device = task, config, seed, device
        self.group = group
        self.network = task.network.to(device)
        self.optimizer = task.optimizer(self.network.parameters(), config)
        self.average = MovingAverage(self.network, config.ema_decay)
        self.best = _snapshot(self.network)
        resolved = group.agree(lambda: precision.resolve(config.precision, device))
        self.state = Progress(precision=resolved)
        self.scaler = precision.grad_scaler(self.state.precision, device)

    @property
    def is_finished(self) -> bool:
        return self.state.age >= self.config.epochs or self.state.stale >= self.config.patience

    def advance(self) -> CurvePoint:
        """One epoch: train, validate when it is time, lower the rate or recover where needed."""
        started = time.perf_counter()
        config, state = self.config, self.state
        loss, grad_norm = self._train_epoch()
        heap.give_back_free_pages()
        state.epoch += 1
        state.age += 1
        is_due = state.age % config.eval_every == 0 or state.age == config.epochs
        metric = self._validate() if is_due and math.isfinite(loss) else None
        event = state.lower_on_plateau(config.plateau_factor, config.plateau_patience)
        state.seconds += time.perf_counter() - started
        lr = self.optimizer.param_groups[0]["lr"]
        point = CurvePoint(state.epoch, loss, metric, state.seconds, lr, grad_norm, event)
        return self._keep(point)

    def _train_epoch(self) -> tuple[float, float]:
        """One pass over the batches; returns mean loss and mean gradient norm."""
        config, state, batches = self.config, self.state, self.task.batches
        # every process drops other units, as every row does
        torch.manual_seed(self.seed * RESEED + state.epoch + 1 + self.group.rank * RESEED**2)
        self.network.train()
        bar: Iterable[Batch] = batches.epoch(state.epoch + 1)
        if self.group.is_first:
            bar = progress(bar, f"epoch {state.age + 1}/{config.epochs}", len(batches))
        first, since_recovery = (
            epochs * len(batches) for epochs in (state.age, state.epoch - state.recovered)
        )
        # one block for all: a small tensor kept from every step would fragment the heap
        losses, norms = torch.zeros(2, len(batches), device=self.device)
        for step, batch in enumerate(bar):
            factor = warm_up(since_recovery + step, config.warmup_steps)
            factor *= shape(config, first + step, len(batches)) * state.lr_scale
            for group in self.optimizer.param_groups:
                group["lr"] = config.lr * group.get(LR_SHARE, 1.0) * factor
            losses[step], norms[step] = self._step(batch)
        return self._means(losses, norms)

    def _step(self, batch: Batch) -> tuple[float | Tensor, float | Tensor]:
        """Learn from a batch; returns its loss and the norm of its gradient."""
        if self.task.loss:
            loss: float | Tensor = self._gradients(batch, self.task.loss)
            norm: float | Tensor = self._update()
        else:
            assert self.task.step is not None
            loss, norm = self.task.step(batch, self.optimizer)
        self.average.update()
        return loss, norm

    def _gradients(self, batch: Batch, loss_of: Callable[[Batch, torch.device], Tensor]) -> Tensor:
        """Leave the gradients of a batch in the network, scaled; returns the loss."""
        share, weight = self.group.share(batch)
        with precision.autocast(self.state.precision, self.device):
            loss = loss_of(share, self.device) * weight
        self.optimizer.zero_grad(set_to_none=True)
        self.scaler.scale(loss).backward()  # type: ignore[no-untyped-call]
        return self.group.sum_gradients(self.network, loss.detach())

    def _update(self) -> Tensor:
        """Take a step along the gradients; returns their norm."""
        self.scaler.unscale_(self.optimizer)
        norm = _clip(self.network.parameters(), self.config.clip_norm)
        self.scaler.step(self.optimizer)
        self.scaler.update()
        return norm

    def _means(self, losses: Tensor, norms: Tensor) -> tuple[float, float]:
        """Mean loss and gradient norm of the steps that were taken; NaN if the weights broke."""
        if self.scaler.is_enabled():
            taken = norms.isfinite()
            losses, norms = losses[taken], norms[taken]
        loss, norm = float(losses.mean()), float(norms.mean())
        # a step along a gradient that is not finite ruins the weights, however fine the loss was
        return (loss if math.isfinite(norm) else math.nan), norm

    def _validate(self) -> float:
        """Judge the weights; keep them if they are the best so far."""
        state = self.state
        if state.floor is None and self.task.floor:
            state.floor = self.group.agree(self.task.floor)
        with self.average.applied():
            metric = self.group.agree(self.task.validate)
            if state.judge(metric):
                self.best = _snapshot(self.network)
        return metric

    def _keep(self, point: CurvePoint) -> CurvePoint:
        """Add an epoch to the curve; if training has stalled there, recover."""
        state = self.state
        cause = find_stall(
            (*state.curve, point),
            self.config,
            steps_per_epoch=len(self.task.batches),
            born=state.born,
            recovered=state.recovered,
            floor=state.floor,
            stopping=state.stale >= self.config.patience,
        )
        if cause and not (state.given_up and math.isfinite(point.loss)):
            events = (point.event, f"stall: {cause}; {self._recover(point)}")
            point = replace(point, event="; ".join(filter(None, events)))
        if point.event and self.group.is_first:
            notice(f"epoch {point.epoch}: {point.event}")
        state.scaler, state.averaged_steps = self.scaler.state_dict(), self.average.steps
        state.curve += (point,)
        return point

    def _recover(self, point: CurvePoint) -> str:
        """Go on at a lower rate from the best weights, or from new ones; returns what was done."""
        config, state = self.config, self.state
        if state.recoveries >= config.recoveries:
            state.given_up = True
            if math.isfinite(point.loss):
                return "no recovery left"
            raise NadeuriError(
                f"training: the loss of epoch {point.epoch} is {point.loss} after "
                f"{state.recoveries} recoveries; lower train.lr ({config.lr:g}) or train.clip_norm "
                f"({config.clip_norm:g}), or use train.precision = 'fp32'"
            )
        learned = is_above(state.best_metric, state.floor)
        done = state.recover(config.recovery_factor, from_best=learned)
        if learned:
            self.network.load_state_dict(self.best)
        else:
            fresh = self.task.initialise(self.seed + RESEED * state.recoveries)
            self.network.load_state_dict(fresh.state_dict())
        self.optimizer.state.clear()
        self.average.forget()
        return done

    def tensors(self) -> checkpoint.Tensors:
        """Everything a checkpoint needs beside the state."""
        slots = self.optimizer.state_dict()["state"]
        return {
            "network": self.network.state_dict(),
            "best": self.best,
            "average": self.average.tensors(),
            **{f"optimizer.{index}": named for index, named in slots.items()},
        }

    def restore(self, state: Progress, groups: Mapping[str, Mapping[str, Tensor]]) -> None:
        """Go on from a checkpoint, in the precision it was started in."""
        self.state, self.best = state, dict(groups["best"])
        self.network.load_state_dict(groups["network"])
        self.average.load(groups.get("average", {}), state.averaged_steps)
        slots: dict[int, dict[str, Tensor]] = {}
        for name, tensor in groups.get("optimizer", {}).items():
            index, _, slot = name.partition(".")
            slots.setdefault(int(index), {})[slot] = tensor
        self.optimizer.load_state_dict({**self.optimizer.state_dict(), "state": slots})
        self.scaler = precision.grad_scaler(state.precision, self.device)
        self.scaler.load_state_dict(state.scaler)

    def load_best(self) -> None:
        """Leave the network with the weights of the best validation."""
        self.network.load_state_dict(self.best)


def _snapshot(network: nn.Module) -> dict[str, Tensor]:
    return {name: tensor.detach().clone() for name, tensor in network.state_dict().items()}


def _clip(parameters: Iterable[nn.Parameter], max_norm: float) -> Tensor:
    """Scale the gradients to at most ``max_norm``; returns their norm before."""
    gradients = [p.grad for p in parameters if p.grad is not None]
    norm = nn.utils.get_total_norm(gradients)
    torch._foreach_mul_(gradients, (max_norm / (norm + 1e-6)).clamp_max(1.0))
    return norm
