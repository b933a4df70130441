"""Training, validation and test parts of a sequence store.

Every part is a set of *prefixes* of the users' sequences, so a split is two small index arrays
and never a copy of the clicks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nadeuri.data.sequences import Dataset, IntArray, ItemArray, SequenceStore
from nadeuri.errors import ConfigError, DataError


@dataclass(frozen=True)
class Cases:
    """Questions to a recommender: after ``items[offsets[user]:end]``, which item came next?

    Attributes:
        users: int64 [n], user index.
        ends: int64 [n], position in the store where the known history ends (exclusive).
        targets: int32 [n], item index that was clicked next.
    """

    users: IntArray
    ends: IntArray
    targets: ItemArray

    def __len__(self) -> int:
        return len(self.users)

    def take(self, rows: IntArray) -> Cases:
        """The cases at ``rows``."""
        return Cases(self.users[rows], self.ends[rows], self.targets[rows])

    def sample(self, n: int, seed: int) -> Cases:
        """At most ``n`` cases, drawn without replacement, in their original order."""
        if n >= len(self):
            return self
        rows = np.sort(np.random.default_rng(seed).choice(len(self), size=n, replace=False))
        return self.take(rows)


@dataclass(frozen=True)
class Split:
    """``train_ends[u]`` is the store position where user ``u``'s training part ends (exclusive)."""

    name: str
    train_ends: IntArray
    valid: Cases
    test: Cases


def leave_one_out(store: SequenceStore) -> Split:
    """Last click is the test target, the one before it the validation target.

    Users with fewer than three clicks are trained on whole and never asked about.
    """
    starts, ends = store.offsets[:-1], store.offsets[1:]
    users = np.flatnonzero(ends - starts >= 3)
    train_ends = np.array(ends)
    train_ends[users] -= 2
    return Split(
        "leave-one-out",
        train_ends=train_ends,
        valid=_cases(store, users, ends[users] - 2),
        test=_cases(store, users, ends[users] - 1),
    )


def temporal(dataset: Dataset, valid_share: float = 0.1, test_share: float = 0.1) -> Split:
    """Cut all users at the same two moments, so that nothing is learnt from the future.

    The moments are quantiles of all click times. A user is asked once per part: for the first
    click at or after the cut, given everything the user did before it; users with no click before
    the cut are left out (there is nothing to ask with).

    Raises:
        ConfigError: shares outside (0, 1).
        DataError: the data has no clock, or a part came out empty.
    """
    if not (valid_share > 0 and test_share > 0 and valid_share + test_share < 1):
        raise ConfigError(
            f"split: valid_share {valid_share} and test_share {test_share} must be positive "
            "and sum to less than 1"
        )
    if not dataset.has_times:
        raise DataError(
            f"{dataset.name}: the clicks have no times, so a temporal split cannot be made; "
            "use --split leave-one-out"
        )
    store = dataset.sequences
    valid_from, test_from = np.quantile(
        store.times, [1 - valid_share - test_share, 1 - test_share], method="higher"
    )
    train_ends = _first_at_or_after(store, int(valid_from))
    test_starts = _first_at_or_after(store, int(test_from))
    asked_valid = np.flatnonzero((train_ends > store.offsets[:-1]) & (test_starts > train_ends))
    asked_test = np.flatnonzero(
        (test_starts > store.offsets[:-1]) & (store.offsets[1:] > test_starts)
    )
    for part, users in (("validation", asked_valid), ("test", asked_test)):
        if len(users) == 0:
            raise DataError(
                f"{dataset.name}: the temporal split leaves no {part} user with a history; "
                "raise valid_share/test_share or use --split leave-one-out"
            )
    return Split(
        "temporal",
        train_ends=train_ends,
        valid=_cases(store, asked_valid, train_ends[asked_valid]),
        test=_cases(store, asked_test, test_starts[asked_test]),
    )


def _cases(store: SequenceStore, users: IntArray, ends: IntArray) -> Cases:
    return Cases(users.astype(np.int64), ends.astype(np.int64), np.asarray(store.items[ends]))


def _first_at_or_after(store: SequenceStore, moment: int) -> IntArray:
    """Per user, the store position of the first click at or after ``moment``; int64 [n_users]."""
    before = np.concatenate([[0], np.cumsum(store.times < moment, dtype=np.int64)])
    counts = before[store.offsets[1:]] - before[store.offsets[:-1]]
    return np.asarray(store.offsets[:-1] + counts, dtype=np.int64)
