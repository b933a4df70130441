"""The choices that make a training step fast, each timed against what it replaced.

    python bench/kernels.py

One thread, CPU seconds, the fastest of several repetitions; shapes of BERT4Rec with d = 64 at batch
128 on ML-1M (N = 200: 14,000 cells, 2,450 of them masked, 3,418 classes) and, where it says so,
Beauty (N = 50: 200 masked cells, 12,103 classes). Numbers are milliseconds and depend on the
machine; they are printed, not recorded.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from nadeuri.recommend.config import Bert4RecConfig
from nadeuri.recommend.layers import Dropout
from nadeuri.recommend.losses import linear_cross_entropy
from nadeuri.recommend.transformer import Cells, Encoder

DIM, CELLS, BATCH, LENGTH = 64, 14_080, 128, 110
MASKED, CLASSES = 2_450, 3_418
REPETITIONS = 9


def milliseconds(function: Callable[[], object]) -> float:
    """CPU milliseconds of one call, the fastest of several."""
    function()
    times = []
    for _ in range(REPETITIONS):
        start = time.process_time()
        function()
        times.append(time.process_time() - start)
    return 1000 * min(times)


def with_backward(function: Callable[[], Tensor], *leaves: Tensor) -> Callable[[], object]:
    """``function`` and its gradients with respect to ``leaves``, all upstream gradients one."""
    upstream = torch.ones_like(function())
    return lambda: torch.autograd.grad(function(), leaves, upstream)


def loss_rows(masked: int, classes: int) -> tuple[float, float]:
    """Softmax loss, forward and backward: torch's over all logits at once, and ours."""
    hidden = torch.randn(masked, DIM).bfloat16().requires_grad_()
    table = torch.randn(classes, DIM, requires_grad=True)
    bias = torch.zeros(classes, requires_grad=True)
    targets = torch.randint(0, classes, (masked,))

    def whole() -> Tensor:
        logits = functional.linear(hidden, table.bfloat16()).float() + bias
        return functional.cross_entropy(logits, targets)

    def chunked() -> Tensor:
        return linear_cross_entropy(hidden, table, bias, targets)

    leaves = (hidden, table, bias)
    return milliseconds(with_backward(whole, *leaves)), milliseconds(
        with_backward(chunked, *leaves)
    )


def bias_gradient() -> tuple[float, float]:
    """Column sums of 256 rows of softmax shares: of a copy in fp32, and of the bf16 itself."""
    shares = torch.softmax(torch.randn(256, 12_103), dim=1).bfloat16()
    copied = milliseconds(lambda: shares.sum(0, dtype=torch.float32))
    return copied, milliseconds(lambda: shares.sum(0))


def gelu() -> tuple[float, float]:
    """GELU of a feed-forward layer: the tanh approximation, and exact."""
    x = torch.randn(CELLS, 4 * DIM).bfloat16().requires_grad_()
    tanh = with_backward(lambda: functional.gelu(x, approximate="tanh"), x)
    return milliseconds(tanh), milliseconds(with_backward(lambda: functional.gelu(x), x))


def embedding() -> tuple[float, float]:
    """Reading the item table: as an embedding, and as rows of a matrix."""
    table = torch.randn(CLASSES, DIM, requires_grad=True)
    items = torch.randint(0, CLASSES, (CELLS,))
    embedded = with_backward(lambda: functional.embedding(items, table), table)
    selected = with_backward(lambda: table.index_select(0, items), table)
    return milliseconds(embedded), milliseconds(selected)


def dropout() -> tuple[float, float]:
    """Dropout of a branch and the sum with what it goes around: torch's, and ours."""
    x = torch.randn(CELLS, DIM, requires_grad=True)
    branch = torch.randn(CELLS, DIM).bfloat16().requires_grad_()
    ours = Dropout(0.1).train()
    torchs = with_backward(lambda: x + functional.dropout(branch, 0.1), x, branch)
    return milliseconds(torchs), milliseconds(
        with_backward(lambda: ours.residual(x, branch), x, branch)
    )


def last_block() -> tuple[float, float]:
    """The encoder, forward and backward: all cells, and only the masked ones in the last block."""
    encoder = Encoder(Bert4RecConfig(dim=DIM, max_len=LENGTH), causal=False).train()
    table = torch.randn(CLASSES, DIM)
    items = torch.randint(1, CLASSES, (BATCH, LENGTH))
    positions = torch.randperm(BATCH * LENGTH)[:MASKED].sort().values

    def narrow() -> Tensor:
        hidden: Tensor = encoder(items, table, Cells.of(positions, BATCH, LENGTH))
        return hidden

    def wide() -> Tensor:
        hidden: Tensor = encoder(items, table)
        return hidden.flatten(0, 1)[positions]

    def timed(states: Callable[[], Tensor]) -> float:
        def step() -> None:
            encoder.zero_grad()
            with torch.autocast("cpu", torch.bfloat16):
                loss = states().sum()
            loss.backward()  # type: ignore[no-untyped-call]

        return milliseconds(step)

    return timed(wide), timed(narrow)


def new_shape(dtype: torch.dtype) -> tuple[float, float]:
    """A matrix product of a shape never seen before, and of one seen before."""
    weight = torch.randn(4 * DIM, DIM, dtype=dtype)
    inputs = [torch.randn(900 + extra, DIM, dtype=dtype) for extra in range(60)]
    times = []
    for _ in range(2):
        start = time.process_time()
        for x in inputs:
            functional.linear(x, weight)
        times.append(1000 * (time.process_time() - start) / len(inputs))
    return times[0], times[1]


def main() -> None:
    torch.set_num_threads(1)
    torch.manual_seed(0)
    rows = [
        ("softmax loss, ML-1M: whole -> chunked", loss_rows(MASKED, CLASSES)),
        ("softmax loss, Beauty: whole -> chunked", loss_rows(200, 12_103)),
        ("bias gradient, Beauty: copy in fp32 -> bf16", bias_gradient()),
        ("GELU: tanh approximation -> exact", gelu()),
        ("item table: embedding -> index_select", embedding()),
        ("residual dropout: torch -> ours", dropout()),
        ("encoder, 2 blocks: all cells -> asked cells last", last_block()),
        ("linear layer, bf16: new shape -> known shape", new_shape(torch.bfloat16)),
        ("linear layer, fp32: new shape -> known shape", new_shape(torch.float32)),
    ]
    print(f"{'':52}{'before':>9}{'after':>9}  ratio")
    for name, (before, after) in rows:
        print(f"{name:52}{before:6.2f} ms{after:6.2f} ms  {before / after:.2f}")


if __name__ == "__main__":
    main()
