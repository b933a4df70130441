"""A product map inside an artefact of vectors, so that whoever serves the vectors has it too."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from nadeuri import columns
from nadeuri.artifact import Artifact, open_artifact, write_artifact
from nadeuri.errors import ConfigError
from nadeuri.recommend.base import evenly_spaced
from nadeuri.recommend.coview import bundle
from nadeuri.recommend.shown import ShownItems

if TYPE_CHECKING:
    from nadeuri.recommend.coview.map import ProductMap

MAX_POINTS = 2_000
"""Products of a map that is read: as many as a page draws at once."""
_DECIMALS = 3


@dataclass(frozen=True)
class MapPoint:
    """A product on a map.

    Attributes:
        item: its index.
        is_new: nobody has clicked it, its place comes from its metadata.
    """

    item: int
    x: float
    y: float
    is_new: bool


@dataclass(frozen=True)
class MapPanel:
    """The map of the vectors of one model."""

    model: str
    points: tuple[MapPoint, ...]


def publish_with_map(source: Path, product_map: ProductMap, target: Path) -> Artifact:
    """Publish the artefact at ``source`` with a map as ``target``, which may be the same folder.

    Args:
        product_map: of the vectors of ``source`` and of any others of the same products.

    Raises:
        ArtifactError: no exported vectors at ``source``, or a file is damaged.
        ConfigError: the map is of other products, or two of its panels are of one kind of model,
            by which they are told apart.
    """
    kinds = [panel.model for panel in product_map.panels]
    if len(set(kinds)) < len(kinds):
        raise ConfigError(
            f"{source}: a map to serve holds one panel of a kind, and this one has "
            f"{', '.join(sorted(kinds))}; draw it of one artefact of each"
        )
    artifact = open_artifact(source, bundle.KIND)
    items = pq.read_table(artifact.file(bundle.ITEMS_FILE), columns=[columns.ITEM])
    if not set(product_map.codes) <= set(items[columns.ITEM].to_pylist()):
        raise ConfigError(
            f"{source}: the map shows products that it does not have; "
            "draw the map of vectors of the same data set"
        )

    def write(folder: Path) -> None:
        for name in artifact.manifest.files:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source / name, folder / name)
        pq.write_table(_table(product_map), folder / bundle.MAP_FILE)

    return write_artifact(
        target,
        bundle.KIND,
        write,
        metadata=artifact.metadata,
        data_fingerprint=artifact.manifest.data_fingerprint,
    )


def read_map(artifact: Artifact, shown: ShownItems) -> tuple[MapPanel, ...]:
    """The map of an artefact, one panel for each model; empty where it has none.

    Of more than :data:`MAX_POINTS` products, so many are taken, equally far apart in the order of
    the catalogue and always the same ones; a panel shows those that its model has a vector of.

    Args:
        shown: over the artefact's catalogue.
    """
    if bundle.MAP_FILE not in artifact.manifest.files:
        return ()
    table = pq.read_table(artifact.file(bundle.MAP_FILE))
    items = np.array([shown.find(code) for code in table[columns.ITEM].to_pylist()], np.int64)
    products = np.unique(items)
    taken = products[evenly_spaced(len(products), MAX_POINTS)]
    table = table.append_column("index", pa.array(items)).filter(pa.array(np.isin(items, taken)))
    panels: dict[str, list[MapPoint]] = {}
    for row in table.to_pylist():
        x, y = round(row["x"], _DECIMALS), round(row["y"], _DECIMALS)
        points = panels.setdefault(row["model"], [])
        points.append(MapPoint(row["index"], x, y, row["is_new"]))
    return tuple(MapPanel(model, tuple(points)) for model, points in panels.items())


def _table(product_map: ProductMap) -> pa.Table:
    codes = pa.array(product_map.codes, pa.string())
    parts = [
        pa.table(
            {
                "model": pa.array([panel.model] * len(panel.rows), pa.string()),
                columns.ITEM: codes.take(pa.array(panel.rows)),
                "x": panel.points[:, 0],
                "y": panel.points[:, 1],
                "is_new": panel.is_cold,
            }
        )
        for panel in product_map.panels
    ]
    return pa.concat_tables(parts)
