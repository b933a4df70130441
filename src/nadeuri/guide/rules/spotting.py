"""Names in a question: the longest spelling first, then words that sound like one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from nadeuri.guide.plan import Area
from nadeuri.guide.rules.text import Text, is_fitting_tail, particle_end
from nadeuri.guide.vocabulary import Kind, Name, Vocabulary, key_of, sound_of, wordings

MAX_MENTIONS = 20
"""Names that are read of one question: the first ones."""
MAX_GUESSED = 5
"""Words that are compared with all names, which takes a millisecond each."""

_MISSPELT_KINDS: tuple[Kind, ...] = ("attraction", "area", "category", "menu")
_STEMS: frozenset[Kind] = frozenset({"keyword", "purpose"})  # verbs and adjectives without ending
_SHORT = 2
_COPULA = "인"
_BEHIND_COPULA = ("데", "곳", "가요")  # 카페인데 is no 카페인
_HANGUL_WORD = re.compile("[가-힣]{2,12}")
_ENDINGS = re.compile(
    "(?:맛집|집|가게|식당|전문점|근처|주변|근방|쪽|추천)?"
    "(?:에서|에|으로|로|을|를|은|는|이|가|의|도|만|랑|이랑|과|와|하고|요)?$"
)


@dataclass(frozen=True)
class Mention:
    """A stretch of the text that names something.

    Attributes:
        names: what it may stand for; several areas of a region, or several villages of one name.
        start, end: offsets in the squeezed text.
        exact: False for a guess at a misspelt name.
    """

    names: tuple[Name, ...]
    surface: str
    start: int
    end: int
    exact: bool = True

    def of_kind(self, *kinds: Kind) -> tuple[Name, ...]:
        """Its names of these kinds."""
        return tuple(name for name in self.names if name.kind in kinds)


def spot(text: Text, vocabulary: Vocabulary, *, places: bool = True) -> tuple[Mention, ...]:
    """All names in ``text``, in order, no two overlapping.

    Args:
        places: whether names of places are looked for: many read like ordinary words (작은 식당).
    """
    exact = _exact(text, vocabulary, places=places)
    guessed = _guessed(text, exact, vocabulary)
    replaced = [
        mention
        for mention in exact
        if not any(guess.start < mention.end and mention.start < guess.end for guess in guessed)
    ]
    mentions = sorted((*replaced, *guessed), key=lambda mention: mention.start)
    return tuple(mentions[:MAX_MENTIONS])


def _exact(text: Text, vocabulary: Vocabulary, *, places: bool) -> list[Mention]:
    scan = _Scan(text.squeezed, text.word_ends(), text.starts(), vocabulary)
    mentions: list[Mention] = []
    at = 0
    while at < len(scan.squeezed):
        for length in vocabulary.longest_by_start.get(scan.squeezed[at], ()):
            key = scan.squeezed[at : at + length]
            names = vocabulary.surfaces.get(key)
            if names and not places:
                names = tuple(name for name in names if name.kind != "place") or None
            if names == ():  # a longer word that stands for no name
                if scan.is_copula(at, key):
                    continue
                at += length
                break
            if names and scan.fits(at, key, names):
                mentions.append(Mention(names, key, at, at + length))
                at += length
                if not _STEMS & {name.kind for name in names}:
                    scan.starts.update((at, particle_end(scan.squeezed, at)))
                break
        else:
            at += 1
    return mentions


@dataclass(frozen=True)
class _Scan:
    """What decides whether a spelling is meant, or is just part of other words.

    Attributes:
        word_ends: for every offset, where its word ends.
        starts: where a name may start: words do, and behind other names and their particles.
    """

    squeezed: str
    word_ends: list[int]
    starts: set[int]
    vocabulary: Vocabulary

    def fits(self, at: int, key: str, names: tuple[Name, ...]) -> bool:
        """Whether ``key``, which is there, stands for ``names``."""
        end = at + len(key)
        word_end = self.word_ends[end - 1]
        is_start, crosses = at in self.starts, end > self.word_ends[at]
        if key.isascii():
            ends_here = end == word_end or not self.squeezed[end].isascii()
            return is_start and ends_here
        kinds = {name.kind for name in names}
        if not is_start and (crosses or _needs_start(key, kinds)):
            return False
        if len(key) > 1 and (kinds & _STEMS or not (crosses or len(key) <= _SHORT)):
            return True
        behind = particle_end(self.squeezed, end)
        return (
            is_fitting_tail(self.squeezed[end:word_end])
            or self._begins(behind)
            or self._begins(end)
            or (len(key) > 1 and behind in self.starts and behind > end)
        )

    def is_copula(self, at: int, key: str) -> bool:
        """Whether ``key`` is a shorter word and the verb "to be" (카페인데)."""
        return key.endswith(_COPULA) and self.squeezed.startswith(_BEHIND_COPULA, at + len(key))

    def _begins(self, at: int) -> bool:
        """Whether another name of more than a syllable begins there."""
        lengths = self.vocabulary.longest_by_start.get(self.squeezed[at : at + 1], ())
        return any(
            n > 1 and self.squeezed[at : at + n] in self.vocabulary.surfaces for n in lengths
        )


def _needs_start(key: str, kinds: set[Kind]) -> bool:
    """Whether a name is too short, or too much like parts of words, to be found inside one."""
    return (
        len(key) == 1
        or (kinds == {"area"} and len(key) <= _SHORT)
        or key in _at_word_start()
        or key[:-1] in _at_word_start()
    )


def _guessed(text: Text, exact: list[Mention], vocabulary: Vocabulary) -> list[Mention]:
    """Misspelt names: words that no name explains, or only in part (성산일츨봉)."""
    guesses: list[Mention] = []
    tried = 0
    for start, end in text.words:
        word = text.squeezed[start:end]
        inside = [each for each in exact if each.start < end and start < each.end]
        if not _HANGUL_WORD.fullmatch(word) or word.startswith(_common()):
            continue
        if inside and (
            inside[0].start != start or is_fitting_tail(text.squeezed[inside[-1].end : end])
        ):
            continue
        tried += 1
        if tried > MAX_GUESSED:
            break
        shortest = max((each.end - each.start for each in inside), default=1)
        for key in _without_endings(word):
            near = vocabulary.nearest(key, _MISSPELT_KINDS) if len(key) > shortest else None
            names = vocabulary.surfaces[near] if near is not None else ()
            if near is not None and len(near) > shortest and _is_credible(key, near, names):
                guesses.append(Mention(names, key, start, start + len(key), exact=False))
                break
    return guesses


def _is_credible(key: str, near: str, names: tuple[Name, ...]) -> bool:
    """Whether ``near`` is what was meant: short words have to sound the same.

    주문 is no 중문 and 언덕 no 안덕. A village without its 리 is never guessed (데서 is no 대서리).
    """
    if min(len(key), len(near)) > _SHORT:
        return True
    are_villages = all(isinstance(name.value, Area) and name.value.village for name in names)
    return sound_of(key) == sound_of(near) and not are_villages


def _without_endings(word: str) -> tuple[str, ...]:
    """``word``, and what is left without what is usually said behind a name."""
    match = _ENDINGS.search(word)
    stem = word[: match.start()] if match else word
    return tuple(dict.fromkeys(key for key in (word, stem) if len(key) >= _SHORT))


@cache
def _at_word_start() -> frozenset[str]:
    return frozenset(map(key_of, wordings()["spotting"]["at_word_start"]))


@cache
def _common() -> tuple[str, ...]:
    return tuple(map(key_of, wordings()["spotting"]["common"]))
