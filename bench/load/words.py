"""What travellers write: Korean questions put together from parts, no two of them alike."""

from __future__ import annotations

import random
from itertools import product

_WHERE = (
    *(
        "오사카",
        "도쿄",
        "후쿠오카",
        "삿포로",
        "교토",
        "오키나와",
        "다낭",
        "나트랑",
        "하노이",
        "호치민",
    ),
    *("방콕", "파타야", "치앙마이", "푸켓", "세부", "보라카이", "발리", "싱가포르", "쿠알라룸푸르"),
    *("타이베이", "가오슝", "홍콩", "마카오", "상하이", "괌", "사이판", "하와이", "파리", "로마"),
    *(
        "바르셀로나",
        "런던",
        "프라하",
        "인터라켄",
        "이스탄불",
        "두바이",
        "제주",
        "부산",
        "강릉",
        "여수",
    ),
)
_WHO = (
    *("", "부모님과 ", "아이들과 ", "친구들이랑 ", "혼자 ", "4인 가족 ", "신혼부부 ", "성인 2명 "),
    *("할머니 모시고 ", "동료들과 "),
)
_WHEN = (
    *(
        "",
        "다음 달 ",
        "이번 주말 ",
        "추석 연휴에 ",
        "8월 초 ",
        "12월 24일부터 ",
        "2박 3일 ",
        "3박 5일 ",
    ),
    *("당일치기로 ", "봄에 ", "내년 1월 "),
)
_WHAT = (
    *(
        "갈만한 패키지 추천",
        "호텔 추천해 주세요",
        "날씨는?",
        "온천 숙소 알려줘",
        "자유여행 일정 짜줘",
    ),
    *(
        "100만원대 상품 있나요",
        "비자 필요한가요?",
        "맛집 알려줘",
        "골프 상품 추천해줘",
        "크루즈 있어?",
    ),
    *(
        "직항 항공권 얼마예요",
        "환율 알려줘",
        "쇼핑하기 좋은 곳",
        "짐 보관 되나요",
        "하얏트 예약하고 싶어",
    ),
)
PLACE_NAMES = ("오사카성", "도톤보리", "구로몬 시장", "미케 해변", "용다리", "한라산", "성산일출봉")
_TOWNS = ("애월읍", "서귀포시", "제주시", "성산읍", "중문", "한림읍", "구좌읍", "조천읍", "안덕면")
_GUESTS = (
    *(
        "부모님과 가기 좋은",
        "아이와 갈 만한",
        "혼자 가기 좋은",
        "20대가 좋아하는",
        "단체로 갈 수 있는",
    ),
    *("연인과 분위기 좋은", "40대 남성이 많이 가는", "가족 모임에 좋은"),
)
_FOOD = ("맛집", "카페", "흑돼지 식당", "해산물 식당", "고기국수집", "갈치조림 식당", "브런치 카페")
_ASKED = ("추천해줘", "알려줘", "어디가 좋아?", "찾아줘")


def questions(n: int, seed: int) -> list[str]:
    """``n`` questions to the travel assistant; what repeats would come from the parser's cache.

    Beyond the number of combinations (over 60,000) they begin anew.
    """
    return _drawn([f"{b}{c}{a} {d}" for a, b, c, d in product(_WHERE, _WHO, _WHEN, _WHAT)], n, seed)


def guide_questions(n: int, seed: int) -> list[str]:
    """``n`` questions to the guide to places on Jeju."""
    asked = [" ".join(parts) for parts in product(_GUESTS, _TOWNS, _FOOD, _ASKED)]
    return _drawn(asked, n, seed)


def _drawn(texts: list[str], n: int, seed: int) -> list[str]:
    random.Random(seed).shuffle(texts)
    return [texts[number % len(texts)] for number in range(n)]
