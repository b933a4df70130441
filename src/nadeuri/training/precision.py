"""Mixed precision: which arithmetic pays on this machine, and how a step is taken in it.

Weights and optimiser state are fp32 in every case; autocast runs the matrix products in half
precision (Micikevicius et al., "Mixed Precision Training", ICLR 2018). bf16 has the range of fp32;
fp16 does not, so its loss is scaled up before the backward pass.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cache

import torch
from torch import Tensor
from torch.nn import functional

FP32, BF16, FP16, AUTO = "fp32", "bf16", "fp16", "auto"

WORTH_IT = 0.9
"""bf16 is chosen when it takes less than this share of the time of fp32: below its noise no gain
is certain. Machines answer clearly: about half with bf16 instructions, a multiple without."""

_ROWS, _DIM, _REPEATS = 1024, 64, 5
_DTYPES = {BF16: torch.bfloat16, FP16: torch.float16}


def resolve(precision: str, device: torch.device) -> str:
    """``fp32``, ``bf16`` or ``fp16``: what was asked for, or what this machine does best."""
    if precision != AUTO:
        return precision
    if device.type == "cuda":
        return BF16 if torch.cuda.is_bf16_supported(including_emulation=False) else FP16
    return BF16 if bf16_time_ratio() < WORTH_IT else FP32


def autocast(precision: str, device: torch.device) -> torch.autocast:
    """Forward passes go inside; ``precision`` is resolved."""
    return torch.autocast(device.type, _DTYPES.get(precision), enabled=precision != FP32)


def grad_scaler(precision: str, device: torch.device) -> torch.amp.GradScaler:
    """Scales losses in fp16 and does nothing otherwise, so that all precisions share one loop.

    A step whose gradients overflow is left out and the scale halved.
    """
    return torch.amp.GradScaler(device.type, enabled=precision == FP16)


@cache
def bf16_time_ratio() -> float:
    """Time of a feed-forward block, forward and backward, on the CPU: bf16 over fp32.

    Takes some 50 ms, once per process. The two take turns and each keeps its best CPU time: on a
    busy machine wall time depends on who else got the core. No random numbers are drawn: training
    must not depend on the probe.
    """
    x = torch.full((_ROWS, _DIM), 0.01)
    up = torch.full((4 * _DIM, _DIM), 0.01, requires_grad=True)
    down = torch.full((_DIM, 4 * _DIM), 0.01, requires_grad=True)

    def block(precision: str) -> Callable[[], Tensor]:
        def forward() -> Tensor:
            with autocast(precision, x.device):
                return functional.linear(functional.gelu(functional.linear(x, up)), down).sum()

        return forward

    best = {FP32: float("inf"), BF16: float("inf")}
    for _ in range(_REPEATS):
        for precision in best:
            started = time.thread_time()
            torch.autograd.grad(block(precision)(), (up, down))
            best[precision] = min(best[precision], time.thread_time() - started)
    return best[BF16] / best[FP32]
