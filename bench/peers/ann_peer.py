"""Nearest-neighbour indexes over product vectors; runs in the virtual environment of these peers.

    python ann_peer.py task.json

Builds the index of ``library`` over ``vectors`` (rows of length 1 in an .npy file) with one thread,
asks it for the neighbours of ``queries`` (row numbers) and answers once for each of ``efforts``,
the library's own dial between speed and recall.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import faiss
import hnswlib
import numpy as np
from protocol import Meter, answer, read_task
from usearch.index import Index

Search = Callable[[Any, int, int], Any]
"""(vectors, k, effort) -> row numbers [n, k]."""

LINKS, BUILD_EFFORT = 16, 128
"""Of the graphs: neighbours of a node (M) and candidates while it is linked (ef_construction)."""


def ivf(vectors: Any) -> Search:
    """faiss: an inverted file, as many cells as Nadeuri uses."""
    faiss.omp_set_num_threads(1)
    n_cells = round(4 * len(vectors) ** 0.5)
    index = faiss.IndexIVFFlat(
        faiss.IndexFlatIP(vectors.shape[1]), vectors.shape[1], n_cells, faiss.METRIC_INNER_PRODUCT
    )
    index.cp.max_points_per_centroid = 64
    index.train(vectors)
    index.add(vectors)

    def search(asked: Any, k: int, effort: int) -> Any:
        index.nprobe = effort
        return index.search(asked, k)[1]

    return search


def hnsw(vectors: Any) -> Search:
    """hnswlib: a hierarchical navigable small world graph (Malkov and Yashunin, 2018)."""
    index = hnswlib.Index(space="ip", dim=vectors.shape[1])
    index.init_index(len(vectors), M=LINKS, ef_construction=BUILD_EFFORT, random_seed=1)
    index.add_items(vectors, num_threads=1)

    def search(asked: Any, k: int, effort: int) -> Any:
        index.set_ef(effort)
        return index.knn_query(asked, k, num_threads=1)[0].astype(np.int64)

    return search


def usearch(vectors: Any) -> Search:
    """usearch: the same kind of graph, by another hand."""
    index = Index(
        ndim=vectors.shape[1],
        metric="ip",
        dtype="f32",
        connectivity=LINKS,
        expansion_add=BUILD_EFFORT,
    )
    index.add(np.arange(len(vectors)), vectors, threads=1)

    def search(asked: Any, k: int, effort: int) -> Any:
        index.expansion_search = effort
        return index.search(asked, k, threads=1).keys.astype(np.int64)

    return search


BUILD = {"faiss": ivf, "hnswlib": hnsw, "usearch": usearch}


def main() -> None:
    task = read_task()
    vectors = np.load(task["vectors"])
    asked = vectors[task["queries"]]
    truth = np.load(task["truth"])
    meter = Meter()
    search = BUILD[task["library"]](vectors)
    build_s = meter.read()["cpu_s"]
    for effort in task["efforts"]:
        meter = Meter()
        found = search(asked, truth.shape[1], effort)
        spent = meter.read()["cpu_s"]
        hits = sum(
            len(set(a) & set(b)) for a, b in zip(found.tolist(), truth.tolist(), strict=True)
        )
        answer(
            {
                "effort": effort,
                "build_s": build_s,
                "query_us": spent / len(asked) * 1e6,
                "recall": hits / truth.size,
            }
        )


if __name__ == "__main__":
    main()
