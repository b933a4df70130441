"""How sure a linear-chain model is of a span: the probability of exactly these tags there.

Forward-backward (Rabiner, Proc. IEEE 1989) over scores divided by a temperature, which is fitted on
validation questions (Guo et al., "On Calibration of Modern Neural Networks", ICML 2017).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nadeuri.understand.bio import Floats


def span_probabilities(
    emissions: Floats,
    start: Floats,
    after: Floats,
    spans: Sequence[tuple[int, int, int]],
    temperature: float = 1.0,
) -> list[float]:
    """Probability of each span ``(first unit, unit behind the last, begin tag)`` in one sequence.

    That it begins there, goes on to its last unit and does not go on behind it.

    Args:
        emissions, start, after: as in :func:`nadeuri.understand.bio.viterbi`.
    """
    if not spans:
        return []
    scaled, start, after = emissions / temperature, start / temperature, after / temperature
    forward, backward = _forward(scaled, start, after), _backward(scaled, after)
    total = float(np.logaddexp.reduce(forward[-1]))
    return [
        min(1.0, float(np.exp(_log_mass(scaled, after, forward, backward, *span) - total)))
        for span in spans
    ]


def _log_mass(
    emissions: Floats,
    after: Floats,
    forward: NDArray[np.float64],
    backward: NDArray[np.float64],
    first: int,
    behind: int,
    begin: int,
) -> float:
    """Log of the summed exponentiated scores of all tag sequences that have this span."""
    inside = begin + 1
    mass = float(forward[first, begin])
    tag = begin
    for at in range(first + 1, behind):
        mass += float(after[tag, inside] + emissions[at, inside])
        tag = inside
    if behind == len(emissions):
        return mass
    onward = after[tag] + emissions[behind] + backward[behind]
    return mass + float(np.logaddexp.reduce(np.delete(onward, inside)))


def _forward(emissions: Floats, start: Floats, after: Floats) -> NDArray[np.float64]:
    """[U, T] log mass of all beginnings that end in a tag at a unit, that unit's score included."""
    log = np.empty(emissions.shape)
    log[0] = start + emissions[0]
    for at in range(1, len(emissions)):
        log[at] = _log_sum(log[at - 1][:, None] + after, 0) + emissions[at]
    return log


def _backward(emissions: Floats, after: Floats) -> NDArray[np.float64]:
    """[U, T] log mass of all endings behind a tag at a unit, without that unit's score."""
    log = np.zeros(emissions.shape)
    for at in range(len(emissions) - 2, -1, -1):
        log[at] = _log_sum(after + emissions[at + 1] + log[at + 1], 1)
    return log


def _log_sum(values: NDArray[np.float64], axis: int) -> NDArray[np.float64]:
    top = values.max(axis, keepdims=True)
    summed: NDArray[np.float64] = np.log(np.exp(values - top).sum(axis)) + top.squeeze(axis)
    return summed
