"""Numbers in a question: prices, ages, people, distances and how many places are wanted."""

from __future__ import annotations

import re
from collections.abc import Collection

from nadeuri.guide.plan import MOST_METRES, MOST_PLACES, PriceRange
from nadeuri.guide.rules.text import Text

METRES_A_MINUTE_ON_FOOT = 70
METRES_A_MINUTE_BY_CAR = 500
"""30 km/h, as the crow flies: a stated conversion, not a route."""
AT_THE_DOOR_M = 500
"""How far 바로 앞 is."""
NEARBY_M = 2_000
"""How far 근처 is."""

_DIGITS = {name: i + 1 for i, name in enumerate("일이삼사오육칠팔구")}
_D = "일이삼사오육칠팔구"
_THOUSANDS = rf"(?:[{_D}\d]?천)?(?:[{_D}\d]?백)?"
_APART = r"(?<!\d)(?<!\d[.,])"
"""Where a number begins: not inside one, but behind the comma of a sentence."""
_AMOUNT = (
    rf"{_APART}\d[\d,]{{0,9}}(?:\.\d{{1,3}})?(?:만{_THOUSANDS}|천(?:[{_D}\d]?백)?|백)?"
    rf"|[{_D}]?만{_THOUSANDS}|[{_D}]?천(?:[{_D}]?백)?|[{_D}]백"
)
_RANGE = re.compile(rf"({_AMOUNT})원?(?:에서|부터|~|-)({_AMOUNT})원?(?P<band>대)?")
_BOUND = (
    "이하|이내|안쪽|안으로|까지|미만|밑|아래|이상|초과|안넘|넘지|넘는|부터"
    "|정도|쯤|내외|안팎|전후|가량|선"
)
_SUM = re.compile(
    rf"(?P<most>최대|많아도)?(?P<amount>{_AMOUNT})(?P<won>원)?"
    rf"(?P<how>대|짜리)?(?P<part>초반|중반|후반)?대?(?P<bound>{_BOUND})?"
)
_TENTHS_OF_BAND = {"": (0, 10), "초반": (0, 4), "중반": (4, 7), "후반": (7, 10)}
_ABOUT = ("정도", "쯤", "내외", "안팎", "전후", "가량", "선")
_AT_LEAST = ("이상", "초과", "넘는", "부터")
_TOGETHER = re.compile("총|합쳐|합해|다해서|통틀어")
_SMALLEST_SUM, _LARGEST_SUM = 500, 10_000_000

_SINO_AGES = {"이십": 20, "삼십": 30, "사십": 40, "오십": 50, "육십": 60, "칠십": 70, "팔십": 80}
_AGES = re.compile(
    rf"{_APART}(?P<first>\d0|[1-9](?=[~,·\-]))(?:[~,·\-]|대[~,·와과이랑\-]+)(?P<last>\d0)대"
    rf"|{_APART}(?<![만천])(?P<one>[1-9]0)대(?!로)(?P<up>이상|부터)?|{_APART}(?P<a>[1-6]0)(?P<b>[1-6]0)(?![\d원,.])"
    rf"|(?P<sino>{'|'.join(_SINO_AGES)})대|(?P<mz>mz|엠지)|(?<!\d)(?P<years>\d{{2}})(?:세|살)"
)
_OLDEST = 60
_NATIVE = {
    "한": 1,
    "두": 2,
    "세": 3,
    "네": 4,
    "다섯": 5,
    "여섯": 6,
    "일곱": 7,
    "여덟": 8,
    "아홉": 9,
    "열": 10,
}
_NATIVE_ALONE = {"둘": 2, "셋": 3, "넷": 4} | {name: n for name, n in _NATIVE.items() if n > 4}
_PEOPLE = re.compile(
    rf"(?<!\d)(?<!\d\.)(?:\d{{1,3}}[~\-])?(?P<digits>\d{{1,3}})(?:명|인(?!분|당|용|기|식|실)|사람|분이서|식구)"
    rf"|(?P<native>{'|'.join(_NATIVE)})(?:명|사람|분이|분(?=[과께모]))"
    rf"|(?P<alone>{'|'.join(_NATIVE_ALONE)})(?:이서|이(?=갈|먹|가서|가는|앉)|이만|식구)"
)
_MOST_PEOPLE = 1_000
_WANTED = re.compile(
    r"(?<!\d)(?P<n>한|두|세|[1-9])(?:곳|군데|개|집)(?=만|정도|추천|골라|알려|찾아|보여|$|[.!?])|(?P<word>하나|둘|셋)만"
)
_WANTED_WORDS = {"한": 1, "두": 2, "세": 3, "하나": 1, "둘": 2, "셋": 3}
_DISTANCE = re.compile(
    r"(?P<km>\d{1,2}(?:\.\d+)?)(?:km|킬로미터|킬로|키로)|(?P<m>\d{1,4})(?:m|미터)(?![a-z])"
    r"|(?:도보|걸어서|걸어|걷기)(?:로|로는)?(?P<foot>\d{1,2})분"
    r"|(?:차로|자동차로|차타고|택시로|택시타고|운전해서|차로는)(?P<car>\d{1,2})분"
)
_AT_THE_DOOR = re.compile(
    "바로앞|바로옆|코앞|(?<=[가-힣])앞(?=에|카페|식당|맛집|횟집|$)|도보거리|걸어갈"
)


def read_won(text: str) -> int | None:
    """``"2만"``, ``"만오천"``, ``"3만5천"``, ``"15,000"`` as won; None where it is no number."""
    total, rest = 0, text.replace(",", "")
    for unit, size in (("만", 10_000), ("천", 1_000), ("백", 100)):
        head, found, tail = rest.partition(unit)
        if found:
            digit = _digit(head) if head else 1.0
            if digit is None:
                return None
            total, rest = total + round(digit * size), tail
    last = _digit(rest) if rest else 0.0
    return None if last is None else total + round(last)


def read_price(squeezed: str, party_size: int | None) -> PriceRange | None:
    """What a dish may cost.

    A plain sum is the most that may be paid; 2만원대 is 20,000 to 29,999, and its 초반
    ends at 23,999; 정도 allows 10% either way. A sum for all (총, 합쳐서) is divided by
    ``party_size``.
    """
    found = _range(squeezed) or _one_sum(squeezed)
    if found and party_size and _TOGETHER.search(squeezed):
        low, high = found.min_won, found.max_won
        found = PriceRange(min_won=low and low // party_size, max_won=high and high // party_size)
    return found


def read_ages(squeezed: str, bands: Collection[str]) -> tuple[str, ...]:
    """Age bands that are named, of those there are (``"30대"``, ``"60대이상"``)."""
    decades: set[int] = set()
    for match in _AGES.finditer(squeezed):
        if match["last"]:
            first = int(match["first"])
            decades.update(range(first if first >= 10 else 10 * first, int(match["last"]) + 1, 10))
        elif match["one"]:
            decade = int(match["one"])
            decades.update(range(decade, _OLDEST + 1, 10) if match["up"] else (decade,))
        elif match["a"]:
            decades.update((int(match["a"]), int(match["b"])))
        elif match["sino"]:
            decades.add(_SINO_AGES[match["sino"]])
        elif match["mz"]:
            decades.update((20, 30))
        else:
            decades.add(int(match["years"]) // 10 * 10)
    wanted = {f"{min(decade, _OLDEST)}대" for decade in decades}
    return tuple(band for band in bands if band[:3] in wanted)


def read_people(squeezed: str) -> int | None:
    """How many come; of a range the larger number."""
    for match in _PEOPLE.finditer(squeezed):
        if match["digits"]:
            number = int(match["digits"])
        elif match["native"]:
            number = _NATIVE[match["native"]]
        else:
            number = _NATIVE_ALONE[match["alone"]]
        if 1 <= number <= _MOST_PEOPLE:
            return number
    return None


def read_wanted(text: Text) -> int | None:
    """How many places are asked for, at most ``MOST_PLACES``."""
    starts = {start for start, _ in text.words}
    for match in _WANTED.finditer(text.squeezed):
        word = match["n"] or match["word"]
        if word != "한" or match.start() in starts:  # 가능한 곳 is not one place
            return min(_WANTED_WORDS.get(word) or int(word), MOST_PLACES)
    return None


def read_metres(squeezed: str) -> int | None:
    """How far away it may be; None where the text does not say."""
    metres = read_counted_metres(squeezed)
    if metres is None and _AT_THE_DOOR.search(squeezed):
        return AT_THE_DOOR_M
    return metres


def read_counted_metres(squeezed: str) -> int | None:
    """A distance that is given as a number, of metres or minutes."""
    match = _DISTANCE.search(squeezed)
    if match is None:
        return None
    if match["km"]:
        metres = int(1_000 * float(match["km"]))
    elif match["m"]:
        metres = int(match["m"])
    elif match["foot"]:
        metres = METRES_A_MINUTE_ON_FOOT * int(match["foot"])
    else:
        metres = METRES_A_MINUTE_BY_CAR * int(match["car"])
    return min(max(metres, 1), MOST_METRES)


def _range(squeezed: str) -> PriceRange | None:
    for match in _RANGE.finditer(squeezed):
        low, high = read_won(match[1]), read_won(match[2])
        if low is None or high is None:
            continue
        if low < 100 <= high and "만" in match[2]:
            low *= 10_000  # 2~3만원
        elif low < 100 <= high and "천" in match[2]:
            low *= 1_000
        if match["band"]:
            high += _place_of(high) - 1
        if _SMALLEST_SUM <= low <= high <= _LARGEST_SUM:
            return PriceRange(min_won=low, max_won=high)
    return None


def _one_sum(squeezed: str) -> PriceRange | None:
    for match in _SUM.finditer(squeezed):
        amount, bound = read_won(match["amount"]), match["bound"] or ""
        says_money = match["won"] or (
            match["amount"][-1] in "만천" and (bound or match["how"]) and len(match["amount"]) > 1
        )
        if amount is None or not says_money or not _SMALLEST_SUM <= amount <= _LARGEST_SUM:
            continue
        if match["how"] == "대" or match["part"]:
            first, last = _TENTHS_OF_BAND[match["part"] or ""]
            tenth = _place_of(amount) // 10
            return PriceRange(min_won=amount + first * tenth, max_won=amount + last * tenth - 1)
        if bound in _AT_LEAST:
            return PriceRange(min_won=amount + (bound in ("초과", "넘는")))
        if bound in _ABOUT or match["how"] == "짜리":
            return PriceRange(min_won=amount * 9 // 10, max_won=amount * 11 // 10)
        return PriceRange(max_won=amount - (bound == "미만"))
    return None


def _place_of(number: int) -> int:
    """10,000 for 20,000 and 1,000 for 15,000."""
    place = 1
    while number % (10 * place) == 0:
        place *= 10
    return place


def _digit(text: str) -> float | None:
    if text in _DIGITS:
        return float(_DIGITS[text])
    return float(text) if re.fullmatch(r"\d{1,9}(?:\.\d{1,4})?", text) else None
