"""Reasons by the default: sentences in Korean made of the facts that matter for a plan.

The texts are in ``reasons.toml``. What is said of a place depends on its facts and the plan, how it
is said on its id and on what was said of the places before it.
"""

from __future__ import annotations

import tomllib
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, TypeVar

from nadeuri import columns
from nadeuri.guide.cards import clock
from nadeuri.guide.cypher import LEAST_SHARE
from nadeuri.guide.facts import N_REVIEWS_SHOWN, DishFact, PlaceFacts
from nadeuri.guide.hyde import template_reviews
from nadeuri.guide.plan import Plan, Segment
from nadeuri.guide.selection.fit import GROUP, MANY_PEOPLE, dishes_asked, metres_to
from nadeuri.guide.selection.quotes import as_shown, is_quotable, sentences
from nadeuri.guide.selection.types import Pick
from nadeuri.korean import josa

ALONE = "혼자"
"""The companion that is none."""

Name = TypeVar("Name")

_OFTEN = 0.2  # of the visits: from here on one may speak of many
_LEAST_TOLD = 0.001  # a smaller share is no reason
_MOST_DISHES = 3
_MOST_NAMES = 2  # of companions, occasions, guests or qualities: the commonest
_METRES_PER_KM = 1_000
_QUOTE_LENGTHS = range(8, 41)  # characters that are quoted within a sentence
_PAIRS = 2  # so many sentences about wishes become one

_Said = tuple[str, dict[str, str]]
"""A topic and the words for the braces of its sentences."""


@dataclass
class Writer:
    """Writes reasons for places that are shown together; each says things in another way."""

    plan: Plan
    _used: dict[str, list[int]] = field(default_factory=dict)

    def pick(self, facts: PlaceFacts) -> Pick:
        """The place with its reason and its reviews, which are shown as they were written."""
        return Pick(facts.place_id, self.reason(facts), quotes_of(facts))

    def reason(self, facts: PlaceFacts) -> str:
        """Why the place fits the plan."""
        said = [self._say(facts, each) for each in _where_and_what(self.plan, facts)]
        said += _linked([self._say(facts, each) for each in _wishes(self.plan, facts)])
        said += [self._say(facts, each) for each in _opinions(self.plan, facts)]
        return " ".join(said)

    def _say(self, facts: PlaceFacts, what: _Said) -> str:
        """One of the topic's sentences: the place's own, or the next one that is least used."""
        topic, words = what
        ways = _texts()["sentences"][topic]
        used = self._used.setdefault(topic, [0] * len(ways))
        first = zlib.crc32(facts.place_id.encode())
        in_turn = [(first + step) % len(ways) for step in range(len(ways))]
        way = min(in_turn, key=lambda at: used[at])
        used[way] += 1
        sentence: str = ways[way].format_map(words)
        return sentence


def quotes_of(facts: PlaceFacts) -> tuple[tuple[str, str], ...]:
    """Ids and texts of the reviews to show: as they were written, unless they try something."""
    shown = [review for review in facts.reviews if is_quotable(review.text)]
    return tuple((each.review_id, as_shown(each.text)) for each in shown[:N_REVIEWS_SHOWN])


def _where_and_what(plan: Plan, facts: PlaceFacts) -> Iterator[_Said]:
    area = " ".join(filter(None, (facts.town, facts.village)))
    texts = _texts()["kinds"]["places"]
    kind = facts.category if facts.category in texts else f"{facts.category} 맛집"
    kind_is = josa(kind, "이에요", "예요")
    yield "opening", {"area": area, "kind_is": kind_is, "topic": josa(facts.name, "은", "는")}
    if plan.near and (metres := metres_to(facts, plan.near.attraction)) is not None:
        yield "near", {"sight": plan.near.attraction, "distance": distance_text(metres)}
    dishes = dishes_asked(plan, facts)[:_MOST_DISHES]
    if dishes:
        topic = "asked_dish" if plan.menus else "affordable_dish" if plan.price else "main_dish"
        yield topic, _dish_words(dishes)


def _wishes(plan: Plan, facts: PlaceFacts) -> Iterator[_Said]:
    companions = list(plan.companions)
    if plan.party_size is not None and plan.party_size >= MANY_PEOPLE:
        companions.append(GROUP)
    for name, share in _commonest(facts.companions, companions, LEAST_SHARE):
        usual = "companion_often" if share >= _OFTEN else "companion"
        topic = {ALONE: "alone", GROUP: "group"}.get(name, usual)
        yield topic, {"with": josa(name, "과", "와"), "share": share_text(share)}
    for name, share in _commonest(facts.purposes, plan.purposes, LEAST_SHARE):
        yield "purpose", {"name": name, "to": josa(name, "으로", "로"), "share": share_text(share)}
    for segment, share in _commonest(facts.guests, plan.segments, 0.0):
        is_time = segment.dimension in (columns.WEEKDAY, columns.HOUR)
        words = {"name": guests_text(segment), "share": share_text(share)}
        yield ("time" if is_time else "guests"), words
    for name, share in _commonest(facts.keywords, plan.qualities, 0.0):
        yield "quality", {**_said_words(name), "share": share_text(share)}
    if plan.no_waiting and facts.waiting_share is not None:
        yield "no_waiting", {"share": share_text(facts.waiting_share)}
    if plan.reservation == "possible" and facts.takes_reservations:
        yield "reservation_possible", {}
    if plan.reservation == "not_needed" and facts.reservation_share is not None:
        yield "reservation_not_needed", {"share": share_text(facts.reservation_share)}


def _opinions(plan: Plan, facts: PlaceFacts) -> Iterator[_Said]:
    if plan.open_at and facts.opens is not None and facts.closes is not None:
        days = josa(", ".join(f"{day}요일" for day in facts.closed_days), "은", "는")
        hours = {"opens": clock(facts.opens), "closes": clock(facts.closes), "days": days}
        yield ("open_but" if facts.closed_days else "open_daily"), hours
    if facts.rating is not None and facts.n_ratings:
        yield "rating", {"rating": f"{facts.rating:.1f}", "n": f"{facts.n_ratings:,}"}
    if quote := _fitting_sentence(plan, facts):
        yield "quote", _said_words(quote)


def _linked(said: Sequence[str]) -> list[str]:
    """Sentences about wishes, two at a time made one: ``A예요. B예요.`` is ``A고, B예요.``."""
    links: Mapping[str, str] = _texts()["links"]
    linked = []
    for at in range(0, len(said), _PAIRS):
        first, *second = said[at : at + _PAIRS]
        ending = next((each for each in links if first.endswith(each)), None)
        if second and ending:
            first = first.removesuffix(ending) + links[ending]
        linked.append(" ".join([first, *second]))
    return linked


def share_text(share: float) -> str:
    """``"31%"``; below 1% with a decimal."""
    per_cent = 100 * share
    return f"{per_cent:.0f}%" if per_cent >= 1 or share == 0 else f"{per_cent:.1f}%"


def distance_text(metres: float) -> str:
    """``"350m"`` or ``"1.2km"``."""
    tens = round(metres, -1)
    return f"{tens:.0f}m" if tens < _METRES_PER_KM else f"{metres / _METRES_PER_KM:.1f}km"


def price_text(won: int) -> str:
    """``"18,000원"``."""
    return f"{won:,}원"


def guests_text(segment: Segment) -> str:
    """As one says it: ``"60대 이상"``, ``"토요일"``, ``"11~14시"``, ``"여성"``."""
    match segment.dimension:
        case "weekday":
            return f"{segment.value}요일"
        case "hour":
            first, _, last = segment.value.partition("-")
            return f"{int(first)}~{int(last)}시"
        case "age":
            return segment.value.replace("대이", "대 이")
        case _:
            return segment.value


def _commonest(
    shares: Mapping[Name, float], wanted: Sequence[Name], least: float
) -> list[tuple[Name, float]]:
    """Those wanted whose shares are worth a word, highest first; at least the highest one."""
    own = sorted(((name, shares.get(name, 0.0)) for name in wanted), key=lambda each: -each[1])
    told = [each for each in own if each[1] >= least][:_MOST_NAMES] or own[:1]
    return [(name, share) for name, share in told if share >= _LEAST_TOLD]


def _dish_words(dishes: Sequence[DishFact]) -> dict[str, str]:
    """``A(18,000원), B(9,000원)`` with the particles that fit the last dish, not its price."""
    named = [
        f"{dish.name}({price_text(dish.price)})" if dish.price is not None else dish.name
        for dish in dishes
    ]
    *_, last = dishes
    words = {}
    for key, (final, no_final) in {
        "object": ("을", "를"),
        "subject": ("이", "가"),
        "is": ("이에요", "예요"),
    }.items():
        words[key] = ", ".join(named) + josa(last.name, final, no_final).removeprefix(last.name)
    return words


def _said_words(name: str) -> dict[str, str]:
    said = josa(name, "이라는", "라는").removeprefix(name)
    saying = josa(name, "이라고", "라고").removeprefix(name)
    return {"name": name, "said_end": said, "saying_end": saying}


def _fitting_sentence(plan: Plan, facts: PlaceFacts) -> str | None:
    """A sentence of a review that praises something: the one most like what was hoped to read."""
    from rapidfuzz.fuzz import ratio

    texts = _texts()["reviews"]
    hoped = [part for review in template_reviews(plan) for part in sentences(review)]
    best: tuple[float, str] | None = None
    for review in facts.reviews:
        if not is_quotable(review.text):
            continue
        for part in sentences(review.text):
            if len(part) not in _QUOTE_LENGTHS or any(mark in part for mark in "'\"‘’“”"):
                continue
            if any(word in part for word in texts["dispraise"]):
                continue
            if not any(word in part for word in texts["praise"]):
                continue
            alike = max((ratio(part, each) for each in hoped), default=0.0)
            if best is None or alike > best[0]:
                best = (alike, part)
    return best[1] if best else None


@cache
def _texts() -> dict[str, Any]:
    """The tables of ``reasons.toml``."""
    text = files("nadeuri.guide.selection").joinpath("reasons.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
