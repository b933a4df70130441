"""Sample users for the report: what they clicked, and every model's list side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from nadeuri import columns
from nadeuri.data.sequences import Dataset
from nadeuri.data.splits import Split
from nadeuri.recommend.runs import RunResult

HISTORY_SHOWN = 10
LIST_SHOWN = 10
HUES = 6
"""Different values of a field that get a colour in one user's block; further ones are grey."""
PREFERRED = (columns.CITY, columns.CATEGORY)


@dataclass(frozen=True)
class ItemCard:
    """An item as it is shown.

    Attributes:
        values: of the first shown field; the one that is most common in the block is coloured.
        hue: colour number below ``HUES``; None is grey.
    """

    code: str
    name: str
    values: tuple[str, ...]
    details: str
    hue: int | None = None
    is_target: bool = False


@dataclass(frozen=True)
class SampleList:
    """One model's answer; ``rank`` is where the target stands in it (None: not listed)."""

    model: str
    items: tuple[ItemCard, ...]
    rank: int | None


@dataclass(frozen=True)
class SampleUser:
    """One test case: history oldest first, the target, and the models' lists.

    Attributes:
        user: their number in the data set; reports go where ids of people must not.
    """

    user: int
    clicks: int
    history: tuple[ItemCard, ...]
    target: ItemCard
    lists: tuple[SampleList, ...]


def sample_users(
    dataset: Dataset,
    split: Split,
    runs: Mapping[str, tuple[RunResult, ...]],
    *,
    filter_seen: bool,
    n: int,
) -> tuple[SampleUser, ...]:
    """``n`` test cases drawn at random (always the same ones), answered by each model's first seed.

    They are not picked for looking good, so that a person judges what users would really get.
    """
    first = {name: results[0].test[filter_seen] for name, results in runs.items()}
    cards = _Cards(dataset)
    users = []
    n_cases = len(split.test)
    for row in np.sort(np.random.default_rng(0).permutation(n_cases)[:n]):
        user, end = int(split.test.users[row]), int(split.test.ends[row])
        target = int(split.test.targets[row])
        history = dataset.sequences.items[dataset.sequences.offsets[user] : end]
        shown = SampleUser(
            user=user,
            clicks=len(history),
            history=tuple(cards.of(int(item), target) for item in history[-HISTORY_SHOWN:]),
            target=cards.of(target, target),
            lists=tuple(
                SampleList(
                    model=name,
                    items=tuple(
                        cards.of(int(item), target)
                        for item in ranking.lists[row, :LIST_SHOWN]
                        if item
                    ),
                    rank=int(ranking.ranks[row]) if ranking.ranks[row] <= LIST_SHOWN else None,
                )
                for name, ranking in first.items()
            ),
        )
        users.append(_coloured(shown))
    return tuple(users)


class _Cards:
    """Items of a data set by index."""

    def __init__(self, dataset: Dataset) -> None:
        self.codes = dataset.item_codes
        catalogue = dataset.catalogue
        has_names = columns.NAME in catalogue.column_names
        self.names = catalogue[columns.NAME].to_pylist() if has_names else self.codes
        fields = [field.name for field in dataset.fields if field.kind != columns.NUMERIC]
        preferred = [name for name in PREFERRED if name in fields]
        self.fields: Sequence[list[Any]] = [
            catalogue[name].to_pylist() for name in (preferred or fields)[:2]
        ]

    def of(self, item: int, target: int) -> ItemCard:
        details = [_text(cells[item - 1]) for cells in self.fields]
        first = self.fields[0][item - 1] if self.fields else None
        return ItemCard(
            code=self.codes[item - 1],
            name=self.names[item - 1] or self.codes[item - 1],
            values=tuple(map(str, first if isinstance(first, list) else [first] if first else [])),
            details=" · ".join(detail for detail in details if detail),
            is_target=item == target,
        )


def _text(cell: object) -> str:
    if cell is None:
        return ""
    return ", ".join(map(str, cell[:3])) if isinstance(cell, list) else str(cell)


def _coloured(user: SampleUser) -> SampleUser:
    """Give the most frequent values of this user's block a colour each."""
    cards = [*user.history, user.target, *(card for shown in user.lists for card in shown.items)]
    counts = Counter(value for card in cards for value in card.values)
    common = {value: place for place, (value, _) in enumerate(counts.most_common())}
    leading = Counter(min(card.values, key=common.__getitem__) for card in cards if card.values)
    hues = {value: hue for hue, (value, _) in enumerate(leading.most_common(HUES))}

    def paint(card: ItemCard) -> ItemCard:
        leader = min(card.values, key=common.__getitem__, default=None)
        return replace(card, hue=hues.get(leader) if leader else None)

    return replace(
        user,
        history=tuple(map(paint, user.history)),
        target=paint(user.target),
        lists=tuple(replace(shown, items=tuple(map(paint, shown.items))) for shown in user.lists),
    )
