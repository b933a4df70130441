"""The files of exported packages and places: what :mod:`export` writes and :mod:`predict` reads.

====================  ==========================================================================
``stops.parquet``     day plans of the packages: ``package``, ``day``, ``order``, ``place_id``
``products.parquet``  a row per package: ``package`` and, where the catalogue has them, ``name``,
                      ``city``, ``nights``, ``price``
``places.parquet``    the agency's places; where one has no coordinates, those of the place that it
                      is mapped to
``others.parquet``    the places of the other database, with the ``spellings`` that they are found
                      by; list of strings, folded and in Latin letters
``mapping.parquet``   ``left``, ``right``, ``relation``, ``probability`` of every mapped place
``cities.parquet``    ``city`` and the ``name`` it is shown with
====================  ==========================================================================

``city`` is the same code in all of them: the catalogue's, or the agency's name of a city that no
package goes to, or the other database's where the agency has no place there.

The manifest's metadata hold ``model`` (what rates the packages), ``mapping_version``,
``n_packages``, ``n_places``, ``n_others``, ``n_mapped``, ``n_unknown_stops`` (whose place is not in
the agency's table) and ``n_unknown_products`` (packages that the catalogue lacks).
"""

from __future__ import annotations

import pyarrow as pa

from nadeuri import columns

KIND = "packages"
MODEL = "match-rate"
DEFAULT_FOLDER = "packages"
"""Name below the artefacts folder where the exported packages are looked for."""

STOPS_FILE = "stops.parquet"
PRODUCTS_FILE = "products.parquet"
PLACES_FILE = "places.parquet"
OTHERS_FILE = "others.parquet"
MAPPING_FILE = "mapping.parquet"
CITIES_FILE = "cities.parquet"

PLACES = pa.schema(
    [
        pa.field(columns.PLACE_ID, pa.string(), nullable=False),
        pa.field(columns.NAME, pa.string(), nullable=False),
        pa.field(columns.NAME_EN, pa.string()),
        pa.field(columns.NAME_LOCAL, pa.string()),
        pa.field(columns.CITY, pa.string()),
        pa.field(columns.LATITUDE, pa.float64()),
        pa.field(columns.LONGITUDE, pa.float64()),
        pa.field(columns.CATEGORY, pa.string()),
    ]
)
OTHERS = PLACES.append(pa.field(columns.SPELLINGS, pa.list_(pa.string()), nullable=False))
PRODUCTS = pa.schema(
    [
        pa.field(columns.PACKAGE, pa.string(), nullable=False),
        pa.field(columns.NAME, pa.string()),
        pa.field(columns.CITY, pa.string()),
        pa.field(columns.NIGHTS, pa.int64()),
        pa.field(columns.PRICE, pa.float64()),
    ]
)
MAPPING = pa.schema(
    [
        pa.field(columns.LEFT, pa.string(), nullable=False),
        pa.field(columns.RIGHT, pa.string(), nullable=False),
        pa.field(columns.RELATION, pa.string()),
        pa.field(columns.PROBABILITY, pa.float64()),
    ]
)
CITIES = pa.schema(
    [
        pa.field(columns.CITY, pa.string(), nullable=False),
        pa.field(columns.NAME, pa.string(), nullable=False),
    ]
)
