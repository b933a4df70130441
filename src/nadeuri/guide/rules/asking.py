"""What kind of question it is: places, a fact, small talk, or nothing for this guide."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from nadeuri.guide.plan import Measure, Pick, Plan
from nadeuri.guide.rules.text import Text, is_fitting_tail
from nadeuri.guide.vocabulary import key_of, wordings

_WANTS_PLACES = re.compile(
    "추천|골라|갈만|갈데|갈곳|갈집|가기좋|가고싶|먹을(?!때)|먹고싶|먹으러|먹으려|먹기좋|먹자|마실|보여줘|보여주|찾아줘|찾아주|찾고|부탁"
    "|맛집알려|곳알려|집알려|데알려|있을까|recommend"
)
_MOST = "(?:가장|제일|젤|(?:어디|뭐|누)가더|어느(?:집|곳|가게)이더)"
_SUPERLATIVE = re.compile(f"{_MOST}|최고|최저|최다")
_LOW = re.compile(_MOST + ".{0,12}?(?P<low>낮|적은|적게|적어|싼|싸|저렴|짧|한산)|최저")
_HIGH = re.compile(_MOST + ".{0,12}?(?:높|많|긴|길|비싼|비싸|좋|큰)|최고|최다")
_SHORT_WORD = 2
_AMOUNT_ASKED = re.compile(
    "평균|얼마|몇(?:점|퍼센트|프로|%|개|건|곳|군데|집|명|분|원)|보통어느|어느정도"
    "|(?:비중|비율|이용률|평점|별점|점수|가격)(?:은|이|는)?(?:어때|어떻|어떨|얼|뭐|$|알려|궁금|[?])"
)
_SHARE = re.compile("비중|비율|이용률|이용율|점유|퍼센트|프로(?!포)|%")
_OFTEN = re.compile("(?:많이|자주|즐겨)(?:가|간|찾|오|온|이용|방문)")
_COUNTED = "(?:개수|수|는|가|은|도|총|모두|전부|다)*"
_PLAIN_MEASURES: tuple[tuple[Measure, re.Pattern[str]], ...] = (
    (
        "n_reviews",
        re.compile(f"(?:리뷰|후기){_COUNTED}(?:몇|개수|갯수|수(?=[가는를]|알|얼|[?]|$))"),
    ),
    ("n_places", re.compile("몇(?:개|곳|군데|집)(?!월)|개수|갯수|총몇")),
    (
        "hours",
        re.compile(
            "몇시|영업시간|언제(?:까지|부터|문|여|열|닫|해|쉬|하)|문언제|휴무일|휴무가|휴무는|쉬는날|쉬는요일|브레이크타임(?!이?없)"
        ),
    ),
    (
        "address",
        re.compile("주소|위치(?:가|는|를|좀|알|어|[?]|$)|어디(?:에)?(?:있|에요|예요|위치)"),
    ),
    (
        "menus",
        re.compile(
            "메뉴(?:가|는|판|를|좀|에|들)*(?:뭐|뭘|뭔|무엇|어떤|알려|보여|있어|있나|궁금|[?]|$)"
            "|뭐(?:가|를)?(?:파|팔|맛있|유명)|대표메뉴"
        ),
    ),
)
_MEASURES: tuple[tuple[Measure, re.Pattern[str]], ...] = (
    (
        "waiting_minutes",
        re.compile(
            "(?:웨이팅|대기|기다)[가-힣]{0,4}?(?:시간|얼마|몇분|긴|길|짧|오래)|얼마나기다|오래기다|오래걸"
        ),
    ),
    ("waiting_share", re.compile("웨이팅|대기(?!업)|줄(?:서|을|이|많|길)|기다려")),
    ("rating", re.compile("평점|별점|평가점수|점수")),
    ("reviews", re.compile("(?:리뷰|후기)(?:는|가|은|좀|를|들)*(?:어때|어떻|어떤|보여|뭐|[?]|$)")),
    ("n_reviews", re.compile("(?:리뷰|후기)(?:가|는|수|개수|도)?(?:몇|가장|제일|젤|많|적|얼마)")),
    ("price", re.compile("가격|얼마|싼|싸|비싼|비싸|저렴|최저가|몇원")),
    ("reservation", re.compile("예약")),
)
_TIMETABLE = re.compile(
    "(?P<by>배|도항선|여객선|페리|버스|비행기|기차|셔틀|택시)"
    "(?:편|표(?!선)|(?:은|는|이|가)?(?:시간|몇시|언제|요금|노선|예매|얼마|어디서타))"
)
_EATING = re.compile("맛집|식당|밥집|음식점|먹을|먹고싶|먹으러")
_YES_OR_NO = re.compile(
    "(?:있어|있나|있니|있을까|있는지|돼|되나|되니|될까|됩니까|가능해|가능한가|가능할까|많이가|괜찮아|좋아|편해)"
    "(?:요|여)?[?]*$"
)
_SOME_PLACE = re.compile("데(?!리)|곳|집|식당|카페|가게|어디")
_OTHER_THAN_QUALITY = re.compile("평점|별점|가격|얼마|웨이팅")


def measure_of(squeezed: str, wish: Plan, *, names_times: bool) -> Measure | None:
    """What a statistic question about ``wish`` would be about; None where it names nothing.

    Args:
        names_times: whether it names weekdays or hours, at which guests come.
    """
    is_superlative = _SUPERLATIVE.search(squeezed) is not None
    for measure, pattern in _PLAIN_MEASURES:
        if pattern.search(squeezed) and not (measure == "address" and is_superlative):
            return measure
    is_about_share = bool(
        _SHARE.search(squeezed) or _OFTEN.search(squeezed) or is_yes_or_no(squeezed)
    )
    if is_about_share and (wish.segments or names_times):
        return "usage_share"
    if is_about_share and not wish.qualities and (wish.purposes or wish.companions):
        return "visit_share"
    if wish.qualities and not _OTHER_THAN_QUALITY.search(squeezed):
        return "quality"
    return next((m for m, pattern in _MEASURES if pattern.search(squeezed)), None)


def is_about_places(squeezed: str) -> bool:
    """Whether places that are named may be meant: a fact is asked, and no recommendation."""
    names_fact = any(pattern.search(squeezed) for _, pattern in (*_PLAIN_MEASURES, *_MEASURES))
    is_asking = names_fact or _SHARE.search(squeezed) is not None or is_yes_or_no(squeezed)
    return is_asking and not wants_places(squeezed)


def is_yes_or_no(squeezed: str) -> bool:
    """주차 돼?, 아이 데리고 갈 수 있어?, but not 조용한 데 있어?."""
    return bool(_YES_OR_NO.search(squeezed)) and not _SOME_PLACE.search(squeezed)


def pick_of(squeezed: str) -> Pick:
    """Whether the highest, the lowest, or the value itself is asked for."""
    low, high = _LOW.search(squeezed), _HIGH.search(squeezed)
    if low and (not high or low.start("low") < high.end() - 1):
        return "lowest"
    return "highest" if high or _SUPERLATIVE.search(squeezed) else "value"


def wants_places(squeezed: str) -> bool:
    """추천해줘, 갈 만한, 먹고 싶은, ..."""
    return _WANTS_PLACES.search(squeezed) is not None


def is_statistic(squeezed: str, measure: Measure | None, *, names_place: bool) -> bool:
    """Whether the question asks to know something rather than where to go."""
    if measure is None:
        return False
    if names_place or _AMOUNT_ASKED.search(squeezed):
        return names_place or not wants_places(squeezed) or "평균" in squeezed
    asks_for_most = _SUPERLATIVE.search(squeezed) is not None
    return (measure in ("n_places", "hours") or asks_for_most) and not wants_places(squeezed)


def is_chat(text: Text) -> bool:
    """Greetings, thanks, questions about the guide itself; nothing but reactions or ㅋㅋ."""
    squeezed = text.squeezed
    if squeezed and re.fullmatch("[ㄱ-ㅎㅏ-ㅣ~!?.^]+", squeezed):
        return True
    if _reactions().fullmatch(squeezed):
        return True
    return any(word in squeezed for word in _scope("chat"))


def is_elsewhere(text: Text) -> bool:
    """Whether it asks for a place that is not on Jeju; where people come from does not count."""
    for start, end in text.words:
        word = text.squeezed[start:end]
        for name in _scope("elsewhere"):
            tail = word[len(name) :]
            is_named = is_fitting_tail(tail) or tail.startswith(_scope("elsewhere"))
            if word.startswith(name) and is_named and not tail.startswith("에서"):
                return True
    return False


def is_other_matter(text: Text) -> bool:
    """Weather, flights, timetables, programming, ..."""
    starts = text.starts()
    asks_timetable = any(
        match.start() in starts or len(match["by"]) >= _SHORT_WORD
        for match in _TIMETABLE.finditer(text.squeezed)
    )
    return asks_timetable or _has_word(text, _scope("other_matters"))


def is_about_eating(squeezed: str) -> bool:
    """맛집, 먹을 데, ...: whatever else is said, a place to eat is asked for."""
    return _EATING.search(squeezed) is not None


def is_attack(text: Text) -> bool:
    """Attempts to give orders to the machinery behind the guide."""
    return _has_word(text, _scope("attacks"))


def _has_word(text: Text, names: Sequence[str]) -> bool:
    """Whether a name begins where a word does, or is long enough to be sure of."""
    starts = text.starts()
    return any(text.squeezed.startswith(name, start) for start in starts for name in names) or any(
        len(name) > _SHORT_WORD and name in text.squeezed for name in names
    )


@cache
def _reactions() -> re.Pattern[str]:
    """Texts of nothing but reactions; the longest ones first, and never tried again."""
    words = sorted(_scope("reactions"), key=len, reverse=True)
    return re.compile(f"(?:{'|'.join(map(re.escape, words))})++[ㄱ-ㅎㅏ-ㅣ~!.,^]*")


@cache
def _scope(kind: str) -> tuple[str, ...]:
    return tuple(map(key_of, wordings()["scope"][kind]))
