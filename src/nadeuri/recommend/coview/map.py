"""Product vectors as maps: products are near on the plane where their vectors are near by cosine.

t-SNE (van der Maaten & Hinton, JMLR 2008), started from the principal components so that the large
distances mean something too (Kobak & Linderman, Nature Biotechnology 2021).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
from openTSNE import TSNE

from nadeuri import columns
from nadeuri.data.sequences import IntArray, MetadataField
from nadeuri.errors import ConfigError
from nadeuri.progress import progress
from nadeuri.recommend.coview import bundle
from nadeuri.recommend.coview.neighbours import Vectors
from nadeuri.recommend.coview.predict import AlsoViewed
from nadeuri.recommend.coview.separation import Separation, separation
from nadeuri.recommend.features import FieldBags, encode_field
from nadeuri.recommend.filters import Mask
from nadeuri.recommend.shown import shown_values

MAX_SHOWN = 5_000
K = 10
"""Neighbours by which the separation is measured."""
PERPLEXITY = 30
NONE = -1
"""Label of a product without a value."""
_SEED = 0
_FEWEST = 4
"""Fewer products than these have no perplexity of 1."""
_EARLY_STEPS, _STEPS, _STEPS_PER_TICK = 250, 500, 25
_TITLES = {columns.PROD2VEC: "Prod2Vec", columns.META_PROD2VEC: "Meta-Prod2Vec"}


@dataclass(frozen=True)
class Panel:
    """The map of one artefact.

    Attributes:
        model: its kind.
        title: name of the model, with the path where two artefacts have the same.
        version: of the artefact.
        rows: int64 [n], which of :attr:`ProductMap.codes` are on this map.
        points: float32 [n, 2].
        is_cold: bool [n], the vector is that of the metadata: nobody clicked the product.
        n_vectors: products of the whole catalogue that have a vector.
        separation: by the map's first field, over the whole catalogue.
    """

    model: str
    title: str
    version: str
    rows: IntArray
    points: npt.NDArray[np.float32]
    is_cold: Mask
    n_vectors: int
    separation: Separation


@dataclass(frozen=True)
class MapField:
    """What products can be coloured by.

    Attributes:
        values: those of the products shown, the commonest of the catalogue first.
        labels: int64 [n_shown], positions in ``values``, ``NONE`` where there is none.
    """

    name: str
    values: tuple[str, ...]
    labels: IntArray


@dataclass(frozen=True)
class ProductMap:
    """Maps of the same products side by side.

    Attributes:
        n_products: in the catalogue.
        codes: of the products shown.
        names: of the same products; their code where the catalogue has no name.
        fields: the one that was asked for first.
        panels: one for each artefact.
    """

    n_products: int
    codes: tuple[str, ...]
    names: tuple[str, ...]
    fields: tuple[MapField, ...]
    panels: tuple[Panel, ...]


def build_map(
    paths: Sequence[Path], field: str | None = None, *, max_shown: int = MAX_SHOWN
) -> ProductMap:
    """Lay out the products of exported also-viewed vectors, one map for each artefact.

    Products that no artefact has a vector of are not shown, and of the others at most
    ``max_shown``, drawn at random but always the same ones. Two calls give the same map.

    Args:
        field: categorical metadata field by which the separation is measured and products are
            coloured at first; the city, else the first field, when None.

    Raises:
        ArtifactError: not exported vectors, or a file is damaged.
        ConfigError: two artefacts are not of the same products, or there is no such field.
    """
    models = [AlsoViewed(path) for path in paths]
    for path, model in zip(paths, models, strict=True):
        if not model.shown.codes.equals(models[0].shown.codes):
            raise ConfigError(
                f"{paths[0]} and {path} are not of the same products; "
                "train both on the same data set"
            )
    catalogue = pq.read_table(models[0].artifact.file(bundle.ITEMS_FILE))
    fields = _categorical_fields(models[0], field)
    bags = [encode_field(catalogue, each, max_values=catalogue.num_rows) for each in fields]
    shown = _sample(models, max_shown)
    separations = [separation(each.model, bags[0], K) for each in progress(models, "separation")]
    codes = tuple(models[0].shown.codes.take(pa.array(shown - 1)).to_pylist())
    return ProductMap(
        n_products=catalogue.num_rows,
        codes=codes,
        names=_names(catalogue, codes, shown),
        fields=tuple(_map_field(catalogue, each, shown) for each in bags),
        panels=tuple(
            _panel(title, model, shown, found)
            for title, model, found in zip(_titles(paths, models), models, separations, strict=True)
        ),
    )


def project(vectors: Vectors, description: str = "map") -> npt.NDArray[np.float32]:
    """Points on a plane for unit vectors; the same ones for the same vectors.

    Args:
        vectors: float32 [n, d].
        description: short text before the progress bar.

    Returns:
        float32 [n, 2]; a row of points for fewer than four vectors.
    """
    n = len(vectors)
    if n < _FEWEST:
        return np.stack([np.arange(n), np.zeros(n)], axis=1).astype(np.float32)
    ticks = iter(progress(range((_EARLY_STEPS + _STEPS) // _STEPS_PER_TICK), description))

    def tick(*_: object) -> bool:
        next(ticks, None)
        return False  # anything true would end the optimisation

    # "auto" turns to approximate neighbours, which vary, and to a grid that is slow at these sizes
    fitted = TSNE(
        perplexity=min(PERPLEXITY, (n - 1) / 3),
        metric="cosine",
        neighbors="exact",
        negative_gradient_method="bh",
        initialization="pca",
        early_exaggeration_iter=_EARLY_STEPS,
        n_iter=_STEPS,
        callbacks=tick,
        callbacks_every_iters=_STEPS_PER_TICK,
        n_jobs=1,
        random_state=_SEED,
    ).fit(vectors)
    return np.asarray(fitted, dtype=np.float32)


def _categorical_fields(model: AlsoViewed, wanted: str | None) -> list[MetadataField]:
    """The categorical fields of an artefact, ``wanted`` or the default one first."""
    described = (MetadataField(**each) for each in model.artifact.metadata["fields"])
    fields = {each.name: each for each in described if each.kind == columns.CATEGORICAL}
    if not fields:
        raise ConfigError(f"{model.artifact.path}: no categorical metadata to colour the map by")
    first = wanted or (columns.CITY if columns.CITY in fields else next(iter(fields)))
    if first not in fields:
        raise ConfigError(
            f"field: {first!r} is not a categorical field of {model.artifact.path} "
            f"(it has: {', '.join(fields)})"
        )
    return [fields.pop(first), *fields.values()]


def _sample(models: Sequence[AlsoViewed], max_shown: int) -> IntArray:
    """Item indices, rising, of products with a vector in any of the artefacts."""
    known = np.flatnonzero(np.any([each.model.known for each in models], axis=0))
    if len(known) <= max_shown:
        return known
    return np.sort(np.random.default_rng(_SEED).choice(known, max_shown, replace=False))


def _titles(paths: Sequence[Path], models: Sequence[AlsoViewed]) -> list[str]:
    titles = [_TITLES.get(each.model.kind, each.model.kind) for each in models]
    counts = Counter(titles)
    return [
        title if counts[title] == 1 else f"{title} ({path})"
        for title, path in zip(titles, paths, strict=True)
    ]


def _panel(title: str, model: AlsoViewed, shown: IntArray, found: Separation) -> Panel:
    rows = np.flatnonzero(model.model.known[shown])
    items = shown[rows]
    return Panel(
        model=model.model.kind,
        title=title,
        version=model.artifact.version,
        rows=rows,
        points=project(model.model.vectors[items], title),
        is_cold=~model.viewed[items],
        n_vectors=int(model.model.known.sum()),
        separation=found,
    )


def _map_field(catalogue: pa.Table, bags: FieldBags, shown: IntArray) -> MapField:
    """Codes are shown as what a column ``<field>_name`` calls them, if the catalogue has one."""
    labels = np.full(len(bags.offsets) - 1, NONE, dtype=np.int64)
    labels[np.diff(bags.offsets) > 0] = bags.indices  # a bag of one value each
    used, labels_shown = np.unique(labels[shown], return_inverse=True)
    labels_shown -= int(NONE in used)
    names = shown_values(catalogue, bags.name)
    return MapField(
        name=bags.name,
        values=tuple(
            names.get(bags.values[value], bags.values[value]) for value in used if value != NONE
        ),
        labels=labels_shown,
    )


def _names(catalogue: pa.Table, codes: tuple[str, ...], shown: IntArray) -> tuple[str, ...]:
    if columns.NAME not in catalogue.column_names:
        return codes
    names = catalogue[columns.NAME].take(pa.array(shown - 1)).to_pylist()
    return tuple(name or code for name, code in zip(names, codes, strict=True))
