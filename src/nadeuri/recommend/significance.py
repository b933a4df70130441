"""Is the difference real? Bootstrap intervals and a paired randomisation test over cases.

The test is Fisher's randomisation test as recommended for retrieval metrics by Smucker, Allan &
Carterette, "A Comparison of Statistical Significance Tests for Information Retrieval Evaluation"
(CIKM 2007): if two models were interchangeable, each case's difference could as well have had the
other sign. The p-value counts the observed sign pattern as one of the drawn ones, so it is never
zero (Phipson & Smyth, "Permutation P-values Should Never Be Zero", 2010). Intervals are percentile
bootstrap intervals over cases (Efron & Tibshirani, "An Introduction to the Bootstrap", 1993).

Both answer for *other users of the same trained models*; how much a model varies between trainings
is the standard deviation over seeds, which is reported beside them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nadeuri.errors import NadeuriError
from nadeuri.recommend.evaluate import FloatArray

CHUNK_CELLS = 4_000_000
"""Random cells drawn at a time; bounds the memory at 32 MB."""


@dataclass(frozen=True)
class Estimate:
    """A mean over cases.

    Attributes:
        mean: over all cases and seeds.
        low: lower end of the confidence interval over cases.
        high: upper end.
        sd: standard deviation of the seeds' means; None for a single seed.
        seeds: number of seeds.
    """

    mean: float
    low: float
    high: float
    sd: float | None
    seeds: int


@dataclass(frozen=True)
class PairedTest:
    """Model ``a`` against model ``b`` on the same cases; positive means that ``a`` is better."""

    a: str
    b: str
    difference: float
    low: float
    high: float
    p_value: float

    @property
    def is_significant(self) -> bool:
        return self.p_value < 0.05


def estimates(
    metrics: Mapping[str, Sequence[FloatArray]], *, confidence: float = 0.95, resamples: int = 2000
) -> dict[str, Estimate]:
    """Mean of each per-case metric with its interval over cases and its spread over seeds.

    Args:
        metrics: name -> one float64 [n_cases] array per seed; all metrics of the same cases, which
            are resampled for all of them at once.

    Raises:
        NadeuriError: no seeds, no cases, or different numbers of cases.
    """
    values = np.column_stack([_mean_over_seeds(per_seed) for per_seed in metrics.values()])
    lows, highs = bootstrap_intervals(values, confidence=confidence, resamples=resamples)
    return {
        name: Estimate(
            mean=float(values[:, column].mean()),
            low=float(lows[column]),
            high=float(highs[column]),
            sd=spread([float(seed_values.mean()) for seed_values in per_seed]),
            seeds=len(per_seed),
        )
        for column, (name, per_seed) in enumerate(metrics.items())
    }


def spread(seed_means: Sequence[float]) -> float | None:
    """Sample standard deviation over seeds; None where one seed leaves it unknown."""
    return float(np.std(seed_means, ddof=1)) if len(seed_means) > 1 else None


def bootstrap_intervals(
    values: FloatArray, *, confidence: float = 0.95, resamples: int = 2000, seed: int = 0
) -> tuple[FloatArray, FloatArray]:
    """Percentile bootstrap intervals of the column means of ``values`` float64 [n, n_metrics].

    Returns:
        Lower and upper ends, float64 [n_metrics] each.
    """
    rng = np.random.default_rng(seed)
    n = len(values)
    means = np.concatenate(
        [_times_drawn(rng, rows, n) @ values / n for rows in _chunks(resamples, n)]
    )
    tail = (1 - confidence) / 2
    lows, highs = np.quantile(means, [tail, 1 - tail], axis=0)
    return lows, highs


def paired_test(
    a: str,
    a_per_seed: Sequence[FloatArray],
    b: str,
    b_per_seed: Sequence[FloatArray],
    *,
    permutations: int = 10_000,
    seed: int = 0,
) -> PairedTest:
    """Compare two models on the same cases, each averaged over its own seeds first.

    Raises:
        NadeuriError: the models answered different numbers of cases.
    """
    a_values, b_values = _mean_over_seeds(a_per_seed), _mean_over_seeds(b_per_seed)
    if len(a_values) != len(b_values):
        raise NadeuriError(
            f"{a} answered {len(a_values)} cases and {b} {len(b_values)}: "
            "a paired test needs the same cases; compare them in one run"
        )
    differences = a_values - b_values
    lows, highs = bootstrap_intervals(differences[:, None], seed=seed)
    return PairedTest(
        a=a,
        b=b,
        difference=float(differences.mean()),
        low=float(lows[0]),
        high=float(highs[0]),
        p_value=sign_flip_p_value(differences, permutations=permutations, seed=seed),
    )


def sign_flip_p_value(
    differences: FloatArray, *, permutations: int = 10_000, seed: int = 0
) -> float:
    """Two-sided p-value of a zero mean under random signs of ``differences`` float64 [n]."""
    moved = differences[differences != 0]  # a zero has no sign to flip
    observed = abs(moved.sum())
    tolerance = 1e-9 * np.abs(moved).sum()  # equal sums added up in another order
    rng = np.random.default_rng(seed)
    as_extreme = 0
    for rows in _chunks(permutations, len(moved)):
        # sum of signed values = 2 * (sum of those that stay positive) - sum of all
        flipped = 2 * (_random_bits(rng, rows, len(moved)) @ moved) - moved.sum()
        as_extreme += int(np.count_nonzero(np.abs(flipped) >= observed - tolerance))
    return (1 + as_extreme) / (1 + permutations)


def _times_drawn(rng: np.random.Generator, rows: int, n: int) -> FloatArray:
    """How often each of ``n`` cases is in each of ``rows`` resamples of size ``n``; [rows, n]."""
    cells = rng.integers(0, n, (rows, n)) + np.arange(rows)[:, None] * n
    return np.bincount(cells.reshape(-1), minlength=rows * n).reshape(rows, n).astype(np.float64)


def _random_bits(rng: np.random.Generator, rows: int, n: int) -> npt.NDArray[np.float64]:
    """Fair coin flips; float64 [rows, n] of 0 and 1."""
    n_bytes = (n + 7) // 8
    packed = np.frombuffer(rng.bytes(rows * n_bytes), dtype=np.uint8).reshape(rows, n_bytes)
    return np.unpackbits(packed, axis=1, count=n).astype(np.float64)


def _chunks(total: int, n: int) -> list[int]:
    """``total`` rows of ``n`` cells, as numbers of rows that fit into ``CHUNK_CELLS``."""
    size = max(1, CHUNK_CELLS // max(1, n))
    return [min(size, total - start) for start in range(0, total, size)]


def _mean_over_seeds(per_seed: Sequence[FloatArray]) -> FloatArray:
    if not per_seed or len(per_seed[0]) == 0:
        raise NadeuriError("no cases to estimate from; use a split that leaves some")
    if len({len(values) for values in per_seed}) > 1:
        raise NadeuriError("the seeds of a model answered different cases; run them again")
    return np.asarray(np.mean(np.stack(per_seed), axis=0), dtype=np.float64)
