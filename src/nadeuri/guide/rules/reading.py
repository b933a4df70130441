"""The default reader of questions: rules, names and numbers; no language model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from nadeuri.guide.plan import MOST_PLACES, Area, Measure, Plan, Segment, Statistic
from nadeuri.guide.rules import asking, follow, times
from nadeuri.guide.rules.clarify import (
    Clarification,
    ask_for_anything,
    ask_for_area,
    ask_for_place,
)
from nadeuri.guide.rules.entities import EntityReader, completed
from nadeuri.guide.rules.slots import Slots, read_slots
from nadeuri.guide.rules.spotting import Mention, spot
from nadeuri.guide.rules.text import Text
from nadeuri.guide.vocabulary import Vocabulary

_LONGEST_BARE = 15


@dataclass(frozen=True)
class Reading:
    """What a question comes to: a plan, or a question back.

    Attributes:
        notes: for the trace: spellings that were guessed, why a model was not used.
    """

    plan: Plan | None
    clarification: Clarification | None = None
    notes: tuple[str, ...] = ()


def read(
    question: str,
    vocabulary: Vocabulary,
    *,
    now: datetime,
    before: Plan | None = None,
    shown: Sequence[str] = (),
    entities: EntityReader | None = None,
) -> Reading:
    """A plan for ``question``, or the one question that has to be asked first.

    Args:
        now: the clock that 지금 and 내일 are reckoned from, in local time.
        before: the plan of the turn before, for follow-ups.
        shown: names of the places that were shown, in their order.
        entities: a question model that may add what the rules miss.
    """
    text, named = follow.mask_shown(Text.of(question), shown)
    if follow.is_restart(text.squeezed):
        before, shown, named = None, (), ()
    mentions = spot(text, vocabulary)
    slots = read_slots(text, mentions, vocabulary, now)
    if slots.wish.places and not asking.is_about_places(text.squeezed):
        mentions = spot(text, vocabulary, places=False)
        slots = read_slots(text, mentions, vocabulary, now)
    if entities is not None:
        slots = replace(slots, wish=completed(slots.wish, entities(question), vocabulary))
    turn = _Turn(text, mentions, slots, _times_named(text.squeezed, vocabulary), shown, named)
    found = _decide(turn, before) or ask_for_anything(vocabulary)
    notes = tuple(_note(mention) for mention in mentions if not mention.exact)
    if isinstance(found, Clarification):
        return Reading(None, found, notes)
    return Reading(found, notes=notes)


@dataclass(frozen=True)
class _Turn:
    """A question and what was found in it.

    Attributes:
        times: weekdays and hours that are named, as groups of guests.
        shown: names of the places that were shown.
        named: positions of those that the question names.
    """

    text: Text
    mentions: Sequence[Mention]
    slots: Slots
    times: Sequence[Segment]
    shown: Sequence[str]
    named: tuple[int, ...]

    @property
    def squeezed(self) -> str:
        return self.text.squeezed

    @property
    def wish(self) -> Plan:
        return self.slots.wish

    @property
    def unread(self) -> Text:
        """What names no name of the graph."""
        text = self.text
        for mention in self.mentions:
            text = text.masked(mention.start, mention.end)
        return text


def _decide(turn: _Turn, before: Plan | None) -> Plan | Clarification | None:
    """The plan, a question back, or None where there is nothing to go by."""
    squeezed, wish = turn.squeezed, turn.wish
    if _is_out_of_scope(turn):
        return Plan(intent="out_of_scope")
    others = follow.wants_others(squeezed)
    measure = asking.measure_of(squeezed, wish, names_times=bool(turn.times))
    if measure is None and not others and _is_chat(turn):
        return Plan(intent="chat")
    if measure is not None and not others and (about := _about_shown(turn, measure)):
        return about
    if turn.slots.unclear_areas:
        return ask_for_area(turn.slots.unclear_areas)
    if measure is not None and asking.is_statistic(
        squeezed, measure, names_place=bool(wish.places)
    ):
        return _statistic(turn, measure)
    if before is not None and before.intent in ("recommend", "statistic"):
        if measured := follow.measured(before, wish, turn.slots.metres):
            return follow.merged(before, measured, others=others and bool(turn.shown))
        wants_places = asking.wants_places(squeezed)
        if others or follow.is_change(squeezed, wish, wants_places=wants_places):
            return follow.merged(before, wish, others=others and bool(turn.shown))
    return None if wish.is_empty or _names_only_day(turn) else _by_usage(turn)


def _names_only_day(turn: _Turn) -> bool:
    """오늘 뭐 먹을까: nothing to go by, unlike 오늘 여는 데."""
    wish = turn.wish
    return (
        wish.stated <= {"open_at", "n_wanted"}
        and wish.open_at is not None
        and wish.open_at.minute is None
        and not times.says_open(turn.squeezed)
    )


def _by_usage(turn: _Turn) -> Plan:
    """The wish, ordered by the guests that are named: 점심에 많이 가는; else by how many come."""
    wish = turn.wish
    if wish.sort != "usage_share" or wish.segments:
        return wish
    by_time = {"segments": tuple(turn.times), "open_at": None}
    changes = by_time if turn.times else {"sort": "n_reviews"}
    return Plan.model_validate({**wish.model_dump(), **changes})


def _about_shown(turn: _Turn, measure: Measure) -> Plan | Clarification | None:
    """A plan for a question about places that were shown, or which place is meant."""
    squeezed, wish = turn.squeezed, turn.wish
    if wish.places or asking.wants_places(squeezed):
        return None
    positions = turn.named or follow.read_positions(squeezed, turn.shown)
    if not positions and not follow.is_pointing(squeezed):
        if not _is_bare_question(squeezed, measure, wish, is_shown=bool(turn.shown)):
            return None
        positions = tuple(range(1, len(turn.shown) + 1))
    if not positions:
        return ask_for_place(turn.shown)
    return Plan(
        intent="statistic",
        relation="about_shown",
        shown=positions,
        menus=wish.menus,
        companions=wish.companions if measure == "visit_share" else (),
        purposes=wish.purposes if measure == "visit_share" else (),
        segments=(*wish.segments, *turn.times) if measure == "usage_share" else (),
        qualities=wish.qualities if measure == "quality" else (),
        statistic=Statistic(measure=measure, pick=asking.pick_of(squeezed)),
    )


def _is_bare_question(squeezed: str, measure: Measure, wish: Plan, *, is_shown: bool) -> bool:
    """Whether a text asks for a fact and names no place, area or kind: 가격은?, 몇 시까지 해?."""
    if measure in ("hours", "address", "menus", "reviews") and not wish.stated:
        return True
    if is_shown and measure != "n_places":
        is_about_guests = measure == "usage_share" and not wish.stated - {"segments", "open_at"}
        is_about_dish = measure == "price" and wish.stated == {"menus"}
        if is_about_guests or is_about_dish or asking.is_yes_or_no(squeezed):
            return True
    return not wish.stated and len(squeezed) <= _LONGEST_BARE


def _is_out_of_scope(turn: _Turn) -> bool:
    """Other places, other matters, orders to the machine: unless it asks for places as well."""
    wish, unread = turn.wish, turn.unread
    has_where = bool(wish.areas or wish.near or turn.slots.unclear_areas)
    has_what = bool(wish.categories or wish.menus or wish.places)
    wants_to_eat = asking.is_about_eating(turn.squeezed)
    return (
        (not has_where and asking.is_elsewhere(unread))
        or (not has_what and not wants_to_eat and asking.is_other_matter(unread))
        or (not has_what and not has_where and asking.is_attack(unread))
    )


def _is_chat(turn: _Turn) -> bool:
    wish = turn.wish
    names_something = wish.areas or wish.near or wish.categories or wish.menus or wish.places
    return (
        not names_something
        and asking.is_chat(turn.unread)
        and not asking.wants_places(turn.squeezed)
    )


def _statistic(turn: _Turn, measure: Measure) -> Plan:
    """The plan of a statistic question: times are groups of guests, dishes are dishes."""
    wish, both = turn.wish, turn.slots.both
    changes: dict[str, object] = {"sort": None, "open_at": None, "n_wanted": MOST_PLACES}
    if measure == "usage_share":
        changes["segments"] = (*wish.segments, *turn.times)
    if measure == "price" and both:
        changes["menus"] = (*wish.menus, *both)
        changes["categories"] = tuple(name for name in wish.categories if name not in both)
    if measure != "quality":
        changes["qualities"] = ()
    statistic = Statistic(
        measure=measure,
        pick=asking.pick_of(turn.squeezed),
        month=times.read_month(turn.squeezed),
    )
    return Plan.model_validate(
        {**wish.model_dump(), **changes, "intent": "statistic", "statistic": statistic}
    )


def _times_named(squeezed: str, vocabulary: Vocabulary) -> list[Segment]:
    bands = times.read_hour_bands(squeezed, vocabulary.segments.get("hour", ()))
    return [
        *(Segment(dimension="weekday", value=day) for day in times.read_weekdays(squeezed)),
        *(Segment(dimension="hour", value=band) for band in bands),
    ]


def _note(mention: Mention) -> str:
    values = (name.value for name in mention.names)
    named = (value.name if isinstance(value, Area) else str(value) for value in values)
    return f"read {mention.surface!r} as {', '.join(named)}"
