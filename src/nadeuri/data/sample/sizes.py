"""How large a sample world is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from nadeuri.errors import ConfigError


@dataclass(frozen=True)
class WorldSize:
    """Extent of a world.

    Attributes:
        users, items, cities: how many there are (bots come on top of the users).
        bots: crawlers that click far faster than people.
        block_users: users that are simulated together; memory grows with it, and the result
            depends on it, so it belongs to the size and is no setting.
        clicks_format: how the log is written, ``csv`` (gzip) or ``parquet`` (zstd).
        questions: labelled questions of travellers.
        places: eating places on Jeju.
        reviews: of all these places together.
        usage_months: months in which it is known who comes to them.
        agency_places, google_places: of the two databases to be mapped.
        itineraries: plans of travellers, to be matched with packages.
    """

    name: str
    users: int
    items: int
    cities: int
    bots: int
    block_users: int
    clicks_format: Literal["csv", "parquet"]
    questions: int
    places: int = 30
    reviews: int = 900
    usage_months: int = 2
    agency_places: int = 150
    google_places: int = 170
    itineraries: int = 40

    @property
    def n_blocks(self) -> int:
        return -(-self.users // self.block_users)

    def block(self, index: int) -> range:
        """User numbers of block ``index``."""
        start = index * self.block_users
        return range(start, min(start + self.block_users, self.users))


_ALL = (
    WorldSize("tiny", 200, 80, 8, bots=2, block_users=100, clicks_format="csv", questions=600),
    WorldSize(
        "demo",
        3_000,
        600,
        20,
        bots=5,
        block_users=1_000,
        clicks_format="csv",
        questions=6_700,
        places=300,
        reviews=15_000,
        usage_months=12,
        agency_places=1_500,
        google_places=1_800,
        itineraries=300,
    ),
    WorldSize(
        "full",
        420_000,
        9_000,
        74,
        bots=200,
        block_users=16_384,
        clicks_format="parquet",
        questions=6_700,
        places=9_252,
        reviews=900_000,
        usage_months=12,
        agency_places=20_000,
        google_places=25_000,
        itineraries=2_000,
    ),
)
SIZES = {size.name: size for size in _ALL}


def size_named(name: str) -> WorldSize:
    """The size of that name.

    Raises:
        ConfigError: there is none.
    """
    if name not in SIZES:
        raise ConfigError(f"size: {name!r} is none of {', '.join(SIZES)}")
    return SIZES[name]
