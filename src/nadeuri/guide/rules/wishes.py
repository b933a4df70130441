"""Wishes that are no names: what is not wanted, queues, bookings, an order."""

from __future__ import annotations

import re

from nadeuri.guide.plan import Reservation, Sort

_BEHIND = "(?:집|가게|식당|쪽|같은데|같은곳|음식|요리)?(?:은|는|을|를|이|가|도|에|로|으로|만)?"
_REFUSED = re.compile(
    _BEHIND + "(?:말고|말구|빼고|빼줘|빼주|제외|아닌|아니고|아니면서|싫|못먹|못드|안먹"
    "|못마시|안마시|안좋아|별로|지겨|질렸|알레르기|알러지)"
)
_OR = re.compile("(?:집|가게)?(?:이나|나|이랑|랑|하고|과|와|,|·|/)")
_DENIED = re.compile("(?:하|해)?(?:지(?:는|도)?(?:않|안)|진않)|(?:은|는|이|가)?(?:없|필요없)")

_QUEUE = "(?:웨이팅|웨이띵|대기|줄|기다림)(?:시간)?(?:이|은|도|을|는)?"
_NO_QUEUE = re.compile(
    _QUEUE + "(?:거의|별로|많이)?(?:없|안|적|짧|길지않|싫|덜)"
    "|(?:웨이팅|대기|줄)(?:이)?(?:긴|있는|많은|서는)(?:곳|데|집|식당|가게|건|거)?(?:은|는)?(?:싫|말고|빼고|제외|별로)"
    "|안기다|기다리지않|기다리는거싫|바로(?:먹|입장|들어)"
)
_NO_BOOKING = re.compile(
    "예약(?:을|이|은)?(?:없이|안해도|안하고|안받|필요없|하지않|불필요)|예약(?:없|안)"
)
_BOOKING = re.compile(
    "예약(?:이|을|도)?(?:가능|되는|되고|돼야|받는|받아|할수있|하고갈|할만|해서)|예약제"
)
_STILL_YOUNG = re.compile("(?:(?:[234]0|이십|삼십|사십)대(?:초반|중반|후반)?|젊은|초보)(?:의|인)?$")
_LONGEST_AGE = 8
_MOST = "(?:가장|제일|젤|더|좀더|더욱)"
_SORTS: tuple[tuple[Sort, re.Pattern[str]], ...] = (
    ("rating", re.compile("(?:평점|별점|평가|점수)(?:이|은|도)?(?:가장|제일|젤|더)?(?:높|좋|순)")),
    (
        "n_reviews",
        re.compile(
            "(?:리뷰|후기)(?:가|수|도)?(?:가장|제일|젤|더)?(?:많|순)|인기(?:가|도)?(?:가장|제일)?(?:있|많|순|좋|맛집)|유명"
        ),
    ),
    ("distance", re.compile(f"{_MOST}가까|가까운순|거리순")),
    (
        "price",
        re.compile(f"{_MOST}(?:싼|싸|저렴)|(?:저렴한|싼|낮은가격)순|최저가|가격(?:이)?낮은순"),
    ),
    (
        "usage_share",
        re.compile(
            "(?:많이|자주|즐겨)(?:가|간|찾|오|온|이용|방문)|(?:비중|비율|이용률)(?:이|도)?(?:가장|제일|더)?높"
        ),
    ),
)
_ANYWHERE = re.compile("아무데나|아무거나|아무곳이나|상관없|어디든")


def is_refused(squeezed: str, end: int) -> bool:
    """Whether what ends at ``end`` is not wanted: 말고, 빼고, 못 먹는, ... follow."""
    return _REFUSED.match(squeezed, end) is not None


def is_denied(squeezed: str, end: int) -> bool:
    """Whether a quality that ends at ``end`` is denied: 조용하지 않은, 주차 없는."""
    return _DENIED.match(squeezed, end) is not None


def is_joined(squeezed: str, end: int, start: int) -> bool:
    """Whether nothing but "or" lies between a name's end and the next one's start."""
    return _OR.fullmatch(squeezed, end, start) is not None


def is_still_young(squeezed: str, start: int) -> bool:
    """Whether who is named at ``start`` is said to be young: 40대 아빠."""
    before = squeezed[max(start - _LONGEST_AGE, 0) : start]
    return _STILL_YOUNG.search(before) is not None


def wants_no_queue(squeezed: str) -> bool:
    """웨이팅 없는, 줄 안 서는, 바로 먹을 수 있는."""
    return _NO_QUEUE.search(squeezed) is not None


def read_reservation(squeezed: str) -> Reservation | None:
    """예약 없이 is "not_needed", 예약 되는 is "possible"."""
    if _NO_BOOKING.search(squeezed):
        return "not_needed"
    return "possible" if _BOOKING.search(squeezed) else None


def read_sort(squeezed: str) -> tuple[Sort, tuple[int, int]] | None:
    """The order that is asked for, and where the text says so.

    Who does not mind at all (아무 데나) gets the best rated.
    """
    for sort, pattern in _SORTS:
        if match := pattern.search(squeezed):
            return sort, match.span()
    anywhere = _ANYWHERE.search(squeezed)
    return ("rating", anywhere.span()) if anywhere else None
