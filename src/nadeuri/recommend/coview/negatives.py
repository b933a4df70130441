"""Negatives drawn by frequency in constant time: Walker's alias method, a table for each kind."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numba
import numpy as np
import numpy.typing as npt

from nadeuri.data.sequences import IntArray


class NegativeTable(NamedTuple):
    """What negatives are drawn from.

    Attributes:
        starts: int64 [kinds + 1], first token of each kind, and one past the last token.
        chances: float32 [tokens], how likely a token that was hit is itself taken.
        aliases: int64 [tokens], what is taken instead.
    """

    starts: IntArray
    chances: npt.NDArray[np.float32]
    aliases: IntArray


def negative_table(
    counts: npt.NDArray[np.float64], starts: IntArray, exponent: float
) -> NegativeTable:
    """A table that draws tokens of a kind by ``counts ** exponent``, those without a count never.

    Of a kind that does not occur at all, every token is as likely.

    Args:
        counts: float64 [tokens], of which those before ``starts[0]`` are of no kind.
    """
    chances = np.ones(len(counts), np.float32)
    aliases = np.arange(len(counts), dtype=np.int64)
    for start, end in pairwise(starts.tolist()):
        own = counts[start:end]
        shares = np.where(own > 0, own, 1.0) ** exponent * ((own > 0) | (not own.any()))
        if shares.any():
            _fill(shares / shares.mean(), chances[start:end], aliases[start:end])
            aliases[start:end] += start
    return NegativeTable(np.asarray(starts, np.int64), chances, aliases)


@numba.njit(cache=True)
def _fill(
    shares: npt.NDArray[np.float64], chances: npt.NDArray[np.float32], aliases: IntArray
) -> None:
    """Vose's linear-time construction (IEEE TSE 1991); ``shares`` has mean 1 and is used up."""
    n = len(shares)
    below, above = np.empty(n, np.int64), np.empty(n, np.int64)
    n_below = n_above = 0
    for place in range(n):
        aliases[place] = place
        if shares[place] < 1:
            below[n_below] = place
            n_below += 1
        else:
            above[n_above] = place
            n_above += 1
    while n_below and n_above:
        n_below -= 1
        low, high = below[n_below], above[n_above - 1]
        chances[low] = shares[low]
        aliases[low] = high
        shares[high] -= 1 - shares[low]
        if shares[high] < 1:
            n_above -= 1
            below[n_below] = high
            n_below += 1
    for left in range(n_below):  # rounding left them a hair below 1, or they have no share at all
        chances[below[left]] = 1 if shares[below[left]] > 0.5 else 0


@numba.njit(cache=True)
def draw(table: NegativeTable, kind: int, state: np.uint64) -> tuple[np.uint64, int]:
    """The next state of the generator (xorshift64*, Vigna, ACM TOMS 2016), and a token of a kind.

    Args:
        state: not 0.
    """
    state ^= state >> np.uint64(12)
    state ^= state << np.uint64(25)
    state ^= state >> np.uint64(27)
    bits = state * np.uint64(0x2545F4914F6CDD1D)
    first = table.starts[kind]
    size = np.uint64(table.starts[kind + 1] - first)
    hit = first + np.int64(((bits >> np.uint64(32)) * size) >> np.uint64(32))
    fraction = np.float32(bits & np.uint64(0xFFFFFF)) * np.float32(2.0**-24)
    return state, hit if fraction < table.chances[hit] else table.aliases[hit]
