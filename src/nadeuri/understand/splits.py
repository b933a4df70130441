"""Splits of labelled questions: by group, or by place names and templates unseen in training."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from nadeuri.data.questions import Question
from nadeuri.errors import DataError
from nadeuri.understand.quality import mentions, near_duplicates

TRAIN, VALID, TEST = "train", "valid", "test"
PARTS = (TRAIN, VALID, TEST)

_NEAR_DUPLICATE = 0.9


def split_by_group(
    questions: Sequence[Question], valid: float, test: float, seed: int
) -> dict[str, list[Question]]:
    """Split so that nothing leaks, with about the same intents in every part.

    Questions stay together that have the same group, the same template (:func:`delexicalise`), or
    nearly the same text. Whole families go to the part that lacks their intents most, larger
    families first; ``split`` of a question becomes the part's name.

    Args:
        questions: ids are unique.
        valid: share of the questions, as is ``test``; the rest is for training.
        test: see ``valid``.
        seed: of the order among families of one size.

    Raises:
        DataError: the shares are none, or a part stays empty (the families are too large).
    """
    _check_shares(valid, test)
    shares = {TRAIN: 1 - valid - test, VALID: valid, TEST: test}
    families = _families(questions)
    order = np.random.default_rng(seed).permutation(len(families))
    families = sorted((families[index] for index in order), key=len, reverse=True)
    totals = Counter(kind for question in questions for kind in _kinds(question))
    counts: dict[str, Counter[str | None]] = {part: Counter() for part in PARTS}
    members: dict[str, list[int]] = {part: [] for part in PARTS}

    def growth(part: str, added: Counter[str | None]) -> float:
        """How much the squared distance to the part's share grows, each kind counting alike."""
        return sum(
            n * (n + 2 * (counts[part][kind] - shares[part] * totals[kind])) / totals[kind] ** 2
            for kind, n in added.items()
        )

    for family in families:
        added = Counter(kind for index in family for kind in _kinds(questions[index]))
        open_parts = [part for part in PARTS if shares[part] > 0]
        part = min(open_parts, key=lambda name: growth(name, added))
        counts[part].update(added)
        members[part].extend(family)
    if empty := [part for part in PARTS if shares[part] > 0 and not members[part]]:
        raise DataError(
            f"the part {empty[0]} is empty: {len(questions)} questions are only {len(families)} "
            f"families, the largest of {len(families[0]) if families else 0}; label more, or check "
            "the groups"
        )
    return {
        part: [replace(questions[index], split=part) for index in sorted(members[part])]
        for part in PARTS
    }


@dataclass(frozen=True)
class NameSplit:
    """A split by names and templates.

    Attributes:
        parts: questions of train, valid and test.
        dropped: questions that mix what is held out with what is not.
        names: the words of names of each part.
        ordinary: words that are labelled as a name somewhere, but oftener are none; any part may
            have them.
        n_templates: templates that occur in each part.
    """

    parts: dict[str, list[Question]]
    dropped: list[Question]
    names: dict[str, frozenset[str]]
    ordinary: frozenset[str]
    n_templates: dict[str, int]

    def __getitem__(self, part: str) -> list[Question]:
        return self.parts[part]


def split_by_names(
    questions: Sequence[Question], labels: Collection[str], valid: float, test: float, seed: int
) -> NameSplit:
    """Split so that names and templates of one part are unseen in the others.

    Every word of a name (a span with one of ``labels``) and every template goes to one part; a
    question goes to a part when its template and all words of its names are of that part, and its
    other text mentions no name of another part. What is mixed is dropped. A word is no name where
    it oftener stands without the label than with it (미세먼지, labelled a place 11 times in 2,261):
    held out, an ordinary word would be missing from most of the training part.

    Args:
        questions: ids are unique.
        labels: labels of the names that are held out.
        valid: share of the names, and of the templates, as is ``test``: with .2, about .04 of the
            questions come into that part.
        test: see ``valid``.
        seed: decides which.

    Raises:
        DataError: the shares are none, or a part stays empty.
    """
    _check_shares(valid, test)
    templates = [delexicalise(question) for question in questions]
    spelt = _spellings(questions, labels)
    ordinary = _ordinary(questions, labels, spelt)
    words = [_name_words(question, labels) - ordinary for question in questions]
    random = np.random.default_rng(seed)
    part_of_word = _dealt(sorted(set().union(*words)), valid, test, random)
    part_of_template = _dealt(sorted(set(templates)), valid, test, random)
    spellings = {word: part_of_word[key] for word, key in spelt.items() if key not in ordinary}
    parts: dict[str, list[Question]] = {part: [] for part in PARTS}
    dropped = []
    kept_templates: dict[str, set[str]] = {part: set() for part in PARTS}
    for question, template, names in zip(questions, templates, words, strict=True):
        part = part_of_template[template]
        homes = {part_of_word[word] for word in names}
        homes |= {
            spellings[question.text[start:end]] for start, end in mentions(question.text, spellings)
        }
        if homes <= {part}:
            parts[part].append(replace(question, split=part))
            kept_templates[part].add(template)
        else:
            dropped.append(question)
    wanted = {TRAIN: 1 - valid - test, VALID: valid, TEST: test}
    if empty := [part for part in PARTS if wanted[part] > 0 and not parts[part]]:
        raise DataError(
            f"the part {empty[0]} is empty: {len(part_of_word)} names and {len(part_of_template)} "
            "templates are too few for these shares; raise them, or label more"
        )
    return NameSplit(
        parts=parts,
        dropped=dropped,
        names={
            part: frozenset(word for word, home in part_of_word.items() if home == part)
            for part in PARTS
        },
        ordinary=ordinary,
        n_templates={part: len(kept_templates[part]) for part in PARTS},
    )


def delexicalise(question: Question) -> str:
    """The template of a question: ``"[지역] [상품 유형] 추천해줘"``, single spaces, case folded."""
    pieces, last = [], 0
    for start, end, label in question.spans:
        pieces += [question.text[last:start].casefold(), f"[{label}]"]
        last = end
    return " ".join("".join([*pieces, question.text[last:].casefold()]).split())


def name_key(name: str) -> str:
    """What makes two spellings the same name: case and spaces do not count."""
    return "".join(name.casefold().split())


def _spellings(questions: Sequence[Question], labels: Collection[str]) -> dict[str, str]:
    """The words of all names as they are written, with what makes them the same."""
    return {
        word: name_key(word)
        for question in questions
        for surface, label in question.entities
        if label in labels
        for word in surface.split()
    }


def _ordinary(
    questions: Sequence[Question], labels: Collection[str], spelt: Mapping[str, str]
) -> frozenset[str]:
    """Words of names that oftener stand outside of a span of these labels than in one."""
    within: Counter[str] = Counter()
    outside: Counter[str] = Counter()
    for question in questions:
        within.update(_name_words(question, labels))
        spans = [span for span in question.spans if span.label in labels]
        outside.update(
            spelt[question.text[start:end]]
            for start, end in mentions(question.text, spelt)
            if not any(start < span.end and span.start < end for span in spans)
        )
    return frozenset(word for word, times in within.items() if outside[word] > times)


def _name_words(question: Question, labels: Collection[str]) -> frozenset[str]:
    return frozenset(
        name_key(word)
        for surface, label in question.entities
        if label in labels
        for word in surface.split()
    )


def _dealt(
    things: Sequence[str], valid: float, test: float, random: np.random.Generator
) -> dict[str, str]:
    """A part for each thing, in these shares."""
    n_test, n_valid = round(test * len(things)), round(valid * len(things))
    dealt = {}
    for place, index in enumerate(random.permutation(len(things))):
        part = TEST if place < n_test else VALID if place < n_test + n_valid else TRAIN
        dealt[things[index]] = part
    return dealt


def _kinds(question: Question) -> tuple[str | None, ...]:
    """What is stratified: the number of questions (None) and the intent."""
    return (None, question.intent) if question.intent else (None,)


def _families(questions: Sequence[Question]) -> list[list[int]]:
    """Positions of questions that must stay together, by union-find."""
    root = list(range(len(questions)))

    def find(index: int) -> int:
        while root[index] != index:
            root[index] = root[root[index]]
            index = root[index]
        return index

    def join(keys: Iterable[Hashable]) -> None:
        first: dict[Hashable, int] = {}
        for index, key in enumerate(keys):
            if key is not None:
                root[find(index)] = find(first.setdefault(key, index))

    join(question.group for question in questions)
    join(delexicalise(question) for question in questions)
    position = {question.id: index for index, question in enumerate(questions)}
    for pair in near_duplicates(questions, _NEAR_DUPLICATE):
        root[find(position[pair.second])] = find(position[pair.first])
    families: dict[int, list[int]] = defaultdict(list)
    for index in range(len(questions)):
        families[find(index)].append(index)
    return list(families.values())


def _check_shares(valid: float, test: float) -> None:
    if not (valid >= 0 and test >= 0 and valid + test < 1):
        raise DataError(f"shares valid {valid} and test {test}: both from 0, together below 1")
