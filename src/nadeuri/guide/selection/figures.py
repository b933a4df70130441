"""Whether the numbers of a text are those of the facts, each of what it is said to be of."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from nadeuri.guide.facts import PlaceFacts
from nadeuri.guide.plan import MINUTES_A_DAY
from nadeuri.guide.selection.amounts import Amount, amounts
from nadeuri.guide.selection.mentions import Kind, Mention, shares_of

_SENTENCE_END = re.compile(r"[!?]|\.(?!\d)")
_HARMLESS = re.compile("두 분|두분|5점 만점|24시간|(?<![가-힣])한 ?(?:번|곳|끼|잔|개|가지)")
_HALVES = re.compile("절반|과반|반절|반 이상|분의 [일이삼사오1-5]|[가-힣\\d] ?명 중")
_WAITING = re.compile("웨이팅|대기|기다|줄을")
_RESERVED = re.compile("예약")
_RATED = re.compile("평가|평점|별점|참여")
_REVIEWED = re.compile("후기|리뷰")
_FROM, _UNTIL = (
    re.compile(r"\s?(?:부터|[~\-–]|에 (?:문을 )?열|에 오픈|오픈)"),
    re.compile(r"\s?(?:까지|에 (?:문을 )?닫|에 마감|마감|에 종료)"),
)
_ALSO = re.compile(r"\s?에도")
_RANGE = re.compile(r"[~\-–]\s?(?:다음 날\s?)?$")
_BAND = re.compile(r"\s?대")
_OF_NEXT = re.compile(r"\s?(?:짜리|의|하는|인)\s")
_FAR = 50.0  # metres that a distance in whole tens or hundreds may be off, at most
_EPSILON = 1e-6


def unfounded(
    text: str, rest: str, mentions: Sequence[Mention], facts: PlaceFacts
) -> Iterator[str]:
    """A complaint for every number that the facts do not have.

    Args:
        rest: ``text`` without the names in it, offsets unchanged.
        mentions: these names.
    """
    shares = shares_of(facts)
    harmless = [match.span() for match in _HARMLESS.finditer(text)]
    for match in _HALVES.finditer(rest):
        yield f"{match[0]!r} is no number of the facts"
    for amount in amounts(rest):
        if any(start <= amount.start and amount.end <= end for start, end in harmless):
            continue
        if not _is_of(amount, _Sentence(text, amount, mentions), facts, shares):
            yield f"{text[amount.start : amount.end].strip()!r} is no number of the facts"


class _Sentence:
    """The sentence that an amount stands in."""

    def __init__(self, text: str, amount: Amount, mentions: Sequence[Mention]) -> None:
        ends = [match.end() for match in _SENTENCE_END.finditer(text)]
        self.amount = amount
        self.start = max((end for end in ends if end <= amount.start), default=0)
        self.end = min((end for end in ends if end > amount.end), default=len(text))
        self.text = text[self.start : self.end]
        self.before = text[self.start : amount.start]
        self.after = text[amount.end : self.end]
        self._mentions = [
            each for each in mentions if self.start <= each.start and each.end <= self.end
        ]

    def nearest(self, kind: Kind) -> Mention | None:
        """What the amount is of: the last name before it, or the first behind it."""
        own = [each for each in self._mentions if kind in each.kinds]
        before = [each for each in own if each.end <= self.amount.start]
        after = [each for each in own if each.start >= self.amount.end]
        if after and (not before or _OF_NEXT.match(self.after)):
            return after[0]
        return before[-1] if before else None

    def last(self, word: re.Pattern[str]) -> int | None:
        """Where such a word stands nearest before the amount, from the text's start."""
        found = [match.end() for match in word.finditer(self.before)]
        return self.start + found[-1] if found else None


Shares = dict[str, set[float]]
_Check = Callable[[Amount, _Sentence, PlaceFacts, Shares], bool]


def _is_of(amount: Amount, where: _Sentence, facts: PlaceFacts, shares: Shares) -> bool:
    return _CHECKS[amount.unit](amount, where, facts, shares)


def _is_price(amount: Amount, where: _Sentence, facts: PlaceFacts, shares: Shares) -> bool:
    dish = where.nearest("dish")
    prices = [
        each.price
        for each in facts.menus
        if each.price is not None and (dish is None or _squeezed(each.name) == _squeezed(dish.name))
    ]
    if _BAND.match(where.after):
        place = 10.0 ** (len(str(int(amount.value))) - 1)
        return any(amount.value <= price < amount.value + place for price in prices)
    return amount.value in prices


def _is_share(amount: Amount, where: _Sentence, facts: PlaceFacts, shares: Shares) -> bool:
    """Of the nearest thing before it that has a share."""
    named = where.nearest("share")
    options: list[tuple[int, set[float]]] = []
    if named is not None and named.end <= amount.start:
        options.append((named.end, shares[named.name]))
    for word, share in ((_WAITING, facts.waiting_share), (_RESERVED, facts.reservation_share)):
        at = where.last(word)
        if at is not None:
            options.append((at, set() if share is None else {share}))
    if not options and named is not None:
        options.append((0, shares[named.name]))
    _, known = max(options, key=lambda each: each[0], default=(0, set()))
    return any(_rounds(100 * share, amount.value, amount.step) for share in known)


def _is_distance(amount: Amount, where: _Sentence, facts: PlaceFacts, shares: Shares) -> bool:
    sight = where.nearest("sight")
    if sight is None:
        return False
    step = amount.step
    if step == 1:  # 350m counts tens
        step = next(step for step in (100.0, 10.0, 1.0) if amount.value % step == 0)
    off = min(step / 2, _FAR)
    return any(
        abs(metres - amount.value) <= off + _EPSILON
        for name, metres in facts.sights
        if _squeezed(name) == _squeezed(sight.name)
    )


def _is_time(amount: Amount, where: _Sentence, facts: PlaceFacts, shares: Shares) -> bool:
    if facts.opens is None or facts.closes is None:
        return False
    said = {amount.value, (amount.value + MINUTES_A_DAY / 2) % MINUTES_A_DAY}
    values = said if amount.halves else {amount.value}
    opens, closes = float(facts.opens % MINUTES_A_DAY), float(facts.closes % MINUTES_A_DAY)
    if _FROM.match(where.after):
        return opens in values
    if _UNTIL.match(where.after) or _RANGE.search(where.before):
        return closes in values
    if _ALSO.match(where.after) and not amount.halves:
        minutes = (amount.value, amount.value + MINUTES_A_DAY)
        return any(facts.opens <= minute < facts.closes for minute in minutes)
    return bool(values & {opens, closes})


def _is_wait(amount: Amount, where: _Sentence, facts: PlaceFacts, shares: Shares) -> bool:
    if facts.waiting_minutes is None or not _WAITING.search(where.text):
        return False
    return _rounds(facts.waiting_minutes, amount.value, amount.step)


def _is_rating(amount: Amount, where: _Sentence, facts: PlaceFacts, shares: Shares) -> bool:
    named = [rating for source, (rating, _) in facts.ratings.items() if source in where.text]
    known = named or ([] if facts.rating is None else [facts.rating])
    return any(_rounds(rating, amount.value, amount.step) for rating in known)


def _is_count(amount: Amount, where: _Sentence, facts: PlaceFacts, shares: Shares) -> bool:
    known = set()
    if _RATED.search(where.text):
        known.add(facts.n_ratings)
        known |= {n for source, (_, n) in facts.ratings.items() if source in where.text}
    if _REVIEWED.search(where.text):
        known.add(facts.n_reviews)
    return amount.value in known


def _is_age(amount: Amount, where: _Sentence, facts: PlaceFacts, shares: Shares) -> bool:
    """A group of guests; shares of it are checked as shares."""
    return any(
        segment.value.startswith(f"{amount.value:.0f}대")
        for segment in facts.guests
        if segment.dimension == "age"
    )


def _is_bare(amount: Amount, where: _Sentence, facts: PlaceFacts, shares: Shares) -> bool:
    """A number without a unit: only a rating is written so."""
    near = where.before[-6:] + where.after[:1]
    return (
        amount.step < 1 and bool(_RATED.search(near)) and _is_rating(amount, where, facts, shares)
    )


_CHECKS: dict[str, _Check] = {
    "won": _is_price,
    "per_cent": _is_share,
    "metres": _is_distance,
    "clock": _is_time,
    "minutes": _is_wait,
    "points": _is_rating,
    "count": _is_count,
    "age": _is_age,
    "other": _is_bare,
}


def _rounds(value: float, said: float, step: float) -> bool:
    return abs(value - said) <= step / 2 + _EPSILON


def _squeezed(name: str) -> str:
    return "".join(name.split())
