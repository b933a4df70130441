"""The files of exported product vectors: what :mod:`export` writes and :mod:`predict` reads.

=======================  ====================================================================
``vectors.safetensors``  ``vectors`` float32 [n_items + 1, d], rows of length 1, or less where
                         the vector comes from metadata (``new_products``); a row of zeros is a
                         product without a vector; row 0 is zero; ``viewed`` uint8
                         [n_items + 1], 1 where the vector comes from browsing, not metadata;
                         ``keys`` like ``vectors``, what those are multiplied with, only where
                         ``output_share`` is not 0; ``centres`` float32 [n_cells, d] and
                         ``cells`` int32 [n_items + 1], how an index divides the products, only
                         in large catalogues (:mod:`ivf`)
``weights.safetensors``  the network's two tables, to train it on
``items.parquet``        the catalogue; row ``i`` is item index ``i + 1``; ``clicks`` int64 =
                         training clicks
``config.json``          resolved experiment and model configuration
``metrics.json``         what the model scored in evaluation
``map.parquet``          only where a map was put in (:mod:`map_file`): the products on the
                         plane, a row for each of a panel: ``model`` text (of whose vectors the
                         panel is), ``item`` text, ``x`` and ``y`` float32, ``is_new`` bool (the
                         vector comes from metadata)
=======================  ====================================================================

The manifest's metadata hold ``model`` (its kind), ``dim``, ``n_items``, ``dataset`` (name) and
``fields`` (name and kind of each).
"""

from __future__ import annotations

KIND = "also-viewed"
DEFAULT_FOLDER = "also-viewed"
"""Name below the artefacts folder where the shipped vectors are looked for."""

VECTORS_FILE = "vectors.safetensors"
VECTORS = "vectors"
KEYS = "keys"
VIEWED = "viewed"
CENTRES, CELLS = "centres", "cells"
WEIGHTS_FILE = "weights.safetensors"
ITEMS_FILE = "items.parquet"
CONFIG_FILE = "config.json"
METRICS_FILE = "metrics.json"
MAP_FILE = "map.parquet"
