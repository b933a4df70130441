"""Why a product is recommended, in one Korean sentence from what it shares with the history."""

from __future__ import annotations

from collections.abc import Sequence

from nadeuri.columns import CATEGORY, CITY, COUNTRY, NIGHTS, ON_SALE, PRICE, PRICE_BAND, THEME
from nadeuri.korean import josa
from nadeuri.web.shop_types import Shared

FIELD_NAMES = {
    COUNTRY: "나라",
    CITY: "도시",
    CATEGORY: "종류",
    THEME: "테마",
    PRICE_BAND: "가격대",
    PRICE: "가격",
    NIGHTS: "숙박",
    ON_SALE: "판매",
}
"""Fields as travellers call them."""
ALIKE = "비슷한 여행자들이 이어서 본 상품이에요"
MANY_VIEW = "지금 많은 분이 보는 상품이에요"

_KINDS = (COUNTRY, CITY, CATEGORY)
"""A product is said to be of these: 오사카 상품, 패키지 상품."""
_MOST_SAID = 2


def why_text(why: Sequence[Shared], *, is_popular: bool = False) -> str:
    """One sentence, without its full stop.

    Args:
        why: the most shared first.
        is_popular: there was no history that anything could be shared with.
    """
    if is_popular:
        return MANY_VIEW
    said = _worth_saying(why)
    if not said:
        return ALIKE
    if len(said) == 1:
        return f"최근 본 {_alone(said[0])}"
    clauses = ", ".join(_clause(each) for each in said)
    return f"최근 본 {clauses} 같아요"


def _worth_saying(why: Sequence[Shared]) -> list[Shared]:
    """The first ones; a shared city says the country already."""
    has_city = any(each.field == CITY for each in why)
    return [each for each in why if not (has_city and each.field == COUNTRY)][:_MOST_SAID]


def _alone(shared: Shared) -> str:
    products, field = _products(shared), FIELD_NAMES.get(shared.field)
    if field is None or shared.field not in _KINDS:
        return f"{products} {josa(_quoted(shared), '이', '가')} 같아요"
    return f"{products} 같은 {field}예요"


def _clause(shared: Shared) -> str:
    field = FIELD_NAMES.get(shared.field)
    if field is None or shared.field not in _KINDS:
        return f"{_products(shared)} {josa(_quoted(shared), '이', '가')}"
    return f"{_products(shared)} {josa(field, '이', '가')}"


def _products(shared: Shared) -> str:
    """‘오사카 상품 3개와’: the products of the history that have the value."""
    kind = f"{shared.value} " if shared.field in _KINDS else ""
    return f"{kind}상품과" if shared.count == 1 else f"{kind}상품 {shared.count}개와"


def _quoted(shared: Shared) -> str:
    field = FIELD_NAMES.get(shared.field)
    value = f"‘{shared.value}’"
    return f"{field} {value}" if field else value
