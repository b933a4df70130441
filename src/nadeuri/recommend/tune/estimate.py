"""Which maximum length fits a data set? A quick answer from how long its histories are.

The search measures it; this says where to look. Two things are weighed: what a limit cuts off, and
what it costs. The cost counts the multiplications of one epoch: per token ``12 d^2`` in each block
(projections and feed-forward), ``2 l d`` in its attention over a sequence of ``l`` tokens, and
``d`` times the catalogue for each position whose item is asked for. Where attention is small
against the rest, an epoch's cost follows the number of tokens, and that stops growing when the
limit passes the longest histories.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nadeuri.data.sequences import Dataset, IntArray
from nadeuri.data.splits import Split
from nadeuri.recommend.config import Bert4RecConfig, EncoderConfig

LENGTHS = (5, 10, 15, 20, 30, 50, 75, 100, 150, 200, 300, 400, 600, 800, 1200)
"""Limits that are considered."""
WHOLE_SHARE = 0.8
"""Share of the histories that the recommended limit reads whole."""
QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9, 0.99)


@dataclass(frozen=True)
class LengthOption:
    """A limit on the length.

    Attributes:
        clicks_kept: share of the training clicks that are among their user's last ``max_len``.
        users_whole: share of the histories that are read whole.
        relative_cost: of an epoch, against the base experiment's limit.
    """

    max_len: int
    clicks_kept: float
    users_whole: float
    relative_cost: float


@dataclass(frozen=True)
class LengthEstimate:
    """What the lengths of the training histories say.

    Attributes:
        quantiles: share of users -> length that so many do not exceed.
        options: limits in ascending order, the base experiment's among them.
        recommended: smallest limit of ``LENGTHS`` that reads ``WHOLE_SHARE`` of them whole.
    """

    mean: float
    longest: int
    quantiles: dict[float, int]
    options: tuple[LengthOption, ...]
    recommended: int


def estimate_length(
    dataset: Dataset, split: Split, model: EncoderConfig, also: Sequence[int] = ()
) -> LengthEstimate:
    """Estimate from the training part of ``dataset``.

    Args:
        also: further limits to describe.
    """
    lengths = np.asarray(split.train_ends - dataset.sequences.offsets[:-1])
    lengths = lengths[lengths >= 2]
    base_cost = _epoch_cost(lengths, model.max_len, model, dataset.n_items)
    wanted = int(np.quantile(lengths, WHOLE_SHARE, method="inverted_cdf"))
    recommended = next((limit for limit in LENGTHS if limit >= wanted), LENGTHS[-1])
    shown = {limit for limit in LENGTHS if limit <= lengths.max()}
    return LengthEstimate(
        mean=float(lengths.mean()),
        longest=int(lengths.max()),
        quantiles={
            share: int(np.quantile(lengths, share, method="inverted_cdf")) for share in QUANTILES
        },
        options=tuple(
            LengthOption(
                max_len=limit,
                clicks_kept=float(np.minimum(lengths, limit).sum() / lengths.sum()),
                users_whole=float((lengths <= limit).mean()),
                relative_cost=_epoch_cost(lengths, limit, model, dataset.n_items) / base_cost,
            )
            for limit in sorted(shown | {recommended, model.max_len, *also})
        ),
        recommended=recommended,
    )


def lengths_to_try(estimate: LengthEstimate, base: int) -> tuple[int, ...]:
    """The recommended limit, two below it, one above it, and the one in use.

    None is above the longest history: there it would change nothing.
    """
    place = LENGTHS.index(estimate.recommended)
    around = (place - 4, place - 2, place, place + 2)
    differ = {option.max_len for option in estimate.options}
    tried = {LENGTHS[each] for each in around if 0 <= each < len(LENGTHS)} & differ
    return tuple(sorted(tried | {base}))


def _epoch_cost(lengths: IntArray, limit: int, model: EncoderConfig, n_items: int) -> float:
    """Multiplications of a forward pass over every user once."""
    read = np.minimum(lengths, limit).astype(np.float64)
    asked = model.mask_share if isinstance(model, Bert4RecConfig) else 1.0
    per_token = 12 * model.dim**2 * model.blocks + asked * n_items * model.dim
    return float((read * per_token + 2 * model.blocks * model.dim * read**2).sum())
