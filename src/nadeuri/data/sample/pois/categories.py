"""Kinds of places: what either database calls them, and which themes of travel they serve."""

from __future__ import annotations

from typing import NamedTuple


class Category(NamedTuple):
    """One kind.

    Attributes:
        korean: as the agency writes it.
        google: as a map service types it.
        themes: themes of products (see ``destinations.tsv``) that go there.
    """

    korean: str
    google: str
    themes: tuple[str, ...] = ()


_CULTURE, _NATURE, _WATER = "역사·문화", "자연", "물놀이"
_OLD = (_CULTURE, "효도", "관광")
_GREEN = (_NATURE, "휴양", "트레킹", "효도")
_FAMILY = ("가족", "액티비티")
_NIGHT = ("야경", "허니문", "관광")

HOTEL, RESTAURANT, CAFE, SHOP, SPA = "hotel", "restaurant", "cafe", "shop", "spa"
ALLEY, MARKET, PARK, TEMPLE = "alley", "market", "park", "temple"

CATEGORIES = {
    "temple": Category("사원", "place_of_worship", _OLD),
    "shrine": Category("신사", "place_of_worship", _OLD),
    "church": Category("성당", "church", _OLD),
    "mosque": Category("모스크", "mosque", _OLD),
    "palace": Category("궁전", "tourist_attraction", _OLD),
    "castle": Category("성", "castle", _OLD),
    "ruins": Category("유적지", "historical_landmark", _OLD),
    "monument": Category("기념물", "tourist_attraction", _OLD),
    "museum": Category("박물관", "museum", (_CULTURE, *_FAMILY)),
    "theatre": Category("공연장", "performing_arts_theater", (_CULTURE, "야경")),
    "village": Category("마을", "tourist_attraction", (_CULTURE, "효도")),
    "park": Category("공원", "park", _GREEN),
    "garden": Category("정원", "park", _GREEN),
    "mountain": Category("산", "natural_feature", _GREEN),
    "waterfall": Category("폭포", "natural_feature", _GREEN),
    "lake": Category("호수", "natural_feature", _GREEN),
    "river": Category("강", "natural_feature", _GREEN),
    "cave": Category("동굴", "natural_feature", (_NATURE, "액티비티")),
    "beach": Category("해변", "beach", (_WATER, "휴양", "허니문", "가족")),
    "island": Category("섬", "natural_feature", (_WATER, "휴양", "허니문", "액티비티")),
    "hot_spring": Category("온천", "spa", ("온천", "효도", "휴양")),
    "spa": Category("스파", "spa", ("온천", "휴양", "허니문")),
    "viewpoint": Category("전망대", "observation_deck", (*_NIGHT, _NATURE)),
    "tower": Category("타워", "tourist_attraction", _NIGHT),
    "bridge": Category("다리", "bridge", _NIGHT),
    "square": Category("광장", "plaza", _NIGHT),
    "fountain": Category("분수", "tourist_attraction", _NIGHT),
    "cruise": Category("유람선", "tour_agency", _NIGHT),
    "cable_car": Category("케이블카", "cable_car", (*_FAMILY, _NATURE)),
    "theme_park": Category("테마파크", "amusement_park", _FAMILY),
    "attraction": Category("관광명소", "tourist_attraction", _FAMILY),
    "zoo": Category("동물원", "zoo", _FAMILY),
    "aquarium": Category("수족관", "aquarium", _FAMILY),
    "market": Category("시장", "market", ("쇼핑", "미식")),
    "mall": Category("쇼핑몰", "shopping_mall", ("쇼핑",)),
    "street": Category("거리", "route", ("쇼핑", "미식")),
    "district": Category("지역", "neighborhood", ("쇼핑", "미식")),
    "alley": Category("골목", "route", ("미식", "야경")),
    "shop": Category("상점", "store", ("쇼핑",)),
    "station": Category("역", "train_station"),
    "port": Category("항구", "ferry_terminal"),
    "hotel": Category("호텔", "lodging"),
    "restaurant": Category("음식점", "restaurant", ("미식",)),
    "cafe": Category("카페", "cafe", ("미식",)),
}
