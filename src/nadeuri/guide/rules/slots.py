"""From mentions and numbers to the fields of a plan."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import pairwise

from nadeuri.guide.plan import Area, Near, Plan, Segment, Without
from nadeuri.guide.rules.numbers import (
    NEARBY_M,
    read_ages,
    read_counted_metres,
    read_metres,
    read_people,
    read_price,
    read_wanted,
)
from nadeuri.guide.rules.spotting import Mention
from nadeuri.guide.rules.text import Text
from nadeuri.guide.rules.times import read_open_at
from nadeuri.guide.rules.wishes import (
    is_denied,
    is_joined,
    is_refused,
    is_still_young,
    read_reservation,
    read_sort,
    wants_no_queue,
)
from nadeuri.guide.vocabulary import Kind, Name, Vocabulary, key_of, wordings

_PARENTS, _CHILDREN = "부모님", "아이"


@dataclass(frozen=True)
class Slots:
    """What a question says by itself.

    Attributes:
        wish: intent "recommend", whatever is asked; the fields that were read.
        unclear_areas: villages of one name, one of which is meant.
        both: dishes that are kinds of place as well, and were read as such.
        metres: a distance from no sight that is named.
    """

    wish: Plan
    unclear_areas: tuple[Area, ...]
    both: tuple[str, ...]
    metres: int | None = None


def read_slots(
    text: Text, mentions: Sequence[Mention], vocabulary: Vocabulary, now: datetime
) -> Slots:
    """Fields of the plan, from the names that were spotted and from the text itself.

    Args:
        now: what 지금 and 내일 are reckoned from.
    """
    squeezed = text.squeezed
    refused = _refused(squeezed, mentions)
    wanted = [mention for mention in mentions if mention not in refused]
    sort = read_sort(squeezed)
    areas, unclear = _areas(wanted)
    categories, menus, both = _kinds_and_dishes(wanted)
    party_size = read_people(squeezed)
    wish = Plan(
        areas=areas,
        categories=categories,
        menus=menus,
        price=read_price(squeezed, party_size),
        companions=_companions(squeezed, wanted),
        purposes=_values(wanted, "purpose"),
        segments=_segments(squeezed, wanted, vocabulary),
        party_size=party_size,
        near=_near(squeezed, wanted),
        open_at=read_open_at(squeezed, now),
        qualities=_qualities(squeezed, wanted, sort[1] if sort else None),
        no_waiting=wants_no_queue(squeezed),
        reservation=read_reservation(squeezed),
        without=Without(
            areas=_areas(refused)[0],
            categories=tuple(
                name for mention in refused for name in _texts(mention.of_kind("category"))
            ),
            menus=tuple(
                name
                for mention in refused
                if not mention.of_kind("category")
                for name in _texts(mention.of_kind("menu"))
            ),
            places=_values(refused, "place"),
        ),
        sort=sort[0] if sort else None,
        n_wanted=read_wanted(text) or Plan.model_fields["n_wanted"].default,
        places=_values(wanted, "place"),
    )
    return Slots(wish, unclear, both, None if wish.near else read_counted_metres(squeezed))


def _refused(squeezed: str, mentions: Sequence[Mention]) -> list[Mention]:
    """Mentions that 말고 and its like follow, and those joined to them (회나 초밥 말고)."""
    refused = [mention for mention in mentions if is_refused(squeezed, mention.end)]
    for first, second in reversed(list(pairwise(mentions))):
        if second in refused and is_joined(squeezed, first.end, second.start):
            refused.append(first)
    return refused


def _areas(mentions: Sequence[Mention]) -> tuple[tuple[Area, ...], tuple[Area, ...]]:
    """The finest areas that are named, and villages of which only the name is known."""
    named: list[Area] = []
    unclear: list[tuple[Area, ...]] = []
    for mention in mentions:
        areas = tuple(n.value for n in mention.of_kind("area") if isinstance(n.value, Area))
        if len(areas) > 1 and len({area.village for area in areas}) == 1 and areas[0].village:
            unclear.append(areas)
        else:
            named.extend(areas)
    still_unclear: list[Area] = []
    for areas in unclear:
        within = [area for area in areas if any(_holds(outer, area) for outer in named)]
        if len(within) == 1:
            named.extend(within)
        else:
            still_unclear.extend(within or areas)
    finest = [
        area for area in named if not any(_holds(area, other) for other in (*named, *still_unclear))
    ]
    return tuple(finest), tuple(dict.fromkeys(still_unclear))


def _holds(outer: Area, inner: Area) -> bool:
    if outer == inner or outer.village is not None or outer.city != inner.city:
        return False
    return outer.town is None or outer.town == inner.town


def _kinds_and_dishes(
    mentions: Sequence[Mention],
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Categories, menus, and what is both: a dish beside other dishes, else a kind of place.

    What only hints at a kind of place counts where none is named, nor a dish: 한잔할 카페.
    """
    named = [mention for mention in mentions if mention.of_kind("category", "menu")]
    mentions = [mention for mention in named if mention.surface not in _hints()] or named
    kinds: list[str] = []
    dishes: list[str] = []
    both: list[Mention] = []
    for mention in mentions:
        categories, menus = mention.of_kind("category"), mention.of_kind("menu")
        if categories and menus:
            both.append(mention)
        else:
            kinds.extend(_texts(categories))
            dishes.extend(_texts(menus))
    as_kind: Kind = "menu" if dishes and not kinds else "category"
    for mention in both:
        (dishes if as_kind == "menu" else kinds).extend(_texts(mention.of_kind(as_kind)))
    dishes_too = (name for mention in both for name in _texts(mention.of_kind("menu")))
    return tuple(kinds), tuple(dishes), tuple(dict.fromkeys(dishes_too))


def _companions(squeezed: str, mentions: Sequence[Mention]) -> tuple[str, ...]:
    """Who comes along; a father in his forties with his children is the guest himself."""
    companions = _values(mentions, "companion")
    if _CHILDREN not in companions:
        return companions
    others = [each for each in mentions if not is_still_young(squeezed, each.start)]
    return tuple(
        name for name in companions if name != _PARENTS or name in _values(others, "companion")
    )


def _near(squeezed: str, mentions: Sequence[Mention]) -> Near | None:
    sights = _values(mentions, "attraction")
    if not sights:
        return None
    return Near(attraction=sights[0], metres=read_metres(squeezed) or NEARBY_M)


def _segments(
    squeezed: str, mentions: Sequence[Mention], vocabulary: Vocabulary
) -> tuple[Segment, ...]:
    named = [
        name.value
        for mention in mentions
        for name in mention.of_kind("segment")
        if isinstance(name.value, Segment)
    ]
    ages = read_ages(squeezed, vocabulary.segments.get("age", ()))
    return (*named, *(Segment(dimension="age", value=age) for age in ages))


def _qualities(
    squeezed: str, mentions: Sequence[Mention], sort_at: tuple[int, int] | None
) -> tuple[str, ...]:
    """Keywords that are wanted; 더 싼 is an order and no keyword."""
    start, end = sort_at or (0, 0)
    return _values(
        [
            mention
            for mention in mentions
            if not is_denied(squeezed, mention.end)
            and not (mention.start < end and start < mention.end)
        ],
        "keyword",
    )


def _values(mentions: Iterable[Mention], kind: Kind) -> tuple[str, ...]:
    names = (name for mention in mentions for name in _texts(mention.of_kind(kind)))
    return tuple(dict.fromkeys(names))


def _texts(names: Iterable[Name]) -> list[str]:
    return [name.value for name in names if isinstance(name.value, str)]


@cache
def _hints() -> frozenset[str]:
    return frozenset(map(key_of, wordings()["spotting"]["hints"]))
