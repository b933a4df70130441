"""Draw labelled questions from the templates, part by part."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.random import Generator

from nadeuri import columns
from nadeuri.data.questions import Question, Span
from nadeuri.data.sample.questions.grammar import (
    Pattern,
    Piece,
    Slot,
    choose,
    pick,
    pieces,
)
from nadeuri.data.sample.questions.noise import Tagged, roughen
from nadeuri.data.sample.questions.places import (
    AT_HOME,
    CITY,
    COUNTRY,
    all_reserved,
    draw_places,
    has_reserved,
)
from nadeuri.data.sample.questions.templates import (
    TEST,
    TRAIN,
    VALID,
    Template,
    load_phrases,
    load_templates,
)
from nadeuri.data.sample.questions.values import AREA, HOME_AREA, draw_value
from nadeuri.errors import DataError

PART_SHARES = {TRAIN: 0.685, VALID: 0.105, TEST: 0.21}
INTENT_SHARES = {
    columns.PRODUCT_INTENT: 0.2,
    columns.ITINERARY_INTENT: 0.11,
    columns.DESTINATION_INTENT: 0.12,
    columns.PRICE_INTENT: 0.11,
    columns.BOOKING_INTENT: 0.12,
    columns.INFORMATION_INTENT: 0.14,
    columns.WEATHER_INTENT: 0.07,
    columns.CHAT_INTENT: 0.05,
    columns.OUT_OF_SCOPE_INTENT: 0.08,
}

_SEEN, _UNSEEN = "seen", "unseen"  # in the ids of test questions that name a reserved place
_UNSEEN_SHARE = 0.55  # of the test questions whose template has a slot for a reserved name
_ROUGH_SHARE = 0.5
_OPENER_SHARE, _CLOSER_SHARE = 0.12, 0.07
_DROPPED_PARTICLE_SHARE = 0.12
_OPENERS, _CLOSERS = "여는 말", "맺는 말"
_FOLLOW_UP = "그럼"
_ANYWHERE = "곳"
_TRIES = 60  # per wanted question, before the templates count as exhausted
_SEED_STREAM = 7


class Draft(NamedTuple):
    """A question without its id: whether it names a reserved place is known before the slips."""

    template: Template
    question: Tagged
    unseen: bool


def build_questions(n: int, seed: int) -> list[Question]:
    """``n`` labelled questions; the same ``n`` and ``seed`` give the same ones.

    ``group`` is the template, ``split`` the part. No text occurs twice, no template in two parts,
    and no reserved place name (:func:`~nadeuri.data.sample.questions.places.reserved_places`)
    outside of the test part, where about half of the questions with a place have one.

    Raises:
        DataError: ``n`` is more than the templates can give, or a template is not sound.
    """
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(_SEED_STREAM,)))
    taken: set[str] = set()
    questions: list[Question] = []
    for part, n_part in _apportion(n, PART_SHARES).items():
        drafts: list[Draft] = []
        for intent, n_intent in _apportion(n_part, INTENT_SHARES).items():
            own = [t for t in load_templates() if t.part == part and t.intent == intent]
            drafts.extend(_draw(own, n_intent, taken, rng))
        order = rng.permutation(len(drafts))
        questions.extend(_question(i, drafts[int(k)]) for i, k in enumerate(order, 1))
    return questions


def has_unseen_place(question: Question) -> bool:
    """Whether a question of the test part names a reserved place (mistyped or not)."""
    return question.id.startswith(f"{TEST}-{_UNSEEN}-")


def fill(pattern: Pattern, scope: str, rng: Generator, *, unseen: bool = False) -> list[Piece]:
    """One surface of a template; with ``unseen``, reserved names in the slots that have them."""
    chosen = choose(pattern, rng)
    anywhere = _anywhere(scope, rng)
    pools = {
        node.pool: node.pool.replace(_ANYWHERE, anywhere)
        for node in chosen
        if isinstance(node, Slot) and node.value is None
    }
    places = draw_places(rng, pools.values(), scope, unseen=unseen)
    values: dict[str, tuple[str, str]] = {}
    for slot, pool in pools.items():
        value = places.get(pool)
        while value is None or value in values.values():
            value = draw_value(rng, pool, unseen=unseen)
        values[slot] = value
    return pieces(chosen, values, rng)


def tag(surface: Iterable[Piece]) -> Tagged:
    """The pieces joined, entities as spans."""
    text = ""
    spans = []
    for piece in surface:
        if piece.label is not None:
            spans.append(Span(len(text), len(text) + len(piece.text), piece.label))
        text += piece.text
    return Tagged(text, tuple(spans))


def _draw(templates: Sequence[Template], n: int, taken: set[str], rng: Generator) -> list[Draft]:
    """``n`` new questions, as evenly as the templates allow; the first of each has no slips."""
    drafts: list[Draft] = []
    for tries in range(_TRIES * (n + len(templates))):
        if len(drafts) == n:
            return drafts
        if tries % len(templates) == 0:
            order = rng.permutation(len(templates))
        template = templates[int(order[tries % len(templates)])]
        unseen = template.part == TEST and rng.random() < _UNSEEN_SHARE
        surface = fill(template.pattern, template.scope, rng, unseen=unseen)
        framed = template.intent != columns.CHAT_INTENT  # greetings need no greeting before them
        question = (
            tag(surface) if tries < len(templates) else _as_typed(surface, rng, framed=framed)
        )
        if question.text in taken or (template.part != TEST and has_reserved(question.text)):
            continue
        taken.add(question.text)
        drafts.append(Draft(template, question, any(map(_is_reserved, surface))))
    raise DataError(
        f"sample questions: {n} are more than the templates of {templates[0].part} give"
    )


def _as_typed(surface: Sequence[Piece], rng: Generator, *, framed: bool) -> Tagged:
    """With a greeting or thanks at times, particles left out, and slips."""
    kept = [
        piece
        for piece in surface
        if not (piece.droppable and rng.random() < _DROPPED_PARTICLE_SHARE)
    ]
    text = "".join(piece.text for piece in kept)
    framed = framed and not text.startswith(_FOLLOW_UP)
    if framed and rng.random() < _OPENER_SHARE:
        opener = _plain(_OPENERS, rng)
        if opener.strip(" ,!.~?") not in text:
            kept.insert(0, Piece(opener))
    if framed and rng.random() < _CLOSER_SHARE:
        closer = _plain(_CLOSERS, rng)
        if closer.strip(" ,!.~?") not in text:
            kept.append(Piece(closer))
    question = tag(kept)
    return roughen(question, rng) if rng.random() < _ROUGH_SHARE else question


def _plain(phrase: str, rng: Generator) -> str:
    return "".join(str(node) for node in choose(load_phrases()[phrase], rng))


def _question(number: int, draft: Draft) -> Question:
    part = draft.template.part
    kind = f"{part}-{_UNSEEN if draft.unseen else _SEEN}" if part == TEST else part
    return Question(
        id=f"{kind}-{number:05}",
        text=draft.question.text,
        spans=draft.question.spans,
        intent=draft.template.intent,
        group=draft.template.id,
        split=part,
    )


def _is_reserved(piece: Piece) -> bool:
    return piece.label in columns.PLACE_LABELS and piece.text in all_reserved()


def _anywhere(scope: str, rng: Generator) -> str:
    """What a slot for any place takes this time: a country, a city, or a larger area."""
    area = HOME_AREA if scope == AT_HOME else AREA
    kinds = (CITY, area) if scope == AT_HOME else (COUNTRY, CITY, CITY, area)
    return pick(rng, kinds)


def _apportion(n: int, shares: Mapping[str, float]) -> dict[str, int]:
    """Whole numbers that add up to ``n``, by largest remainder."""
    counts = {name: int(n * share) for name, share in shares.items()}
    by_remainder = sorted(shares, key=lambda name: counts[name] - n * shares[name])
    for name in by_remainder[: n - sum(counts.values())]:
        counts[name] += 1
    return counts
