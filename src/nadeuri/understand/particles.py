"""Particles behind a name (을/를, 으로/로, ...): recognised and fitted when the name changes."""

from __future__ import annotations

import re

from nadeuri.korean import josa

_STACKED = (
    # after a final, without one, what may follow in the same word
    ("을", "를", ""),
    ("이", "가", ""),
    ("은", "는", "요?"),
    ("과", "와", "(?:의|는|도|만)?"),
    ("으로", "로", "(?:부터|까지|만|서|써)?(?:는|도|의|은|요)?"),
    ("이랑", "랑", "(?:은|도|만|의)?"),
    ("이나", "나", "(?:마)?"),
    ("이라", "라", "(?:는|도|고|면|서|니|든지|든가|는데|던데)?요?"),
    ("이야", "야", "(?:말로)?"),
    ("이며", "며", ""),
    ("이란", "란", ""),
    ("이든", "든", "[지가]?"),
    ("이면", "면", ""),
    ("이고", "고", "요?"),
    ("이요", "요", ""),
    ("이에요", "예요", ""),
    ("이지", "지", "(?:만|만요|요)"),
    ("이죠", "죠", ""),
    ("이네", "네", "요?"),
    ("이었", "였", "(?:어요?|는데|다|습니다|던|고|지만)"),
)
_PATTERNS = tuple(
    (with_final, without_final, re.compile(f"(?:{with_final}|{without_final})({rest})"))
    for with_final, without_final, rest in _STACKED
)
_FIXED = re.compile(
    "(?:에게|에게서|한테|에|에서|께|의|도|만|까지|부터|처럼|보다|마다|조차|밖에|쪽|쯤|정도|하고"
    "|말고|대로|같은|같이)"
    "(?:에서|에|으로|까지|부터|만)?(?:은|는|도|의|요|서)?"
    "|입니다|인데요?|인가요?|일까요?|이니까|입니까|인지"
)
_HANGUL = re.compile("[가-힣]*")


def tail_of(text: str, start: int, end: int | None = None) -> str:
    """The Hangul that follows directly: what is left of the word from ``start``, up to ``end``."""
    match = _HANGUL.match(text, start, len(text) if end is None else end)
    assert match is not None  # the pattern also matches nothing
    return match.group()


def is_particle(tail: str) -> bool:
    """Whether ``tail`` as a whole is a particle or a stack of them; 가족 is not, though 가 is."""
    if _FIXED.fullmatch(tail):
        return True
    return any(pattern.fullmatch(tail) for *_, pattern in _PATTERNS)


def fit(tail: str, name: str) -> str:
    """``tail`` as it has to be behind ``name``; a tail that is no particle is left as it is.

    ``fit("으로는", "제주") == "로는"``, ``fit("가족여행", "부산") == "가족여행"``.
    """
    for with_final, without_final, pattern in _PATTERNS:
        if match := pattern.fullmatch(tail):
            return josa(name, with_final, without_final)[len(name) :] + match.group(1)
    return tail
