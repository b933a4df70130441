"""Checks of labelled questions: statistics, conflicting labels, near-duplicates and leaks."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import ceil
from statistics import median
from typing import NamedTuple, TypeVar

from nadeuri.data.questions import Question
from nadeuri.understand import particles

LEFT_OUT = ""
"""In :class:`LabelConflict`, the "label" of a surface that is not marked."""

_K = TypeVar("_K")
_N_EXAMPLES = 3
_N_SURFACES = 10
_WORD = re.compile(r"\S+")
_NOT_A_LETTER = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class Statistics:
    """What a set of questions consists of.

    Attributes:
        n_questions, n_texts: rows, and different texts among them.
        n_without_spans: questions without an entity.
        labels: spans by label.
        intents, parts, annotators: questions by each; those without one are not in them.
        length: characters of a question: least, median, most.
        n_surfaces: different surfaces by label.
        surfaces: by label, the most frequent surfaces with their counts.
    """

    n_questions: int
    n_texts: int
    n_without_spans: int
    labels: dict[str, int]
    intents: dict[str, int]
    parts: dict[str, int]
    annotators: dict[str, int]
    length: tuple[int, float, int]
    n_surfaces: dict[str, int]
    surfaces: dict[str, list[tuple[str, int]]]


def statistics(questions: Sequence[Question]) -> Statistics:
    """Count labels, intents, parts, annotators, lengths and surfaces."""
    surfaces: dict[str, Counter[str]] = defaultdict(Counter)
    for question in questions:
        for surface, label in question.entities:
            surfaces[label][surface] += 1
    lengths = [len(question.text) for question in questions] or [0]
    return Statistics(
        n_questions=len(questions),
        n_texts=len({question.text for question in questions}),
        n_without_spans=sum(not question.spans for question in questions),
        labels=_ordered(Counter({label: seen.total() for label, seen in surfaces.items()})),
        intents=_ordered(Counter(q.intent for q in questions if q.intent)),
        parts=_ordered(Counter(q.split for q in questions if q.split)),
        annotators=_ordered(Counter(q.annotator for q in questions if q.annotator)),
        length=(min(lengths), median(lengths), max(lengths)),
        n_surfaces={label: len(seen) for label, seen in sorted(surfaces.items())},
        surfaces={label: _top(seen) for label, seen in sorted(surfaces.items())},
    )


class LabelConflict(NamedTuple):
    """A surface with several labels, or marked here and left out (:data:`LEFT_OUT`) there.

    ``examples`` holds up to three ids per label.
    """

    surface: str
    counts: dict[str, int]
    examples: dict[str, list[str]]


class IntentConflict(NamedTuple):
    """A text with several intents (None: without one), and the ids of each."""

    text: str
    intents: dict[str | None, list[str]]


@dataclass(frozen=True)
class Conflicts:
    """Conflicting labels; those with the most cases on the rarer side come first."""

    labels: list[LabelConflict]
    intents: list[IntentConflict]


def conflicts(questions: Sequence[Question]) -> Conflicts:
    """Find labels and intents that contradict each other.

    Not every one is an error: 부산 is a 지역 or a 출발지 by its sentence. A surface counts as left
    out where it stands at the beginning of a word, before a particle or nothing, outside of spans.
    """
    by_surface: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for question in questions:
        for surface, label in question.entities:
            by_surface[surface][label].append(question.id)
    for question in questions:
        for start, end in mentions(question.text, by_surface):
            if not any(start < span.end and span.start < end for span in question.spans):
                by_surface[question.text[start:end]][LEFT_OUT].append(question.id)
    by_text: dict[str, dict[str | None, list[str]]] = defaultdict(lambda: defaultdict(list))
    for question in questions:
        by_text[question.text][question.intent].append(question.id)
    return Conflicts(
        labels=[
            LabelConflict(
                surface,
                {label: len(ids) for label, ids in sorted(found.items())},
                {
                    label: [*dict.fromkeys(ids)][:_N_EXAMPLES]
                    for label, ids in sorted(found.items())
                },
            )
            for surface, found in _contradicting(by_surface)
        ],
        intents=[IntentConflict(text, dict(found)) for text, found in _contradicting(by_text)],
    )


def mentions(text: str, surfaces: Collection[str]) -> Iterator[tuple[int, int]]:
    """Where surfaces stand as words of their own, the longest at each place, left to right.

    A mention begins a word; behind it is the end of the word or a particle.
    ``surfaces`` is best a set or a dictionary.
    """
    ends = [match.end() for match in _WORD.finditer(text)]
    free = 0
    for match in _WORD.finditer(text):
        start = match.start()
        if start < free:
            continue
        for end in _possible_ends(text, start, ends):
            if text[start:end] in surfaces and _is_word_end(text, end):
                yield start, end
                free = end
                break


class NearDuplicate(NamedTuple):
    """Two questions (ids) and the Jaccard similarity of their character bigrams."""

    first: str
    second: str
    similarity: float


def near_duplicates(questions: Sequence[Question], threshold: float = 0.9) -> list[NearDuplicate]:
    """Pairs at least as similar as ``threshold`` (in ]0, 1]), in the order of the questions.

    Letters and digits count, spaces, case and punctuation do not. A text that is repeated is paired
    with its first occurrence only, so that n copies are n - 1 pairs.
    """
    distinct, copies = _distinct([question.text for question in questions])
    pairs = [(first, copy, 1.0) for first, copy in copies]
    firsts = list(distinct.values())
    for a, b, similarity in similar_pairs(list(distinct), threshold):
        first, second = sorted((firsts[a], firsts[b]))
        pairs.append((first, second, similarity))
    return [
        NearDuplicate(questions[first].id, questions[second].id, similarity)
        for first, second, similarity in sorted(pairs)
    ]


def leaks(
    train: Sequence[Question], test: Sequence[Question], threshold: float = 0.9
) -> list[NearDuplicate]:
    """Test questions (``second``) that training as good as has (``first``: the most similar)."""
    known, _ = _distinct([question.text for question in train])
    asked, _ = _distinct([question.text for question in test])
    keys = [*known, *(key for key in asked if key not in known)]
    nearest = {key: (1.0, known[key]) for key in asked if key in known}
    for a, b, similarity in similar_pairs(keys, threshold):
        train_at, test_at = sorted((a, b))
        if train_at < len(known) <= test_at:
            key, found = keys[test_at], (similarity, known[keys[train_at]])
            nearest[key] = max(nearest.get(key, found), found, key=lambda pair: (pair[0], -pair[1]))
    return [
        NearDuplicate(train[nearest[key][1]].id, question.id, nearest[key][0])
        for question in test
        if (key := text_key(question.text)) in nearest
    ]


def text_key(text: str) -> str:
    """What near-duplicates are compared by: letters and digits, case folded."""
    bare = _NOT_A_LETTER.sub("", text)
    return unicodedata.normalize("NFC", bare.casefold()) or text


def similar_pairs(keys: Sequence[str], threshold: float) -> Iterator[tuple[int, int, float]]:
    """Pairs of positions whose character bigrams have a Jaccard similarity >= ``threshold``.

    Exact, by prefix and length filtering (Bayardo, Ma and Srikant 2007, "Scaling Up All Pairs
    Similarity Search"): two sets that are similar enough share one of their rarest members.
    """
    grams = [_bigrams(key) for key in keys]
    frequency = Counter(gram for bag in grams for gram in bag)
    order = sorted(range(len(keys)), key=lambda index: len(grams[index]))
    lists: dict[str, list[int]] = defaultdict(list)  # gram -> positions, smaller sets first
    sizes: dict[str, list[int]] = defaultdict(list)
    for index in order:
        bag = grams[index]
        least = ceil(threshold * len(bag) - 1e-9)  # members a similar set has and shares
        prefix = sorted(bag, key=lambda gram: (frequency[gram], gram))[: len(bag) - least + 1]
        candidates: set[int] = set()
        for gram in prefix:
            candidates.update(lists[gram][bisect_left(sizes[gram], least) :])
            lists[gram].append(index)
            sizes[gram].append(len(bag))
        for other in candidates:
            shared = len(bag & grams[other])
            similarity = shared / (len(bag) + len(grams[other]) - shared)
            if similarity >= threshold:
                yield other, index, similarity


def _bigrams(key: str) -> frozenset[str]:
    framed = f"\n{key}\n"
    return frozenset(framed[at : at + 2] for at in range(len(framed) - 1))


def _distinct(texts: Sequence[str]) -> tuple[dict[str, int], list[tuple[int, int]]]:
    """First position of each key, and (first, later) positions of the repeats."""
    firsts: dict[str, int] = {}
    repeats = []
    for position, text in enumerate(texts):
        first = firsts.setdefault(text_key(text), position)
        if first != position:
            repeats.append((first, position))
    return firsts, repeats


def _possible_ends(text: str, start: int, word_ends: Sequence[int]) -> Iterator[int]:
    """Every place within five words from ``start``, the farthest first."""
    first = bisect_left(word_ends, start + 1)
    last = word_ends[min(first + 4, len(word_ends) - 1)]
    yield from range(last, start, -1)


def _is_word_end(text: str, end: int) -> bool:
    tail = particles.tail_of(text, end)
    if tail:
        behind = end + len(tail)
        return _is_particle(tail) and not (behind < len(text) and text[behind].isalnum())
    return end == len(text) or not text[end].isalnum()


@lru_cache(maxsize=65_536)
def _is_particle(tail: str) -> bool:
    return particles.is_particle(tail)


def _contradicting(by: dict[str, dict[_K, list[str]]]) -> list[tuple[str, dict[_K, list[str]]]]:
    several = [(key, found) for key, found in by.items() if len(found) > 1]

    def weight(pair: tuple[str, dict[_K, list[str]]]) -> tuple[int, str]:
        counts = [len(ids) for ids in pair[1].values()]
        return max(counts) - sum(counts), pair[0]

    return sorted(several, key=weight)


def _ordered(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def _top(counts: Counter[str]) -> list[tuple[str, int]]:
    return list(_ordered(counts).items())[:_N_SURFACES]
