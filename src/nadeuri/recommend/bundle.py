"""The files of an exported recommender: what :mod:`export` writes and :mod:`predict` reads.

=======================  ====================================================================
``model.onnx``           ``items`` int64 [batch, length], left-padded with 0 -> ``scores``
                         float32 [batch, n_items + 1]; column 0 is ``-inf``
``weights.safetensors``  the network's parameters and buffers, to train it on
``items.parquet``        the catalogue; row ``i`` is item index ``i + 1``; ``clicks`` int64 =
                         training clicks
``users.arrow``          ``user`` text, ascending; ``history`` list<int32>, every click, oldest
                         first; Arrow IPC, so that a million users are mapped and not read
``config.json``          resolved experiment and model configuration
``metrics.json``         what the model scored in evaluation
=======================  ====================================================================

The manifest's metadata hold ``model`` (its kind), ``max_history`` (longest history the network
reads), ``n_items``, ``n_users``, ``dataset`` (name) and ``fields`` (name and kind of each).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from nadeuri import columns
from nadeuri.data.sequences import Dataset, ItemArray
from nadeuri.recommend.base import evenly_spaced

KIND = "recommender"
DEFAULT_FOLDER = "for-you"
"""Name below the artefacts folder where the shipped model is looked for; further models that are
served beside it lie in folders with this name, a hyphen and a name of their own."""

MODEL_FILE = "model.onnx"
WEIGHTS_FILE = "weights.safetensors"
ITEMS_FILE = "items.parquet"
USERS_FILE = "users.arrow"
CONFIG_FILE = "config.json"
METRICS_FILE = "metrics.json"

MODEL_INPUT = "items"
MODEL_OUTPUT = "scores"

_USERS_PER_BATCH = 1 << 16
_USERS_SCHEMA = pa.schema(
    [(columns.USER, pa.string()), (columns.HISTORY, pa.list_(pa.int32()))],
)


def write_users(dataset: Dataset, file: Path) -> None:
    """Write ``users.arrow``: every user's whole history, users ascending by id.

    The histories hold all clicks of the data set and not only the training part: what is served is
    what comes after everything that is known.
    """
    store = dataset.sequences
    ids = pa.array(dataset.user_ids, pa.string())
    order = pc.sort_indices(ids)
    with pa.OSFile(str(file), "wb") as sink, pa.ipc.new_file(sink, _USERS_SCHEMA) as writer:
        for start in range(0, len(order), _USERS_PER_BATCH):
            rows = order.slice(start, _USERS_PER_BATCH)
            users = rows.to_numpy()
            starts = store.offsets[users]
            lengths = store.offsets[users + 1] - starts
            ends = np.cumsum(lengths)
            positions = np.repeat(starts - (ends - lengths), lengths) + np.arange(ends[-1])
            histories = pa.ListArray.from_arrays(
                pa.array(np.concatenate([[0], ends]), pa.int32()),
                pa.array(store.items[positions], pa.int32()),
            )
            writer.write_batch(pa.record_batch([ids.take(rows), histories], schema=_USERS_SCHEMA))


@dataclass(frozen=True)
class UserBatch:
    """Consecutive users of ``users.arrow``."""

    ids: pa.StringArray
    offsets: ItemArray
    items: ItemArray

    def __len__(self) -> int:
        return len(self.ids)

    def history(self, row: int) -> ItemArray:
        """int32 [length], oldest first; a view into the mapped file."""
        return self.items[self.offsets[row] : self.offsets[row + 1]]


class UserStore:
    """``users.arrow``, mapped: look-ups by id and a walk over all users."""

    def __init__(self, file: Path) -> None:
        reader = pa.ipc.open_file(pa.memory_map(str(file)))
        self._batches = [
            _user_batch(reader.get_batch(number)) for number in range(reader.num_record_batches)
        ]
        self._first_ids = [batch.ids[0].as_py() for batch in self._batches]

    def __len__(self) -> int:
        return sum(map(len, self._batches))

    def __iter__(self) -> Iterator[UserBatch]:
        return iter(self._batches)

    def evenly(self, most: int) -> Iterator[tuple[str, ItemArray]]:
        """Ids and histories of at most ``most`` users, equally far apart by id."""
        starts = np.cumsum([0, *map(len, self._batches)])
        for position in evenly_spaced(len(self), most).tolist():
            number = int(np.searchsorted(starts, position, side="right")) - 1
            batch, row = self._batches[number], position - int(starts[number])
            yield batch.ids[row].as_py(), batch.history(row)

    def find(self, user: str) -> ItemArray | None:
        """The history of a user, None if the user is unknown; two binary searches."""
        number = bisect_right(self._first_ids, user) - 1
        if number < 0:
            return None
        batch = self._batches[number]
        row = bisect_left(range(len(batch)), user, key=lambda i: batch.ids[i].as_py())
        if row == len(batch) or batch.ids[row].as_py() != user:
            return None
        return batch.history(row)


def _user_batch(batch: pa.RecordBatch) -> UserBatch:
    histories = batch.column(columns.HISTORY)
    return UserBatch(
        ids=batch.column(columns.USER),
        offsets=histories.offsets.to_numpy(),
        items=histories.values.to_numpy(),
    )
