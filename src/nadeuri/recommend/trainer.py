"""One training loop for every neural model, on CPU and CUDA.

Everything random in an epoch follows from ``(seed, epoch)``, and a checkpoint is written after
each epoch, so a run that was killed and started again ends in the same weights as one that was not.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Generic, Protocol, TypeVar

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from nadeuri.errors import ArtifactError, NadeuriError
from nadeuri.progress import progress
from nadeuri.recommend.config import TrainConfig
from nadeuri.recommend.schedules import lr_factor

CHECKPOINT = "checkpoint.safetensors"

Batch = TypeVar("Batch")


class Batches(Protocol[Batch]):  # type: ignore[misc]
    """Batches of an epoch, a function of the epoch's number alone."""

    def __len__(self) -> int: ...

    def epoch(self, epoch: int) -> Iterator[Batch]: ...


@dataclass(frozen=True)
class Task(Generic[Batch]):
    """What is trained.

    Attributes:
        network: the module whose parameters are trained.
        batches: the training data.
        loss: scalar loss of a batch, with the network on ``device``.
        validate: validation metric of the network as it is, higher is better.
    """

    network: nn.Module
    batches: Batches[Batch]
    loss: Callable[[Batch, torch.device], Tensor]
    validate: Callable[[], float]


@dataclass(frozen=True)
class CurvePoint:
    """One epoch.

    Attributes:
        loss: mean over the batches.
        metric: of the validation; None if there was none.
        seconds: since the run began.
        lr: learning rate at the epoch's end.
        grad_norm: mean gradient norm before clipping.
        event: what happened to the run, for people; None in an ordinary epoch.
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
    """Where training stands; written into every checkpoint."""

    epoch: int = 0
    best_metric: float = -math.inf
    best_epoch: int = 0
    stale: int = 0
    seconds: float = 0.0
    curve: tuple[CurvePoint, ...] = ()


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
        device: where to train; CUDA if there is one.

    Raises:
        ArtifactError: the checkpoint is damaged or belongs to another run.
        NadeuriError: the loss is no longer finite.
    """
    device = device or torch.device("cuda" if torch.cuda.is_available() else "cpu")
    network = task.network.to(device)
    optimizer = torch.optim.AdamW(
        network.parameters(), lr=config.lr, weight_decay=config.weight_decay, fused=True
    )
    best = _snapshot(network)
    state = Progress()
    checkpoint = folder / CHECKPOINT if folder else None
    if checkpoint and checkpoint.exists():
        state, best = _load(checkpoint, identity, network, optimizer)
        for point in state.curve:
            report(point)
    for epoch in range(state.epoch + 1, config.epochs + 1):
        if state.stale >= config.patience:
            break
        started = time.perf_counter()
        loss, grad_norm = _train_epoch(task, network, optimizer, config, seed, epoch, device)
        metric = None
        if epoch % config.eval_every == 0 or epoch == config.epochs:
            metric = task.validate()
            if metric > state.best_metric:
                state.best_metric, state.best_epoch, state.stale = metric, epoch, 0
                best = _snapshot(network)
            else:
                state.stale += 1
        state.epoch = epoch
        state.seconds += time.perf_counter() - started
        lr = optimizer.param_groups[0]["lr"]
        point = CurvePoint(epoch, loss, metric, state.seconds, lr, grad_norm)
        state.curve += (point,)
        if checkpoint:
            _save(checkpoint, identity, network, optimizer, best, state)
        report(point)
    network.load_state_dict(best)
    return state


def _train_epoch(
    task: Task[Batch],
    network: nn.Module,
    optimizer: torch.optim.Optimizer,
    config: TrainConfig,
    seed: int,
    epoch: int,
    device: torch.device,
) -> tuple[float, float]:
    """One pass over the batches; returns mean loss and mean gradient norm."""
    torch.manual_seed(seed * 1_000_003 + epoch)
    network.train()
    total, total_norm = torch.zeros((), device=device), torch.zeros((), device=device)
    first_step = (epoch - 1) * len(task.batches)
    batches = progress(
        task.batches.epoch(epoch), f"epoch {epoch}/{config.epochs}", len(task.batches)
    )
    for step, batch in enumerate(batches, start=first_step):
        factor = lr_factor(config, step, len(task.batches))
        for group in optimizer.param_groups:
            group["lr"] = config.lr * factor
        with torch.autocast(device.type, torch.bfloat16, enabled=config.precision == "bf16"):
            loss = task.loss(batch, device)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        total_norm += nn.utils.clip_grad_norm_(network.parameters(), config.clip_norm)
        optimizer.step()
        total += loss.detach()
    mean = float(total) / len(task.batches)
    if not math.isfinite(mean):
        raise NadeuriError(
            f"training: the loss of epoch {epoch} is {mean}; lower train.lr ({config.lr:g}) "
            f"or train.clip_norm ({config.clip_norm:g}), or use train.precision = 'fp32'"
        )
    return mean, float(total_norm) / len(task.batches)


def _snapshot(network: nn.Module) -> dict[str, Tensor]:
    return {name: tensor.detach().clone() for name, tensor in network.state_dict().items()}


def _save(
    path: Path,
    identity: str,
    network: nn.Module,
    optimizer: torch.optim.Optimizer,
    best: dict[str, Tensor],
    state: Progress,
) -> None:
    tensors = {f"network.{name}": tensor for name, tensor in network.state_dict().items()}
    tensors |= {f"best.{name}": tensor for name, tensor in best.items()}
    for index, slots in optimizer.state_dict()["state"].items():
        tensors |= {f"optimizer.{index}.{slot}": tensor for slot, tensor in slots.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    save_file(
        {name: tensor.contiguous() for name, tensor in tensors.items()},
        partial,
        metadata={"identity": identity, "progress": json.dumps(asdict(state))},
    )
    partial.replace(path)


def _load(
    path: Path, identity: str, network: nn.Module, optimizer: torch.optim.Optimizer
) -> tuple[Progress, dict[str, Tensor]]:
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
    groups: dict[str, dict[str, Tensor]] = {"network": {}, "best": {}, "optimizer": {}}
    for name, tensor in tensors.items():
        group, _, rest = name.partition(".")
        groups[group][rest] = tensor
    network.load_state_dict(groups["network"])
    slots: dict[int, dict[str, Tensor]] = {}
    for name, tensor in groups["optimizer"].items():
        index, _, slot = name.partition(".")
        slots.setdefault(int(index), {})[slot] = tensor
    optimizer.load_state_dict({**optimizer.state_dict(), "state": slots})
    raw = json.loads(metadata["progress"])
    raw["curve"] = tuple(CurvePoint(**point) for point in raw["curve"])
    return Progress(**raw), groups["best"]
