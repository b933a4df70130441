"""An epoch is every question once, in an order that follows from its number."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from nadeuri import columns
from nadeuri.data.questions import Question, Span
from nadeuri.training.distributed import share
from nadeuri.understand.batches import (
    UNKNOWN,
    Example,
    QuestionBatch,
    QuestionBatches,
    collate,
    examples,
)
from nadeuri.understand.encoding import MAX_PIECES, CharacterEncoder, Encoding
from nadeuri.understand.gazetteer import Entry, Gazetteer
from nadeuri.understand.marks import NameMarker
from nadeuri.understand.segments import N_TAGS

LABELS = (columns.REGION_LABEL,)
INTENTS = (columns.PRODUCT_INTENT, columns.WEATHER_INTENT)
FIELDS = ("ids", "tags", "units", "labels", "lengths", "intents")


@pytest.fixture
def rows() -> list[Example]:
    """Of 1 to 23 characters, each length once; the text's first character tells which."""
    questions = [
        Question(str(n), chr(0xAC00 + n) * (n + 1), intent=INTENTS[n % 2]) for n in range(23)
    ]
    return examples(questions, CharacterEncoder(), LABELS, INTENTS)


def batches(rows: list[Example], seed: int) -> QuestionBatches:
    return QuestionBatches(rows, batch_size=4, pad=0, seed=seed)


def written(batch: QuestionBatch) -> list[object]:
    return [getattr(batch, name).tolist() for name in FIELDS]


def test_an_epoch_follows_from_seed_and_number(rows: list[Example]) -> None:
    first = [written(batch) for batch in batches(rows, 1).epoch(3)]
    assert first == [written(batch) for batch in batches(rows, 1).epoch(3)]
    assert first != [written(batch) for batch in batches(rows, 1).epoch(4)]
    assert first != [written(batch) for batch in batches(rows, 2).epoch(3)]


def test_an_epoch_has_every_row_once(rows: list[Example]) -> None:
    made = batches(rows, 1)
    epoch = list(made.epoch(1))
    assert len(epoch) == len(made) == 6
    seen = Counter(int(first) for batch in epoch for first in batch.ids[:, 0])
    assert seen == Counter(0xAC00 + n for n in range(23))


def test_some_questions_come_without_the_marks_of_their_names() -> None:
    marker = NameMarker(Gazetteer([Entry("부산", columns.REGION_LABEL)]))
    questions = [Question(str(n), "부산 가" + "자" * (n % 5)) for n in range(400)]
    rows = examples(questions, CharacterEncoder(marker=marker), LABELS, INTENTS)
    bare = examples(questions, CharacterEncoder(), LABELS, INTENTS)
    spaced = {tuple(row.encoding.ids): row.encoding.tags for row in bare}
    marked = Counter[bool]()
    for batch in batches(rows, 1).epoch(1):
        for ids, tags in zip(batch.ids.tolist(), batch.tags.tolist(), strict=True):
            length = len(ids) - ids.count(0)
            marked[tags[0] >= N_TAGS] += 1
            assert [tag % N_TAGS for tag in tags[:length]] == spaced[tuple(ids[:length])]
            assert (tags[1] >= N_TAGS) == (tags[0] >= N_TAGS), "all marks of a question, or none"
    assert 200 < marked[True] < 350
    assert marked[False] > 50
    assert all(row.encoding.tags[0] >= N_TAGS for row in rows), "the examples keep their marks"


def test_questions_of_similar_length_are_together(rows: list[Example]) -> None:
    spreads = [np.ptp(batch.lengths) for batch in batches(rows, 1).epoch(1)]
    assert np.mean(spreads) < 9, "a random order has about 14"


def test_examples_carry_tags_and_intents() -> None:
    questions = [
        Question("1", "부산 가", (Span(0, 2, columns.REGION_LABEL),), columns.WEATHER_INTENT),
        Question("2", "\u3000"),
        Question("3", "안녕"),
        Question("4", "가격", intent=columns.PRICE_INTENT),
    ]
    found = examples(questions, CharacterEncoder(), LABELS, INTENTS)
    assert [row.labels for row in found] == [[1, 2, 0], [0, 0], [0, 0]]
    assert [row.intent for row in found] == [1, UNKNOWN, UNKNOWN], "an intent the model has not"


def test_a_batch_is_padded() -> None:
    rows = [
        Example(Encoding([7, 8, 9], [0, 4, 0], [1], [0], [2]), [1], 0),
        Example(Encoding([7, 5, 5, 5, 9], [0, 2, 3, 2, 0], [1, 3], [0, 3], [2, 4]), [0, 1], -1),
    ]
    assert written(collate(rows, 1)) == [
        [[7, 8, 9, 1, 1], [7, 5, 5, 5, 9]],
        [[0, 4, 0, 0, 0], [0, 2, 3, 2, 0]],
        [[1, 0], [1, 3]],
        [[1, 0], [0, 1]],
        [1, 2],
        [0, -1],
    ]


@pytest.mark.parametrize("world", [2, 3])
def test_processes_share_a_batch(rows: list[Example], world: int) -> None:
    batch = collate(rows[:5], 0)
    shares = [share(batch, rank, world) for rank in range(world)]
    firsts = sorted(int(first) for part, _ in shares for first in part.ids[:, 0])
    assert firsts == [0xAC00 + n for n in range(5)]
    assert sum(weight for _, weight in shares) == pytest.approx(1)
    for part, weight in shares:
        assert weight == len(part.lengths) / 5
        assert {len(getattr(part, name)) for name in FIELDS} == {len(part.lengths)}


def test_a_process_without_a_row_has_no_weight(rows: list[Example]) -> None:
    part, weight = share(collate(rows[:1], 0), 1, 2)
    assert (len(part.ids), weight) == (1, 0.0)


def test_a_long_text_is_learned_from_in_part() -> None:
    text = "가나다 " * 300
    spans = (Span(0, 2, columns.REGION_LABEL), Span(1100, 1103, columns.REGION_LABEL))
    (row,) = examples([Question("1", text.strip(), spans)], CharacterEncoder(), LABELS, ())
    assert len(row.encoding.ids) == len(row.encoding.tags) == MAX_PIECES
    assert row.encoding.ids[-1] == ord("다"), "the last piece is special in other encodings"
    assert len(row.labels) == len(row.encoding.units) == len(row.encoding.ends)
    assert max(row.encoding.units) < MAX_PIECES - 1
    assert sum(row.labels) == 3, "the second span lies behind"
