"""Words of a corpus that a tokenizer turns into its unknown token, or shreds."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

from nadeuri.data.questions import Question
from nadeuri.errors import ConfigError
from nadeuri.understand.particles import is_particle
from nadeuri.understand.vocabulary.pieces import METASPACE, missing_characters, normalized

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

Kind = Literal["unknown", "shredded"]
Mode = Literal["both", "tokens", "syllables"]
WordsOf = Callable[[str], Iterable[str]]

SHREDDED_PIECES = 3
SHREDDED_PIECES_PER_CHARACTER = 0.75
"""A word is shredded when it falls into at least this many pieces, nearly one per character."""

_WORD = re.compile(r"[^\W_]+")
_MIN_STEM = 2  # syllables
_PLAIN_KOREAN = "안녕하세요 다음 달에 부모님과 함께 갈 만한 제주도 여행 상품을 추천해 주세요"


@dataclass(frozen=True)
class Word:
    """A word that the tokenizer cannot read well.

    Attributes:
        text: the noun where it could be told from its particles, else the word as written.
        count: occurrences in the corpus.
        kind: ``unknown`` if any of it becomes the unknown token.
        unknown: its characters that have no piece of their own.
        example: the first sentence it occurs in.
    """

    text: str
    count: int
    kind: Kind
    unknown: tuple[str, ...]
    example: str


@dataclass(frozen=True)
class Scan:
    """What a corpus holds that a tokenizer lacks; both rankings are by frequency.

    Attributes:
        characters: count of every character that lacks a piece, in all words with an unknown part.
    """

    words: list[Word]
    characters: dict[str, int]


class _Occurrence(NamedTuple):
    word: str
    nouns: tuple[str, ...]  # of its sentence, those that lie in it


class Addition(NamedTuple):
    """What is to be added to a vocabulary."""

    words: tuple[str, ...]
    characters: tuple[str, ...]


class UnknownRate(NamedTuple):
    """Shares, 0 to 1, of the words and of the sentences in which something is unknown."""

    words: float
    sentences: float


def scan(
    texts: Iterable[str], tokenizer: PreTrainedTokenizerFast, words_of: WordsOf | None = None
) -> Scan:
    """Find the words of a corpus that come out as the unknown token, or in shreds.

    A word is a run of letters and digits. It is attributed to a noun: to those that ``words_of``
    finds in its sentence (:mod:`nadeuri.understand.vocabulary.nouns`), else to a stem that the
    corpus shows with two different particles, so that '훗카이도는' and '훗카이도에서' count for
    '훗카이도'.

    Args:
        texts: sentences, NFC.
        words_of: nouns of a sentence.
    """
    occurrences: Counter[_Occurrence] = Counter()
    examples: dict[_Occurrence, str] = {}
    for text in texts:
        nouns = tuple(words_of(text)) if words_of else ()
        for word in _WORD.findall(text):
            occurrence = _Occurrence(word, tuple(noun for noun in nouns if noun in word))
            occurrences[occurrence] += 1
            examples.setdefault(occurrence, text)
    kinds = _kinds((word for each in occurrences for word in (each.word, *each.nouns)), tokenizer)
    poor = [each for each in occurrences if each.word in kinds]
    stems = _stems({word for word, _ in poor}, tokenizer)
    kinds |= _kinds(stems.values(), tokenizer)
    missing = missing_characters(tokenizer, [w for w in kinds if kinds[w] == "unknown"])

    counts: Counter[str] = Counter()
    characters: Counter[str] = Counter()
    example: dict[str, str] = {}
    for occurrence in poor:
        word, nouns = occurrence
        units = [noun for noun in nouns if noun in kinds]
        if not units and word in stems and (kinds[word] == "unknown" or words_of is None):
            units = [stems[word]]
        for unit in units:
            counts[unit] += occurrences[occurrence]
            example.setdefault(unit, examples[occurrence])
        for character in missing.get(word, ()):
            characters[character] += occurrences[occurrence]
    words = [Word(w, n, kinds[w], missing.get(w, ()), example[w]) for w, n in counts.items()]
    words.sort(key=lambda word: (-word.count, word.text))
    return Scan(words, dict(sorted(characters.items(), key=lambda pair: (-pair[1], pair[0]))))


def choose(
    found: Scan, *, mode: Mode = "both", min_count: int = 2, max_words: int = 1000
) -> Addition:
    """Decide what to add: frequent words as whole tokens, and every missing character.

    Args:
        mode: ``tokens`` adds the words alone, ``syllables`` the characters alone.
        min_count: rarer words are left to their pieces: a row needs examples to be trained.
        max_words: at most so many words, the most frequent ones.
    """
    words = [w.text for w in found.words if w.count >= min_count and len(w.text) >= _MIN_STEM]
    return Addition(
        words=() if mode == "syllables" else tuple(words[:max_words]),
        characters=() if mode == "tokens" else tuple(found.characters),
    )


def unknown_rate(texts: Iterable[str], tokenizer: PreTrainedTokenizerFast) -> UnknownRate:
    """Shares of words and of sentences with an unknown part; symbols and emoji do not count."""
    sentences = [_WORD.findall(text) for text in texts]
    unknown = _unknown({word for words in sentences for word in words}, tokenizer)
    hits = [sum(word in unknown for word in words) for words in sentences]
    n_words = sum(map(len, sentences))
    return UnknownRate(
        words=sum(hits) / n_words if n_words else 0.0,
        sentences=sum(map(bool, hits)) / len(sentences) if sentences else 0.0,
    )


def affected(questions: Iterable[Question], tokenizer: PreTrainedTokenizerFast) -> list[Question]:
    """The questions with a word of which something is unknown: where a repair can be measured."""
    questions = list(questions)
    words = [_WORD.findall(question.text) for question in questions]
    unknown = _unknown({word for found in words for word in found}, tokenizer)
    return [q for q, found in zip(questions, words, strict=True) if not unknown.isdisjoint(found)]


def check(tokenizer: PreTrainedTokenizerFast) -> None:
    """Refuse a tokenizer that cannot read plain Korean at all: no vocabulary repairs that.

    Raises:
        ConfigError: its normaliser takes Hangul apart (BERT's ``strip_accents``, which
            ``do_lower_case`` implies, leaves jamo), or its vocabulary is not Korean.
    """
    words = set(_WORD.findall(_PLAIN_KOREAN))
    if 2 * len(_unknown(words, tokenizer)) <= len(words):
        return
    name = tokenizer.name_or_path or type(tokenizer).__name__
    if any("ᄀ" <= character <= "ᇿ" for character in normalized(tokenizer, _PLAIN_KOREAN)):
        raise ConfigError(
            f"tokenizer {name}: its normaliser takes Hangul syllables apart into jamo, so that "
            "Korean is unknown to it; load it with do_lower_case=False or strip_accents=False"
        )
    raise ConfigError(
        f"tokenizer {name}: most words of a plain Korean sentence are unknown to it; "
        "choose an encoder that was trained on Korean"
    )


def _kinds(words: Iterable[str], tokenizer: PreTrainedTokenizerFast) -> dict[str, Kind]:
    """The words that are unknown or shredded, and which of it."""
    kinds: dict[str, Kind] = {}
    unknown, space = tokenizer.unk_token_id, tokenizer.convert_tokens_to_ids(METASPACE)
    for word, ids in _encode(words, tokenizer):
        n_pieces = len(ids) - (bool(ids) and ids[0] == space != unknown)
        if unknown in ids:
            kinds[word] = "unknown"
        elif n_pieces >= max(SHREDDED_PIECES, SHREDDED_PIECES_PER_CHARACTER * len(word)):
            kinds[word] = "shredded"
    return kinds


def _unknown(words: Iterable[str], tokenizer: PreTrainedTokenizerFast) -> set[str]:
    return {word for word, ids in _encode(words, tokenizer) if tokenizer.unk_token_id in ids}


def _encode(
    words: Iterable[str], tokenizer: PreTrainedTokenizerFast
) -> Iterator[tuple[str, list[int]]]:
    """Each different word with its ids; one call for all, since a call costs more than a word."""
    if unique := sorted(set(words)):
        encoded = tokenizer(unique, add_special_tokens=False, return_attention_mask=False)
        yield from zip(unique, encoded["input_ids"], strict=True)


def _stems(words: Collection[str], tokenizer: PreTrainedTokenizerFast) -> dict[str, str]:
    """The part of each word to add; a word whose part without particle is sound is left out.

    A stem is a beginning of a word that occurs with at least two different particles (one of them
    may be none). Of several, the one with the most particles is the noun ('훗카이도' rather than
    '훗카이도에'), and of those the longest ('파타야', never '파타' + '야').
    """
    particles: defaultdict[str, set[str]] = defaultdict(set)
    for word in words:
        for stem, particle in _readings(word):
            particles[stem].add(particle)
    poor = _kinds(particles, tokenizer)
    attested = {stem: len(p) for stem, p in particles.items() if len(p) > 1 and stem in poor}
    stems: dict[str, str] = {}
    for word in words:
        beginnings = [word[:end] for end in range(_MIN_STEM, len(word) + 1)]
        if candidates := [stem for stem in beginnings if stem in attested]:
            stems[word] = max(candidates, key=lambda stem: (attested[stem], len(stem)))
        elif poor[word] == "unknown" or all(stem in poor for stem, _ in _readings(word)):
            stems[word] = word
    return stems


def _readings(word: str) -> Iterator[tuple[str, str]]:
    """``(stem, particle)`` for each way to read a word; the first has no particle."""
    yield word, ""
    for end in range(_MIN_STEM, len(word)):
        if is_particle(word[end:]):
            yield word[:end], word[end:]
