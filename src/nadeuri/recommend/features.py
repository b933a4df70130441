"""Catalogue columns as weighted bags of values: the one form in which models read metadata.

A categorical value is a bag of one, a multi-valued cell a bag of its values weighted ``1 / n``, and
a number a bag of the two quantile knots around it with linear weights (piecewise-linear encoding,
Gorishniy, Rubachev, Babenko, NeurIPS 2022). One embedding-bag then serves every kind of field, and
a missing value is an empty bag.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from nadeuri import columns
from nadeuri.data.sequences import Dataset, IntArray, MetadataField
from nadeuri.errors import ConfigError

NUMERIC_KNOTS = 16

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class FieldBags:
    """One metadata field of all items, as bags of value indices in CSR form.

    Attributes:
        name: the field.
        values: labels of the value indices (knots for a numeric field).
        offsets: int64 [n_items + 2]; item ``i`` owns ``offsets[i]:offsets[i + 1]``; item 0
            (padding) owns nothing.
        indices: int64 [n], positions in ``values``.
        weights: float32 [n]; the weights of a non-empty bag sum to 1.
        folded: how many rare values share the last label because of ``max_values``.
    """

    name: str
    kind: str
    values: tuple[str, ...]
    offsets: IntArray
    indices: IntArray
    weights: npt.NDArray[np.float32]
    folded: int = 0


def field_bags(
    dataset: Dataset, names: Sequence[str], max_values: int = 10_000
) -> tuple[FieldBags, ...]:
    """Encode the fields ``names`` of the data set's catalogue.

    Args:
        max_values: a field with more distinct values keeps the most frequent ones; the others
            share one value. A field with a value of its own for every item would otherwise be a
            second id embedding.

    Raises:
        ConfigError: a field is not in the catalogue.
    """
    kinds = {field.name: field for field in dataset.fields}
    for name in names:
        if name not in kinds:
            known = ", ".join(kinds) or "none"
            raise ConfigError(
                f"model.fields: {name!r} is not a metadata field of {dataset.name} "
                f"(it has: {known})"
            )
    return tuple(encode_field(dataset.catalogue, kinds[name], max_values) for name in names)


def shuffled(fields: Sequence[FieldBags], seed: int) -> tuple[FieldBags, ...]:
    """The same fields with every item's metadata given to another item, drawn at random.

    All fields move together, so that a row stays a row that exists. A model that gains as much
    from this as from the real fields has gained from parameters, not from metadata.
    """
    if not fields:
        return ()
    n_items = len(fields[0].offsets) - 2
    donors = 1 + np.random.default_rng(seed).permutation(n_items)
    return tuple(_given_by(donors, field) for field in fields)


def _given_by(donors: IntArray, field: FieldBags) -> FieldBags:
    """``field`` with the bag of item ``donors[i]`` at item ``i + 1``."""
    starts, lengths = field.offsets[donors], np.diff(field.offsets)[donors]
    ends = np.cumsum(lengths)
    entries = np.arange(ends[-1]) + np.repeat(starts - (ends - lengths), lengths)
    return replace(
        field,
        offsets=np.concatenate([[0, 0], ends]).astype(np.int64),
        indices=field.indices[entries],
        weights=field.weights[entries],
    )


def encode_field(catalogue: pa.Table, field: MetadataField, max_values: int = 10_000) -> FieldBags:
    """Encode one column of a catalogue; see :func:`field_bags`."""
    cells = catalogue[field.name].to_pylist()
    if field.kind == columns.NUMERIC:
        return _encode_numeric(field, cells)
    bags = [
        [] if cell is None else list(cell) if field.kind == columns.MULTI else [cell]
        for cell in cells
    ]
    counts = Counter(value for bag in bags for value in bag)
    by_frequency = sorted(counts, key=lambda value: (-counts[value], str(value)))
    folded = max(0, len(by_frequency) - max_values)
    kept = by_frequency[: max_values - 1] if folded else by_frequency
    if folded:
        logger.warning(
            "field %r has %s values: the %s most frequent are kept, the others share one; "
            "raise model.max_values or leave the field out if it identifies items",
            field.name,
            f"{len(counts):,}",
            f"{len(kept):,}",
        )
    index = {value: position for position, value in enumerate(kept)}
    other = len(kept)
    rows = [list(dict.fromkeys(index.get(value, other) for value in bag)) for bag in bags]
    labels = tuple(str(value) for value in kept) + (("(other)",) if folded else ())
    lengths = [len(row) for row in rows]
    return FieldBags(
        name=field.name,
        kind=field.kind,
        values=labels,
        offsets=np.concatenate([[0, 0], np.cumsum(lengths)]).astype(np.int64),
        indices=np.array([value for row in rows for value in row], dtype=np.int64),
        weights=np.repeat([1 / max(1, length) for length in lengths], lengths).astype(np.float32),
        folded=folded + 1 if folded else 0,
    )


def _encode_numeric(field: MetadataField, cells: list[float | None]) -> FieldBags:
    numbers = np.array([np.nan if cell is None else cell for cell in cells], dtype=np.float64)
    present = np.isfinite(numbers)
    knots = (
        np.unique(np.quantile(numbers[present], np.linspace(0, 1, NUMERIC_KNOTS)))
        if (present.any())
        else np.zeros(1)
    )
    if len(knots) == 1:
        lower = np.zeros(present.sum(), dtype=np.int64)
        pairs, shares = lower[:, None], np.ones((len(lower), 1))
    else:
        lower = np.clip(
            np.searchsorted(knots, numbers[present], side="right") - 1, 0, len(knots) - 2
        )
        upper_share = (numbers[present] - knots[lower]) / (knots[lower + 1] - knots[lower])
        pairs = np.stack([lower, lower + 1], axis=1)
        shares = np.stack([1 - upper_share, upper_share], axis=1)
    return FieldBags(
        name=field.name,
        kind=field.kind,
        values=tuple(f"{knot:.6g}" for knot in knots),
        offsets=np.concatenate([[0, 0], np.cumsum(present * pairs.shape[1])]).astype(np.int64),
        indices=pairs.reshape(-1),
        weights=shares.reshape(-1).astype(np.float32),
    )
