"""Learning rate as a pure function of the step: warm-up times the shape of a schedule."""

from __future__ import annotations

import math

from nadeuri.training.config import TrainConfig

CYCLE_START = 1 / 25
"""Where one-cycle begins, as a share of its peak."""

CYCLE_END = CYCLE_START / 1e4
"""Where one-cycle ends: far below where it began (Smith & Topin 2018, section 3)."""


def lr_factor(config: TrainConfig, step: int, steps_per_epoch: int) -> float:
    """Factor on ``config.lr`` at ``step`` (from 0) of a run without interruptions."""
    return warm_up(step, config.warmup_steps) * shape(config, step, steps_per_epoch)


def warm_up(step: int, steps: int) -> float:
    """Linear from ``1 / steps`` at step 0 to 1 at step ``steps - 1``; 1 from there on."""
    return min(1.0, (step + 1) / steps) if steps else 1.0


def shape(config: TrainConfig, step: int, steps_per_epoch: int) -> float:
    """The schedule without its warm-up, at the end of which it starts.

    - ``constant``: 1.
    - ``exponential``: ``decay ** epochs``, with fractions of an epoch: it falls at every step.
    - ``multiplicative``: the rate is multiplied by ``decay`` when an epoch ends and constant in
      between, which is torch's ``MultiplicativeLR`` with a constant factor. With the same ``decay``
      it meets ``exponential`` once an epoch and is above it elsewhere. (torch's ``ExponentialLR``
      is a staircase too: there the two are the same function.)
    - ``cosine``: half a cosine from 1 to 0 at the end (Loshchilov & Hutter, ICLR 2017, without
      restarts).
    - ``one-cycle``: half a cosine up to 1 in the first ``cycle_peak`` of the steps, another one
      down in the rest (Smith & Topin 2018; AdamW's betas stay as they are).
    - ``linear``: falls from 1 to 0 at the end (BERT4Rec, Sun et al. 2019, section 4.4).

    Args:
        step: from 0, counted with the warm-up.
        steps_per_epoch: batches of an epoch; a run has ``config.epochs`` times as many steps.
    """
    after = max(0, step - config.warmup_steps)
    total = max(1, config.epochs * steps_per_epoch - config.warmup_steps)
    done = min(1.0, after / total)
    match config.schedule:
        case "constant":
            return 1.0
        case "exponential":
            return float(config.decay ** (after / steps_per_epoch))
        case "multiplicative":
            warm_epochs = config.warmup_steps // steps_per_epoch
            return float(config.decay ** max(0, step // steps_per_epoch - warm_epochs))
        case "cosine":
            return _half_cosine(1.0, 0.0, done)
        case "one-cycle":
            if done < config.cycle_peak:
                return _half_cosine(CYCLE_START, 1.0, done / config.cycle_peak)
            return _half_cosine(
                1.0, CYCLE_END, (done - config.cycle_peak) / (1 - config.cycle_peak)
            )
        case "linear":
            return 1.0 - done


def _half_cosine(start: float, end: float, done: float) -> float:
    return end + (start - end) * (1 + math.cos(math.pi * done)) / 2
