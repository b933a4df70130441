"""Recommendations from an exported artefact, with NumPy, Arrow and ONNX Runtime only.

This is what the server and the batch job import: no torch, no MLflow.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Literal

import numpy as np
import pyarrow.parquet as pq

from nadeuri import columns
from nadeuri.artifact import Artifact, open_artifact
from nadeuri.data.sequences import ItemArray, MetadataField
from nadeuri.errors import ArtifactError
from nadeuri.onnx import open_session
from nadeuri.recommend import bundle
from nadeuri.recommend.base import Scores, exclude, top_k
from nadeuri.recommend.filters import CatalogueFilters
from nadeuri.recommend.products import Products
from nadeuri.recommend.shown import RecommendedItem, ShownItems, nfc
from nadeuri.recommend.why import SharedMetadata

_SCORES_PER_RUN = 1 << 24
"""Bounds the memory of one forward pass: 64 MiB of scores, whatever the catalogue's size."""

NO_ITEMS: ItemArray = np.zeros(0, dtype=np.int32)


@dataclass(frozen=True)
class Query:
    """Who asks for what.

    Attributes:
        user: id of a user of the training data; their stored history is used.
        history: product codes, oldest first; takes the place of a stored history.
        k: how many items.
        filters: catalogue column -> accepted values; an item must pass every column.
        exclude_seen: leave out the items of the history.
        why: say what each item has in common with the history.
    """

    user: str | None = None
    history: Sequence[str] | None = None
    k: int = 10
    filters: Mapping[str, Sequence[str]] = field(default_factory=dict)
    exclude_seen: bool = True
    why: bool = False


@dataclass(frozen=True)
class Answer:
    """The list for one query, and what of the query was not understood.

    Attributes:
        source: ``popular`` when there was no history to go by: unknown user, no known item.
        items: best first; fewer than ``k`` when no more items pass the filters.
        unknown_user: a user was named, and is not known.
        unknown_items: codes of the history that are not in the catalogue.
        unknown_filters: filter values that no item carries, by field.
    """

    source: Literal["personalised", "popular"]
    items: tuple[RecommendedItem, ...]
    unknown_user: bool
    unknown_items: tuple[str, ...]
    unknown_filters: Mapping[str, tuple[str, ...]]


class Predictor:
    """An artefact, opened for serving. Safe to share between threads and to inherit by fork."""

    def __init__(self, path: Path, threads: int = 1) -> None:
        """
        Args:
            path: folder of an exported recommender.
            threads: of one forward pass. Servers scale by processes; one thread also means that
                ONNX Runtime starts none, so that the object survives a fork.

        Raises:
            ArtifactError: not an exported recommender, or a file is damaged.
        """
        self.artifact: Artifact = open_artifact(path, bundle.KIND)
        self._session = open_session(self.artifact.file(bundle.MODEL_FILE), threads)
        catalogue = pq.read_table(self.artifact.file(bundle.ITEMS_FILE))
        self.n_items: int = catalogue.num_rows
        if self.n_items != self.artifact.metadata["n_items"]:
            raise ArtifactError(f"{path}: {bundle.ITEMS_FILE} does not fit the manifest's n_items")
        self._catalogue = catalogue
        self._fields = [MetadataField(**each) for each in self.artifact.metadata["fields"]]
        self.max_history = int(self.artifact.metadata["max_history"])
        self.users = bundle.UserStore(self.artifact.file(bundle.USERS_FILE))
        self.filters = CatalogueFilters(catalogue)
        self.shown = ShownItems(catalogue)
        popularity = catalogue[columns.CLICKS].to_numpy().astype(np.float32)
        self._popularity: Scores = np.concatenate([[np.float32(-np.inf)], popularity])

    @cached_property
    def products(self) -> Products:
        """The catalogue to look through. Made when it is first asked for: only what is served needs
        it, and two threads that ask at once make the same twice."""
        return Products(self._catalogue, self._fields, self.filters, self.shown)

    @cached_property
    def metadata(self) -> SharedMetadata:
        """What products have in common; made as :attr:`products` is."""
        return SharedMetadata(self._catalogue, self._fields)

    @property
    def most_clicked(self) -> str:
        """Code of the product with the most training clicks."""
        code: str = self.shown.codes[int(self._popularity[1:].argmax())].as_py()
        return code

    def recommend(self, queries: Sequence[Query]) -> list[Answer]:
        """Answer queries, scoring their histories together.

        Raises:
            QueryError: a filter on a field that the catalogue does not have.
        """
        step = self.rows_per_run
        return [
            answer
            for start in range(0, len(queries), step)
            for answer in self._recommend(queries[start : start + step])
        ]

    def score(self, histories: Sequence[ItemArray]) -> Scores:
        """Score all items after each history, of which the most recent ``max_history`` are read.

        Args:
            histories: item indices, oldest first; at least one history.

        Returns:
            float32 [batch_size, n_items + 1]; column 0 (padding) is ``-inf``.
        """
        longest = min(max(1, *map(len, histories)), self.max_history)
        items = np.zeros((len(histories), longest), dtype=np.int64)
        for row, history in enumerate(histories):
            recent = history[-longest:]
            items[row, longest - len(recent) :] = recent
        (scores,) = self._session.run([bundle.MODEL_OUTPUT], {bundle.MODEL_INPUT: items})
        result: Scores = scores
        return result

    @property
    def rows_per_run(self) -> int:
        """Histories to score together, so that the scores stay within a bounded memory."""
        return max(1, _SCORES_PER_RUN // (self.n_items + 1))

    def _recommend(self, queries: Sequence[Query]) -> list[Answer]:
        read = [self._read(query) for query in queries]
        masks = [self.filters.mask(query.filters) for query in queries]
        scores = np.repeat(self._popularity[None], len(queries), axis=0)
        personal = [row for row, (history, _, _) in enumerate(read) if len(history)]
        if personal:
            scores[personal] = self.score([read[row][0] for row in personal])
        for row, (passing, _) in enumerate(masks):
            scores[row, ~passing] = -np.inf
        exclude(
            scores,
            [
                history if query.exclude_seen else NO_ITEMS
                for query, (history, _, _) in zip(queries, read, strict=True)
            ],
        )
        items, values = top_k(scores, max(query.k for query in queries))
        return [
            Answer(
                source="personalised" if len(history) else "popular",
                items=self._described(items[row, : query.k], values[row], query, history),
                unknown_user=unknown_user,
                unknown_items=unknown_items,
                unknown_filters=masks[row][1],
            )
            for row, (query, (history, unknown_items, unknown_user)) in enumerate(
                zip(queries, read, strict=True)
            )
        ]

    def _described(
        self, items: ItemArray, scores: Scores, query: Query, history: ItemArray
    ) -> tuple[RecommendedItem, ...]:
        """Rows of an answer, with what they have in common with the history if that is asked."""
        rows = self.shown.describe(items, scores)
        if not query.why:
            return rows
        reasons = self.metadata.reasons(history, items[: len(rows)].tolist())
        return tuple(replace(row, why=why) for row, why in zip(rows, reasons, strict=True))

    def _read(self, query: Query) -> tuple[ItemArray, tuple[str, ...], bool]:
        """A query's history as item indices, its unknown codes, whether its user is unknown."""
        stored = None if query.user is None else self.users.find(nfc(query.user))
        unknown_user = query.user is not None and stored is None
        if query.history is None:
            return NO_ITEMS if stored is None else stored, (), unknown_user
        found = [self.shown.find(code) for code in query.history]
        unknown = [code for code, item in zip(query.history, found, strict=True) if item == 0]
        history = np.array([item for item in found if item], dtype=np.int32)
        return history, tuple(dict.fromkeys(unknown)), unknown_user
