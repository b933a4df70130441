"""A question made comparable: one width, one case, no spaces, and where its words were."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

MAX_READ = 500
"""So many characters are read of a question: whoever writes more is not asking one."""

_MASK = "\x00"
_GLUED = 4
"""Syllables of a word that is probably several, written without spaces."""

_ENDINGS = frozenset("는은한할을를에서로인의갈데도고게이가랑과와만된될던운큰음요지면대운릴낼럼싼닌")
ISLAND = ("제주", "제주도", "제주시")
"""What is said before any place of the island."""
_MISSPELT = ((re.compile("업(?=는|을까)"), "없"), (re.compile("지안(?=은|는)"), "지않"))
"""What sounds alike, where no other word can be meant: behind a final ㅂ, 은 follows and not 는."""
_PARTICLES = (
    "(?:에서|에게|한테|께서|께|이랑|랑|이나|나|하고|과|와|을|를|은|는|이|가|의|도|만|에|으로|로|까지|부터|보다|쪽"
    "|처럼|같은|이라|라|인데|인|이고|고|요|예요|에요|야|들|님|네|집|점|면|내|밖|정도|분|간)*"
)
_WORDS_BEHIND = (
    "추천|맛집|가게|식당|전문|근처|주변|앞|맛있|먹|마시|찾|알려|있|없|좋|갈|데리|같이|함께|거리|보이|못|안|싫|말|빼|아닌"
    "|제외|골라|어디|하|한|중|모시|동반|코스|파는|되|몇|평|두|좀|해|바|추|여|요리|리뷰|비중|다섯|열"
)
_FITTING_TAIL = re.compile(f"{_PARTICLES}(?:$|[^가-힣a-z0-9]|(?:{_WORDS_BEHIND}))")
_PARTICLE = re.compile(_PARTICLES)


@dataclass(frozen=True)
class Text:
    """A question without its spaces.

    Attributes:
        squeezed: its characters; all offsets refer to them.
        words: start and end of what was written between spaces.
    """

    squeezed: str
    words: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, question: str) -> Text:
        """The first ``MAX_READ`` characters, without what cannot be seen."""
        folded = unicodedata.normalize("NFKC", question[: 2 * MAX_READ]).casefold()[:MAX_READ]
        seen = "".join(
            char for char in folded if char.isspace() or unicodedata.category(char)[0] != "C"
        )
        words, at = [], 0
        for word in seen.split():
            words.append((at, at + len(word)))
            at += len(word)
        return cls(_corrected("".join(seen.split())), tuple(words))

    def masked(self, start: int, end: int) -> Text:
        """The same text with a stretch that nothing matches."""
        return Text(self.squeezed[:start] + _MASK * (end - start) + self.squeezed[end:], self.words)

    def starts(self) -> set[int]:
        """Offsets at which a word starts or, in long words without spaces, may start."""
        found = {start for start, _ in self.words}
        for start, end in self.words:
            for at in range(start + 1, end):
                last, char = self.squeezed[at - 1], self.squeezed[at]
                changes_script = last.isascii() and not char.isascii() and not last.isdigit()
                may_end = end - start >= _GLUED and last in _ENDINGS
                if changes_script or may_end or self.squeezed[start:at].endswith(ISLAND):
                    found.add(at)
        return found

    def word_ends(self) -> list[int]:
        """For every offset, where its word ends."""
        return [end for start, end in self.words for _ in range(start, end)]


def _corrected(squeezed: str) -> str:
    """The same text, as long, with what is often misspelt."""
    for misspelt, correct in _MISSPELT:
        squeezed = misspelt.sub(correct, squeezed)
    return squeezed


def particle_end(squeezed: str, start: int) -> int:
    """Where the particles end that begin at ``start``."""
    match = _PARTICLE.match(squeezed, start)
    assert match is not None  # it may be empty
    return match.end()


def is_fitting_tail(tail: str) -> bool:
    """Whether ``tail`` may follow a noun in the same word: particles, then no more or a verb."""
    return _FITTING_TAIL.match(tail) is not None
