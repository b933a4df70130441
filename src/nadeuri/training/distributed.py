"""Data-parallel training: processes that torchrun started take one step together.

Every process computes the same batches, a function of seed and epoch, and takes its share of a
batch's rows. A share's loss counts by its part of what the batch asks about, so the sum of the
processes' gradients is the gradient of the whole batch in one process, and all processes take the
same step. Only dropout and sampled negatives are drawn anew by each of them.

Gradients travel as one flat tensor rather than through torch's DistributedDataParallel. That wants
every loss inside ``forward``, averages where a sum is needed, and hides communication behind the
backward pass, which does not pay for networks of a few megabytes.

CPU tensors go over gloo, CUDA tensors over NCCL. A process without torchrun is a group of one.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import singledispatch
from typing import Any, TypeVar, cast

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.distributed.rendezvous import rendezvous

from nadeuri.errors import ConfigError, NadeuriError
from nadeuri.settings import Launch

T = TypeVar("T")
Batch = TypeVar("Batch")

TIMEOUT = timedelta(hours=12)
"""Longer than any preparation or validation that others wait for. A process that died is noticed by
its closed connection and by torchrun, not by this."""
EXIT_CODE = 2
"""As for every error that a user can act on (nadeuri.cli.lazy)."""

_FAILURES = "nadeuri/failures"


@dataclass(frozen=True)
class Group:
    """The processes of a training job, as one of them sees it.

    Attributes:
        rank: number of this process, from 0.
        world: number of processes.
        device: where this process computes.
    """

    rank: int
    world: int
    device: torch.device

    @property
    def is_first(self) -> bool:
        """Whether this process speaks and writes for all."""
        return self.rank == 0

    def share(self, batch: Batch) -> tuple[Batch, float]:
        """This process's rows of a batch, and the weight of their mean loss in the batch's."""
        if self.world == 1:
            return batch, 1.0
        return cast("tuple[Batch, float]", share(batch, self.rank, self.world))

    def sum_gradients(self, network: nn.Module, loss: Tensor) -> Tensor:
        """Replace every gradient by its sum over the processes; returns the sum of the losses."""
        if self.world == 1:
            return loss
        gradients = [p.grad for p in network.parameters() if p.grad is not None]
        flat = torch.cat([loss.float().reshape(1), *(g.reshape(-1) for g in gradients)])
        with _connection():
            dist.all_reduce(flat)
        parts = torch.split(flat[1:], [g.numel() for g in gradients])
        for gradient, part in zip(gradients, parts, strict=True):
            gradient.copy_(part.view_as(gradient))
        return flat[0]

    def agree(self, compute: Callable[[], T]) -> T:
        """What ``compute`` returns in the first process, where alone it is called."""
        values = [compute()] if self.is_first else [None]
        if self.world > 1:
            with _connection():
                dist.broadcast_object_list(values, src=0, device=torch.device("cpu"))
        return values[0]  # type: ignore[return-value]

    def first(self, work: Callable[[], T]) -> T:
        """Do ``work`` in the first process, and then, when its files are there, in the others."""
        if self.is_first:
            done = work()
        self.agree(lambda: True)
        return done if self.is_first else work()

    def require_same(self, network: nn.Module, described: str) -> None:
        """Make sure that all processes stand at the same point.

        Args:
            network: whose weights must be equal.
            described: whatever else must be.

        Raises:
            NadeuriError: they do not.
        """
        if self.world == 1:
            return
        digest = hashlib.sha256(described.encode())
        for tensor in network.state_dict().values():
            digest.update(tensor.detach().cpu().numpy().tobytes())
        found: list[str] = [""] * self.world
        with _connection():
            dist.all_gather_object(found, digest.hexdigest())
        if len(set(found)) > 1:
            raise NadeuriError(
                "training: the processes do not start alike; give all of them the same files, data "
                "set and run folder (on a file system that all see) and the same torch version"
            )


def current() -> Group:
    """The group that this process is in: that of :func:`joined`, or one of its own."""
    cuda = torch.cuda.is_available()
    if not dist.is_initialized():
        return Group(0, 1, torch.device("cuda" if cuda else "cpu"))
    device = torch.device("cuda", torch.cuda.current_device()) if cuda else torch.device("cpu")
    return Group(dist.get_rank(), dist.get_world_size(), device)


@contextmanager
def joined(launch: Launch | None) -> Iterator[Group]:
    """Be in the group of processes that torchrun started, for as long as the block lasts.

    When a block fails, the first process to do so raises, and the others, whose failures follow
    from the first, leave without a word.

    Args:
        launch: what torchrun said (:attr:`nadeuri.settings.Settings.launch`); None joins nothing.

    Raises:
        ConfigError: more processes than CUDA devices.
        NadeuriError: the other processes cannot be reached.
        SystemExit: another process has already said what is wrong.
    """
    if launch is None:
        yield current()
        return
    store = _connect(launch)
    try:
        yield current()
    except Exception as error:
        if not _is_first_failure(store):
            raise SystemExit(EXIT_CODE) from error
        if isinstance(error, NadeuriError) and launch.rank > 0:
            raise NadeuriError(f"process {launch.rank} of {launch.world}: {error}") from error
        raise
    dist.destroy_process_group()


def _connect(launch: Launch) -> Any:
    """Join the group; returns the key-value store that its processes share."""
    backend = "gloo"
    if torch.cuda.is_available():
        if launch.local_rank >= torch.cuda.device_count():
            raise ConfigError(
                f"torchrun: {launch.local_rank + 1} processes or more, but this machine has "
                f"{torch.cuda.device_count()} CUDA devices; lower --nproc-per-node"
            )
        torch.cuda.set_device(launch.local_rank)
        backend = "cpu:gloo,cuda:nccl"
    try:
        store, rank, world = next(rendezvous("env://", timeout=TIMEOUT))
        dist.init_process_group(backend, store=store, rank=rank, world_size=world, timeout=TIMEOUT)
    except (RuntimeError, ValueError) as error:
        raise NadeuriError(
            f"training: process {launch.rank} of {launch.world} cannot join the others "
            f"({_first_sentence(error)}); see MASTER_ADDR, GLOO_SOCKET_IFNAME, NCCL_SOCKET_IFNAME"
        ) from error
    return store


def _is_first_failure(store: Any) -> bool:
    try:
        return bool(store.add(_FAILURES, 1) == 1)
    except RuntimeError:  # the process with the store is gone, and it had something to say
        return False


@contextmanager
def _connection() -> Iterator[None]:
    try:
        yield
    except RuntimeError as error:
        raise NadeuriError(
            f"training: lost another process of this job ({_first_sentence(error)}); "
            "start the job again, it goes on from its last epoch"
        ) from error


def _first_sentence(error: Exception) -> str:
    """What torch says, without the place in its source and without advice."""
    text = re.sub(r"^\[[^\]]*:\d+\] *", "", str(error))
    return text.splitlines()[0].split(". ")[0] if text else type(error).__name__


@singledispatch
def share(batch: object, rank: int, world: int) -> tuple[object, float]:
    """The rows ``rank``, ``rank + world`` ... of a batch, and their part of what it asks about.

    Taking every ``world``-th row gives all processes rows of all lengths, so that they are done at
    about the same time. A process without a row takes the first one with weight 0: it has to take
    part in the step. Every type of batch registers its own function.
    """
    raise TypeError(f"no share of a {type(batch).__name__}")
