"""What others also viewed, from exported vectors: NumPy, Arrow, and faiss if they are many."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from rapidfuzz import process
from safetensors.numpy import load_file

from nadeuri import columns
from nadeuri.artifact import Artifact, open_artifact
from nadeuri.data.sequences import IntArray, ItemArray
from nadeuri.errors import ArtifactError, UnknownItemError
from nadeuri.recommend.base import Scores
from nadeuri.recommend.coview import bundle
from nadeuri.recommend.coview.neighbours import CosineNeighbours, Index, Vectors
from nadeuri.recommend.filters import CatalogueFilters, Mask, flat_values
from nadeuri.recommend.shown import RecommendedItem, ShownItems, nfc

_SUGGESTIONS = 3
_FIRST_LOOK = 8
"""Candidates looked at for each place of the list before all are: most lists need no more."""

Source = Literal["viewed", "metadata", "popular"]


@dataclass(frozen=True)
class Query:
    """The neighbours of which product, under which rules.

    Attributes:
        item: product code.
        k: how many products.
        filters: catalogue column -> accepted values; a product must pass every column.
        same_country: only products of this product's country.
        per_city: at most so many products of one city (None: no limit).
    """

    item: str
    k: int = 10
    filters: Mapping[str, Sequence[str]] = field(default_factory=dict)
    same_country: bool = False
    per_city: int | None = None


@dataclass(frozen=True)
class Answer:
    """The list under a product page.

    Attributes:
        source: ``viewed``: from how people browse; ``metadata``: the product is new, its vector is
            that of its metadata; ``popular``: there is no vector, so what is popular in its city
            and then elsewhere.
        items: best first; fewer than ``k`` when no more pass the rules.
        unknown_filters: filter values that no product carries, by field.
    """

    source: Source
    items: tuple[RecommendedItem, ...]
    unknown_filters: Mapping[str, tuple[str, ...]]


class AlsoViewed:
    """An artefact, opened for serving. Safe to share between threads and to inherit by fork.

    Two rules always hold where the catalogue has the columns: what is not on sale
    (``columns.ON_SALE``) is not shown, and of a trip (``columns.TRIP``) that leaves on several days
    only the best departure is, and none of the product that is being looked at.
    """

    def __init__(self, path: Path) -> None:
        """
        Args:
            path: folder of exported vectors.

        Raises:
            ArtifactError: not exported vectors, or a file is damaged.
        """
        self.artifact: Artifact = open_artifact(path, bundle.KIND)
        catalogue = pq.read_table(self.artifact.file(bundle.ITEMS_FILE))
        arrays = load_file(self.artifact.file(bundle.VECTORS_FILE))
        vectors, keys = arrays[bundle.VECTORS], arrays.get(bundle.KEYS)
        if len(vectors) != catalogue.num_rows + 1 or (
            keys is not None and keys.shape != vectors.shape
        ):
            raise ArtifactError(f"{path}: {bundle.VECTORS_FILE} does not fit {bundle.ITEMS_FILE}")
        index = _index(path, vectors if keys is None else keys, arrays)
        self.model = CosineNeighbours(self.artifact.metadata["model"], vectors, keys, index)
        self.viewed: Mask = arrays[bundle.VIEWED].astype(np.bool_)
        self.filters = CatalogueFilters(catalogue)
        self.shown = ShownItems(catalogue)
        self.clicks: IntArray = np.concatenate([[0], catalogue[columns.CLICKS].to_numpy()])
        self._on_sale = _on_sale(catalogue)
        self._trips, self._cities, self._countries = (
            _codes(catalogue, name) for name in (columns.TRIP, columns.CITY, columns.COUNTRY)
        )

    @property
    def n_items(self) -> int:
        return self.model.n_items

    @property
    def most_viewed(self) -> str:
        """Code of the product with the most training clicks."""
        code: str = self.shown.codes[int(self.clicks[1:].argmax())].as_py()
        return code

    def answer(self, query: Query) -> Answer:
        """The products beside ``query.item``.

        Raises:
            UnknownItemError: no such product; the message names the nearest codes.
            QueryError: a filter on a field that the catalogue does not have.
        """
        item = self.shown.find(query.item)
        if item == 0:
            raise UnknownItemError(query.item, self._nearest_codes(query.item))
        passing, unknown = self.filters.mask(query.filters)
        passing &= self.allowed(item, query.same_country)
        picked, scores = self._indexed(item, passing, query)
        if len(picked) < query.k:
            picked, scores = self._exact(item, passing, query)
        return Answer(self._source(item), self.shown.describe(picked, scores), unknown)

    def _nearest_codes(self, code: str) -> list[str]:
        matches = process.extract(nfc(code), self.shown.codes.to_pylist(), limit=_SUGGESTIONS)
        return [match for match, _, _ in matches]

    def allowed(self, item: int, same_country: bool = False) -> Mask:
        """bool [n_items + 1]: on sale, another trip and, where asked, in the same country."""
        allowed = self._on_sale.copy()
        allowed[item] = False
        if self._trips is not None and self._trips[item]:
            allowed &= self._trips != self._trips[item]
        if same_country and self._countries is not None:
            allowed &= self._countries == self._countries[item]
        return allowed

    def is_same_trip(self, item: int, other: int) -> bool:
        """Whether two products differ by nothing but the departure."""
        return self._trips is not None and 0 != self._trips[item] == self._trips[other]

    def _source(self, item: int) -> Source:
        if not self.model.known[item]:
            return "popular"
        return "viewed" if self.viewed[item] else "metadata"

    def _indexed(self, item: int, passing: Mask, query: Query) -> tuple[ItemArray, Scores]:
        """The list among what the index finds; short where the rules leave too little of that."""
        if self.model.index is None or not self.model.known[item]:
            return np.zeros(0, np.int32), np.zeros(0, np.float32)
        vector = self.model.vectors[item : item + 1]
        (found,), (scores,) = self.model.index.nearest(vector, _FIRST_LOOK * query.k)
        kept = passing[found] & (found > 0)
        found, scores = found[kept], scores[kept]
        picked = np.fromiter(self.pick(found, query.k, query.per_city), dtype=np.int32)
        return picked, scores[np.isin(found, picked)]

    def _exact(self, item: int, passing: Mask, query: Query) -> tuple[ItemArray, Scores]:
        """The list among all products."""
        scores = self._scores(item)
        scores[~passing] = -np.inf
        candidates = _best_first(scores, _FIRST_LOOK * query.k)
        picked = np.fromiter(self.pick(candidates, query.k, query.per_city), dtype=np.int32)
        return picked, scores[picked]

    def _scores(self, item: int) -> Scores:
        """How near every product is, or how popular; float32 [n_items + 1]."""
        if self.model.known[item]:
            near: Scores = self.model.score_after(np.array([item]))[0]
            return near
        scores: Scores = (self.clicks / max(1, self.clicks.max())).astype(np.float32)
        if self._cities is not None and self._cities[item]:
            scores += self._cities == self._cities[item]
        return scores

    def pick(self, candidates: Iterable[int], k: int, per_city: int | None = None) -> Iterator[int]:
        """The first ``k`` candidates, one of a trip and at most ``per_city`` of a city."""
        trips: set[int] = set()
        cities: Counter[int] = Counter()
        left = k
        for item in candidates:
            trip = 0 if self._trips is None else int(self._trips[item])
            city = 0 if self._cities is None else int(self._cities[item])
            if (trip and trip in trips) or (per_city and city and cities[city] >= per_city):
                continue
            trips.add(trip)
            cities[city] += 1
            yield item
            left -= 1
            if left == 0:
                return


def _index(path: Path, keys: Vectors, arrays: Mapping[str, Any]) -> Index | None:
    """The index of a large catalogue, from how its products were divided at export."""
    if bundle.CELLS not in arrays:
        return None
    from nadeuri.recommend.coview.ivf import Cells, IvfIndex  # only large catalogues need faiss

    try:
        return IvfIndex(keys, Cells(arrays[bundle.CENTRES], arrays[bundle.CELLS]))
    except (KeyError, ValueError) as error:
        raise ArtifactError(f"{path}: {bundle.VECTORS_FILE} holds a damaged index") from error


def _best_first(scores: Scores, first: int) -> Iterator[int]:
    """Indices of finite scores, best first, equal ones by index; ``first`` are sorted at first."""
    if first < len(scores):
        threshold = np.partition(scores, -first)[-first]
        best = np.flatnonzero(scores > threshold)
        yield from _ordered(scores, best)
        rest = np.flatnonzero((scores <= threshold) & np.isfinite(scores))
    else:
        rest = np.flatnonzero(np.isfinite(scores))
    yield from _ordered(scores, rest)


def _ordered(scores: Scores, items: IntArray) -> list[int]:
    ordered: list[int] = items[np.argsort(-scores[items], kind="stable")].tolist()
    return ordered


def _on_sale(catalogue: pa.Table) -> Mask:
    """bool [n_items + 1]; a product of which nothing is said is on sale."""
    on_sale = np.ones(catalogue.num_rows + 1, dtype=np.bool_)
    on_sale[0] = False
    if columns.ON_SALE in catalogue.column_names:
        said = pc.fill_null(pc.equal(catalogue[columns.ON_SALE], columns.YES), True)
        on_sale[1:] = said.to_numpy()
    return on_sale


def _codes(catalogue: pa.Table, name: str) -> IntArray | None:
    """A column as numbers from 1, 0 where there is no value; None without the column.

    Of several values of a product the first counts.
    """
    if name not in catalogue.column_names:
        return None
    items, codes, _ = flat_values(catalogue[name].combine_chunks())
    firsts, at = np.unique(items, return_index=True)
    numbers = np.zeros(catalogue.num_rows + 1, dtype=np.int64)
    numbers[firsts] = codes[at] + 1
    return numbers
