"""Products, travellers and recommendations as the pages meet them: the API, asked over HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote, urlencode

from nadeuri.web.door import TIMEOUT_S, Door
from nadeuri.web.shop_types import (
    AlsoViewed,
    Product,
    ProductMap,
    Products,
    Recommendations,
    ServedModel,
    Traveller,
)

RECOMMENDER = "recommender"
"""Kind of the models that recommend."""


class ShopApi:
    """The rooms of the API that know products and who looked at them."""

    def __init__(self, url: str, *, timeout_s: float = TIMEOUT_S, key: str | None = None) -> None:
        """Raises: ConfigError: ``url`` is none of http or https."""
        self._door = Door(url, timeout_s=timeout_s, key=key)

    def products(
        self,
        q: str = "",
        *,
        country: str | None = None,
        city: str | None = None,
        category: str | None = None,
        limit: int,
    ) -> Products:
        """Products by name or code, most clicked first; every filter that is given holds.

        Raises:
            ApiError: no answer; ``status`` 404: the server has no products.
        """
        asked = {"q": q, "country": country, "city": city, "category": category, "limit": limit}
        query = urlencode({name: value for name, value in asked.items() if value})
        return self._door.ask(f"/v1/products?{query}", Products.model_validate)

    def product(self, code: str) -> Product:
        """One product.

        Raises:
            ApiError: no answer; ``status`` 404: there is no such product.
        """
        return self._door.ask(f"/v1/products/{_segment(code)}", Product.model_validate)

    def also_viewed(
        self, code: str, k: int, *, same_country: bool, per_city: int | None
    ) -> AlsoViewed:
        """What others viewed beside a product.

        Args:
            per_city: at most so many of one city; any number when None.

        Raises:
            ApiError: no answer; ``status`` 404: nothing is known of it.
        """
        asked: dict[str, object] = {"k": k, "same_country": "true" if same_country else "false"}
        if per_city is not None:
            asked["per_city"] = per_city
        path = f"/v1/products/{_segment(code)}/also-viewed?{urlencode(asked)}"
        return self._door.ask(path, AlsoViewed.model_validate)

    def product_map(self) -> ProductMap:
        """Where products lie.

        Raises:
            ApiError: no answer; ``status`` 404: the server has no map.
        """
        return self._door.ask("/v1/products/map", ProductMap.model_validate)

    def travellers(self, limit: int) -> list[Traveller]:
        """Some known travellers, always the same ones.

        Raises:
            ApiError: no answer; ``status`` 404: the server knows none.
        """
        return self._door.ask(f"/v1/travellers?limit={limit}", _travellers)

    def traveller(self, user: str) -> Traveller:
        """A traveller and what they looked at last.

        Raises:
            ApiError: no answer; ``status`` 404: nobody by that id is known.
        """
        return self._door.ask(f"/v1/travellers/{_segment(user)}", Traveller.model_validate)

    def recommend(
        self, k: int, *, user: str | None, history: Sequence[str], model: str | None = None
    ) -> Recommendations:
        """Products for a traveller, with what they share with the history.

        Args:
            history: product codes, oldest first; takes the place of the stored one unless empty.
            model: the one that the server serves first, when None.

        Raises:
            ApiError: no answer; ``status`` 404: the server has no such model.
        """
        path = "/v1/recommendations" + ("" if model is None else f"/{_segment(model)}")
        body = {"user": user, "history": list(history) or None, "k": k, "why": True}
        return self._door.ask(path, Recommendations.model_validate, body)

    def recommenders(self) -> list[str]:
        """Names of the models that recommend, the first one first.

        Raises:
            ApiError: no answer.
        """
        return self._door.ask("/readyz", _recommenders)


def _segment(text: str) -> str:
    """``text`` as one segment of a path."""
    return quote(text, safe="")


def _travellers(told: Any) -> list[Traveller]:
    return [Traveller.model_validate(each) for each in told["travellers"]]


def _recommenders(told: Any) -> list[str]:
    models = [ServedModel.model_validate(each) for each in told["models"]]
    return [each.model for each in models if each.kind == RECOMMENDER]
