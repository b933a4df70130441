"""What the API says of products, travellers and recommendations, as far as the pages show it."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict


class _Told(BaseModel):
    model_config = ConfigDict(frozen=True)


class Product(_Told):
    """A product; what the catalogue does not say is None.

    Attributes:
        item: its code.
        city: its name.
        fields: values of every metadata field, as text.
        clicks: None where they were not counted.
    """

    item: str
    name: str | None = None
    country: str | None = None
    city: str | None = None
    category: str | None = None
    fields: dict[str, tuple[str, ...]] = {}
    clicks: int | None = None

    @property
    def title(self) -> str:
        """Its name, or its code where it has none."""
        return self.name or self.item


class FacetValue(_Told):
    """A value of a field, and how many of the products carry it."""

    value: str
    count: int


class Facets(_Told):
    """What products can be narrowed down by."""

    country: tuple[FacetValue, ...] = ()
    city: tuple[FacetValue, ...] = ()
    category: tuple[FacetValue, ...] = ()


class Products(_Told):
    """A part of the products that were looked for, most clicked first; ``total`` of them fit."""

    total: int
    items: tuple[Product, ...]
    facets: Facets = Facets()


class Traveller(_Told):
    """A known traveller.

    Attributes:
        last: products, newest first.
    """

    user: str
    n_clicks: int
    last: tuple[Product, ...]


class Shared(_Told):
    """A metadata value that a product has in common with ``count`` products of the history."""

    field: str
    value: str
    count: int


class Recommended(Product):
    """A product of a list.

    Attributes:
        why: what it shares with the history, the most shared first; None where not asked for.
    """

    rank: int
    why: tuple[Shared, ...] | None = None


class Recommendations(_Told):
    """What one model recommends, best first.

    Attributes:
        source: ``popular`` where there was no history to go by.
    """

    source: Literal["personalised", "popular"]
    items: tuple[Recommended, ...]
    unknown_user: bool = False


class AlsoViewed(_Told):
    """Neighbours of a product, best first.

    Attributes:
        source: ``viewed``: from how people browse; ``metadata``: the product is new, so from
            products like it; ``popular``: nothing is known of it.
    """

    source: Literal["viewed", "metadata", "popular"]
    items: tuple[Recommended, ...]


class MapPoint(_Told):
    """Where a product lies on a map; ``is_new``: nobody clicked it yet."""

    item: str
    name: str | None = None
    city: str | None = None
    country: str | None = None
    category: str | None = None
    x: float
    y: float
    is_new: bool = False


class MapPanel(_Told):
    """The map of one model."""

    model: str
    points: tuple[MapPoint, ...]


class ProductMap(_Told):
    """Maps of the products, one for each model."""

    panels: tuple[MapPanel, ...]


class ServedModel(_Told):
    """A model that the API serves; ``kind`` says what for."""

    kind: str
    model: str
