"""Training batches: questions of similar length, in an order that follows from seed and epoch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from nadeuri.data.questions import Question
from nadeuri.training.distributed import share
from nadeuri.understand.bio import to_tags
from nadeuri.understand.encoding import MAX_PIECES, Encoding, Ints, TextEncoder, padded
from nadeuri.understand.segments import N_TAGS

UNKNOWN = -1
"""The intent of a question that has none."""

_JITTER = 6
_HIDDEN = 0.3


@dataclass(frozen=True)
class Example:
    """An encoded question with its labels: a tag for every unit, and the intent's number."""

    encoding: Encoding
    labels: list[int]
    intent: int


@dataclass(frozen=True)
class QuestionBatch:
    """Encoded questions.

    Attributes:
        ids, tags: int64 [B, L], padded with the encoder's pad and with 0.
        units: int64 [B, U], index of each unit's piece; labels: int64 [B, U], its tag.
        lengths: int64 [B], number of units.
        intents: int64 [B], UNKNOWN where there is none.
    """

    ids: Ints
    tags: Ints
    units: Ints
    labels: Ints
    lengths: Ints
    intents: Ints


@share.register
def _share_of_questions(batch: QuestionBatch, rank: int, world: int) -> tuple[QuestionBatch, float]:
    rows = slice(rank, None, world) if rank < len(batch.ids) else slice(0, 1)
    kept = QuestionBatch(
        *(
            getattr(batch, name)[rows]
            for name in ("ids", "tags", "units", "labels", "lengths", "intents")
        )
    )
    return kept, len(kept.ids) / len(batch.ids) if rank < len(batch.ids) else 0.0


def examples(
    questions: Sequence[Question],
    encoder: TextEncoder,
    labels: Sequence[str],
    intents: Sequence[str],
) -> list[Example]:
    """Encode labelled questions; those without a unit are left out.

    What lies behind the first MAX_PIECES pieces of a long text is not learned from.
    """
    numbers = {intent: number for number, intent in enumerate(intents)}
    found = []
    for question in questions:
        encoding = _cut(encoder(question.text))
        if encoding.units:
            tags = to_tags(encoding, question.spans, labels)
            found.append(Example(encoding, tags, numbers.get(question.intent or "", UNKNOWN)))
    return found


def collate(rows: Sequence[Example], pad: int) -> QuestionBatch:
    """One batch of examples."""
    encodings = [row.encoding for row in rows]
    return QuestionBatch(
        ids=padded([encoding.ids for encoding in encodings], pad),
        tags=padded([encoding.tags for encoding in encodings], 0),
        units=padded([encoding.units for encoding in encodings], 0),
        labels=padded([row.labels for row in rows], 0),
        lengths=np.array([len(row.labels) for row in rows]),
        intents=np.array([row.intent for row in rows]),
    )


class QuestionBatches:
    """Batches of one epoch after another, a function of ``(seed, epoch)`` alone."""

    def __init__(self, rows: Sequence[Example], *, batch_size: int, pad: int, seed: int) -> None:
        self._rows, self._pad = rows, pad
        self._batch_size, self._seed = batch_size, seed
        self._lengths = np.array([len(row.encoding.ids) for row in rows])

    def __len__(self) -> int:
        return -(-len(self._rows) // self._batch_size)

    def epoch(self, epoch: int) -> Iterator[QuestionBatch]:
        """Sorted by length, roughly: who meets whom in a batch changes every epoch.

        Some questions come without the marks of their names: no gazetteer has all of them.
        """
        rng = np.random.default_rng((self._seed, epoch))
        order = np.argsort(self._lengths + rng.uniform(0, _JITTER, len(self._rows)))
        for number in rng.permutation(len(self)):
            chosen = order[number * self._batch_size : (number + 1) * self._batch_size]
            batch = collate([self._rows[at] for at in chosen], self._pad)
            hidden = rng.random(len(chosen)) < _HIDDEN
            batch.tags[hidden] %= N_TAGS
            yield batch


def _cut(encoding: Encoding) -> Encoding:
    """At most MAX_PIECES pieces; the text's last special token is kept."""
    if len(encoding.ids) <= MAX_PIECES:
        return encoding
    n_units = sum(unit < MAX_PIECES - 1 for unit in encoding.units)
    return Encoding(
        [*encoding.ids[: MAX_PIECES - 1], encoding.ids[-1]],
        [*encoding.tags[: MAX_PIECES - 1], encoding.tags[-1]],
        encoding.units[:n_units],
        encoding.starts[:n_units],
        encoding.ends[:n_units],
    )
