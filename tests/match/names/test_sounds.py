"""The learned likeness of Hangul and letters."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nadeuri.match.names.sounds import (
    LETTERS,
    MAX_LETTERS,
    Costs,
    costs_of,
    letters_of,
    shipped_costs,
    sound_similarity,
    sounds_of,
)

HANGUL = st.text(st.sampled_from("가나다라마바사아자하강릉울랄리a1"), max_size=6)
LATIN = st.text(st.sampled_from("abcdefghiklmnorstuy1 "), max_size=12)


def cheapest(sounds: tuple[str, ...], letters: str, costs: Costs) -> float:
    """Cost of the best alignment, cell by cell."""
    code = {letter: i for i, letter in enumerate(LETTERS)}
    number = [costs.sounds.get(sound, len(costs.sounds)) for sound in sounds]
    best = np.full((len(sounds) + 1, len(letters) + 1), np.inf)
    best[0, 0] = 0
    for i in range(len(sounds) + 1):
        for j in range(len(letters) + 1):
            if j:
                best[i, j] = min(
                    best[i, j], best[i, j - 1] + costs.skip_letter[code[letters[j - 1]]]
                )
            if i:
                best[i, j] = min(best[i, j], best[i - 1, j] + costs.skip_sound[number[i - 1]])
                for k in range(1, min(MAX_LETTERS, j) + 1):
                    which = 0
                    for letter in letters[j - k : j]:
                        which = which * (len(LETTERS) + 1) + code[letter]
                    move = costs.pairs[k - 1][number[i - 1], which]
                    best[i, j] = min(best[i, j], best[i - 1, j - k] + move)
    return float(best[-1, -1])


@settings(deadline=None)
@given(st.lists(st.tuples(HANGUL, LATIN), max_size=8))
def test_many_at_once_are_each_aligned_best(pairs: list[tuple[str, str]]) -> None:
    costs = shipped_costs()
    similarity = sound_similarity([h for h, _ in pairs], [e for _, e in pairs])
    for (hangul, latin), found in zip(pairs, similarity, strict=True):
        sounds, letters = sounds_of(hangul), letters_of(latin)
        if not sounds or not letters:
            assert found == 0
            continue
        nothing = cheapest(sounds, "", costs) + cheapest((), letters, costs)
        assert found == pytest.approx(1 - cheapest(sounds, letters, costs) / nothing, abs=1e-4)
        assert 0 <= found <= 1


def test_sounds_of_a_name() -> None:
    assert sounds_of("울릉") == ("\u116e", "\u11af\u1105", "\u1173", "\u11bc")
    assert sounds_of("n타워1!") == ("n", "\u1110", "\u1161", "\u116f", "1")
    assert letters_of("st. 1é") == "st1"


def test_moves_set_the_costs() -> None:
    costs = costs_of([("\u1106", "m", 0.5), ("\u1161", "a", 0.4), ("", "h", 0.1)])
    certain, doubtful = sound_similarity(["마", "마"], ["ma", "hma"], costs)
    assert certain > doubtful > 0


@pytest.mark.parametrize(
    ("hangul", "right", "wrong"),
    [
        ("쾰른", "koln", "berlin"),
        ("샤모니", "chamonix", "simon"),
        ("쿠스코", "cuzco", "sacsay"),
        ("크라쿠프", "krakow", "karpacz"),
        ("요코하마", "yokohama", "yokosuka"),
        ("칭다오", "qingdao", "jinan"),
    ],
)
def test_a_transliteration_is_more_alike(hangul: str, right: str, wrong: str) -> None:
    good, bad = sound_similarity([hangul, hangul], [right, wrong])
    assert good > max(0.6, bad + 0.1)
