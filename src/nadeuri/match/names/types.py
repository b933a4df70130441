"""Words that say what kind of place a name means, and words that names translate.

``place_types.tsv`` was written for this package: a concept a row, its words in Korean, English,
Japanese, Chinese and romanised in other languages. A concept with a group is a type of place
(temple and shrine are of one group); one without is a describing word (national, golden). ``-``
before a word: it also ends a longer word (불국사, 清水寺, Namsan); after it: it begins one, in
scripts other than Latin, which are romanised first (วัดอรุณ, ``wadxrun``).
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from nadeuri.match.names.readings import unify_han
from nadeuri.match.names.romanise import romanise
from nadeuri.match.names.scripts import HANGUL, LATIN, OTHER, SPACELESS, script_of

_LANGUAGES = ("ko", "en", "ja", "zh", "other")
_MAX_WORDS = 4  # of a phrase
_MAX_LETTERS = 14  # of a word that ends or begins a longer one
_MIN_STEM = {HANGUL: 2, LATIN: 4}  # what must remain before a one-syllable or Latin ending
_GENITIVE = "의"
_SHORT = 3  # letters of a word that has no plural
_SAME_GROUP = 0.5  # how much two types of one group are alike

Concepts = frozenset[str]


@dataclass(frozen=True)
class Piece:
    """A part of a name.

    Attributes:
        concepts: what it means; empty for a proper name.
        glued: to the piece before it, as part of the same word.
    """

    text: str
    concepts: Concepts = frozenset()
    glued: bool = False


def pieces_of(tokens: Sequence[str]) -> tuple[Piece, ...]:
    """The words of a folded name, with what the lexicon knows of them.

    Phrases are found before words, and words that end or begin a longer one in scripts that join
    words are cut off it: 국립중앙박물관 is national, central, museum.
    """
    tokens = [part for token in tokens for part in _readable(token)]
    pieces: list[Piece] = []
    start = 0
    while start < len(tokens):
        for end in range(min(len(tokens), start + _MAX_WORDS), start, -1):
            phrase = " ".join(tokens[start:end])
            concepts = _concepts(phrase)
            if concepts:
                pieces.append(Piece(phrase, concepts))
                break
        else:
            end = start + 1
            pieces.extend(_cut(tokens[start]))
        start = end
    return tuple(pieces)


def _readable(token: str) -> list[str]:
    """A token; of a script that the lexicon does not have, romanised."""
    return romanise(token).split() if script_of(token) == OTHER else [token]


def types_among(concepts: Iterable[str]) -> Concepts:
    """Those of ``concepts`` that are types of places."""
    groups = _lexicon().groups
    return frozenset(concept for concept in concepts if groups[concept])


def likeness(left: Sequence[Concepts], right: Sequence[Concepts]) -> float:
    """How much of two names' words means the same, in [0, 1]; 0 where either has none.

    Dice's coefficient over words, each with what it may mean; two types of one group count half.
    """
    if not left or not right:
        return 0.0
    both = sum(_best(word, right) for word in left) + sum(_best(word, left) for word in right)
    return both / (len(left) + len(right))


def _best(word: Concepts, others: Sequence[Concepts]) -> float:
    groups = _lexicon().groups
    if any(word & other for other in others):
        return 1.0
    mine = {groups[concept] for concept in word} - {""}
    related = any(groups[concept] in mine for other in others for concept in other)
    return _SAME_GROUP if related else 0.0


@dataclass(frozen=True)
class _Lexicon:
    """Concepts of words or phrases, and of words that end or begin others."""

    groups: dict[str, str]
    words: dict[str, Concepts]
    endings: dict[str, Concepts]
    beginnings: dict[str, Concepts]


@cache
def _lexicon() -> _Lexicon:
    groups: dict[str, str] = {}
    words: defaultdict[str, set[str]] = defaultdict(set)
    endings: defaultdict[str, set[str]] = defaultdict(set)
    beginnings: defaultdict[str, set[str]] = defaultdict(set)
    with (files(__package__) / "place_types.tsv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines, delimiter="\t"):
            groups[row["concept"]] = row["group"]
            for language in _LANGUAGES:
                for word in filter(None, row[language].split("|")):
                    folded = _fold(word.strip("-"))
                    joined = script_of(folded) in SPACELESS and len(folded) > 1
                    if word.startswith("-") or joined:
                        endings[folded].add(row["concept"])
                    if word.endswith("-") or joined:
                        beginnings[folded].add(row["concept"])
                    if not word.startswith("-"):
                        words[folded].add(row["concept"])
    return _Lexicon(groups, *map(_frozen, (words, endings, beginnings)))


def _frozen(concepts: dict[str, set[str]]) -> dict[str, Concepts]:
    return {word: frozenset(meant) for word, meant in concepts.items()}


def _fold(word: str) -> str:
    return romanise(word) if script_of(word) == LATIN else unify_han(word)


def _concepts(phrase: str) -> Concepts:
    """Concepts of a word, or of what it is the plural or the Korean genitive of."""
    words = _lexicon().words
    if found := words.get(phrase) or words.get(unify_han(phrase)):
        return found
    if phrase.endswith(_GENITIVE):
        return words.get(phrase.removesuffix(_GENITIVE), frozenset())
    if len(phrase) > _SHORT and phrase.endswith("s"):
        return words.get(phrase[:-1]) or words.get(phrase.removesuffix("es"), frozenset())
    return frozenset()


def _cut(token: str) -> list[Piece]:
    """A token that is no word of the lexicon, cut where words of it end or begin the token.

    Describing words are cut off only together with a type: 스타벅스 is no star.
    """
    script = script_of(token)
    key = unify_han(token)
    if len(key) != len(token):  # variants of several characters: leave them alone
        key = token
    start, end = 0, len(key)
    spans: list[tuple[int, int, Concepts]] = []
    while found := _ending(key[start:end], script, last=not spans):
        spans.insert(0, (end - len(found), end, _lexicon().endings[found]))
        end -= len(found)
    while (spans or script == LATIN) and (found := _beginning(key[start:end])):
        spans.append((start, start + len(found), _lexicon().beginnings[found]))
        start += len(found)
    stem = key[start:end]
    told = len(spans) == 1 or (spans and len(stem) > 1)  # 용다리 is a dragon's, 신세계 is no god's
    concepts = _concepts(stem) if told else frozenset()
    spans.append((start, end, concepts))
    return [
        Piece(token[first:last], concepts, glued=first > 0)
        for first, last, concepts in sorted(spans, key=lambda span: span[0])
    ]


def _ending(word: str, script: str, *, last: bool) -> str:
    """The longest ending that leaves enough of ``word``; ``""`` for none.

    Args:
        last: nothing stands behind the ending, so that it has to be a type.
    """
    endings = _lexicon().endings
    for length in range(min(len(word) - 1, _MAX_LETTERS), 0, -1):
        ending = word[-length:]
        if ending not in endings or (last and not types_among(endings[ending])):
            continue
        short = length == 1 or script == LATIN
        if len(word) - length >= (_MIN_STEM.get(script, 1 if last else 2) if short else 1):
            return ending
    return ""


def _beginning(word: str) -> str:
    """The longest word of two letters or more that begins a longer ``word``; ``""`` for none."""
    beginnings = _lexicon().beginnings
    for length in range(min(len(word) - 1, _MAX_LETTERS), 1, -1):
        if word[:length] in beginnings:
            return word[:length]
    return ""
