"""What goes over the wire about products, where they lie on a map, and known travellers."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from nadeuri.recommend.coview.map_file import MAX_POINTS
from nadeuri.recommend.products import MAX_FACET_VALUES
from nadeuri.serve.wire import FROM_DIGITS, Wire

MAX_WORDS, MAX_VALUE = 100, 60
"""In a query string, where all has to fit into a request line."""
MAX_PAGE = 100
MAX_OFFSET = 1_000_000
MAX_LAST, MAX_LAST_IN_LIST = 20, 5

Narrow = Annotated[str, Field(max_length=MAX_VALUE)]
PageSize = Annotated[int, Field(ge=1, le=MAX_PAGE), FROM_DIGITS]


class ProductsQuery(Wire):
    """The query string of a search for products; an empty text is as good as none."""

    q: str = Field(
        "",
        max_length=MAX_WORDS,
        description="A part of a name or a code; case and spaces make no difference.",
    )
    country: Narrow = Field("", description="Only products of it.")
    city: Narrow = Field("", description="Only products of it, by its name or its code.")
    category: Narrow = Field("", description="Only products of this kind.")
    offset: Annotated[int, Field(ge=0, le=MAX_OFFSET), FROM_DIGITS] = Field(
        0, description="How many to pass over."
    )
    limit: PageSize = Field(20, description="How many products to return.")


class ShownProduct(Wire):
    """A product; what the catalogue does not say is null."""

    item: str = Field(description="Product code.")
    name: str | None
    country: str | None
    city: str | None
    category: str | None
    clicks: int = Field(ge=0, description="In the training data.")


class Product(ShownProduct):
    """A product, and all that the catalogue says of it."""

    fields: dict[str, list[str]] = Field(
        description="Metadata field -> its values as text; none where nothing is said."
    )


class Facet(Wire):
    """A value to narrow the search by."""

    value: str
    count: int = Field(ge=1, description="Products that are left then.")


Values = Annotated[list[Facet], Field(max_length=MAX_FACET_VALUES)]


class Facets(Wire):
    """Values that are left under the other choices, most products first."""

    country: Values
    city: Values
    category: Values


class ProductsResponse(Wire):
    """A page of the products that were found, most clicked first."""

    total: int = Field(ge=0, description="Found; the page holds some of them.")
    items: list[Product]
    facets: Facets


class ProductPoint(Wire):
    """A product on the plane."""

    item: str
    name: str | None
    city: str | None
    country: str | None
    category: str | None
    x: float
    y: float
    is_new: bool = Field(description="Nobody has looked at it yet: placed by its metadata.")


class ProductMapPanel(Wire):
    """The products as one model sees them."""

    model: str
    points: list[ProductPoint] = Field(max_length=MAX_POINTS)


class ProductMapResponse(Wire):
    """Maps, one for each model, of the products that it knows: alike ones are near each other."""

    panels: list[ProductMapPanel]


class TravellersQuery(Wire):
    """The query string of a list of travellers."""

    limit: PageSize = Field(20, description="How many travellers to return.")


class Traveller(Wire):
    """Somebody whose history is known."""

    user: str
    n_clicks: int = Field(ge=0)
    last: list[ShownProduct] = Field(
        max_length=MAX_LAST,
        description="Different products that they looked at last, newest first: "
        f"{MAX_LAST_IN_LIST} in a list of travellers, {MAX_LAST} of one.",
    )


class TravellersResponse(Wire):
    """Known travellers, equally far apart in the order of their ids: always the same ones."""

    travellers: list[Traveller]
