"""From trained product vectors to an artefact that is served without torch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file as save_arrays
from safetensors.torch import save_file as save_tensors

from nadeuri.artifact import Artifact, write_artifact
from nadeuri.data.sequences import Dataset
from nadeuri.data.splits import Split
from nadeuri.recommend.coview import bundle, ivf
from nadeuri.recommend.coview.prod2vec import Prod2Vec
from nadeuri.recommend.export import write_items, write_json


def export_vectors(
    model: Prod2Vec,
    dataset: Dataset,
    split: Split,
    out: Path,
    *,
    config: dict[str, Any],
    metrics: dict[str, Any],
) -> Artifact:
    """Write ``model`` as an artefact folder (:mod:`nadeuri.recommend.coview.bundle`).

    Args:
        split: its training part is what ``clicks`` counts.
        out: the artefact folder; one already there is replaced in one step.
        config: the resolved experiment, as JSON values.
        metrics: the evaluation's results, as JSON values.
    """
    neighbours = model.neighbours()
    vectors, keys = neighbours.vectors, neighbours.keys

    def write(folder: Path) -> None:
        arrays: dict[str, np.ndarray[Any, Any]] = {
            bundle.VECTORS: vectors,
            bundle.VIEWED: model.viewed.astype(np.uint8),
        }
        if keys is not vectors:
            arrays[bundle.KEYS] = keys
        if neighbours.known.sum() > ivf.FROM:
            cells = ivf.divide(keys)
            arrays |= {bundle.CENTRES: cells.centres, bundle.CELLS: cells.cells}
        save_arrays(arrays, folder / bundle.VECTORS_FILE)
        weights = {name: table.detach().cpu() for name, table in model.network.named_parameters()}
        save_tensors(weights, folder / bundle.WEIGHTS_FILE)
        write_items(dataset, split, folder / bundle.ITEMS_FILE)
        write_json({"experiment": config}, folder / bundle.CONFIG_FILE)
        write_json(metrics, folder / bundle.METRICS_FILE)

    return write_artifact(
        out,
        bundle.KIND,
        write,
        data_fingerprint=dataset.fingerprint,
        metadata={
            "model": model.kind,
            "dim": vectors.shape[1],
            "n_items": dataset.n_items,
            "dataset": dataset.name,
            "fields": [{"name": field.name, "kind": field.kind} for field in dataset.fields],
        },
    )
