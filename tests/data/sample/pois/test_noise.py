"""Slips in names and formats of phones."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nadeuri.data.sample.pois.noise import foreign_entry, korean_entry, phone_entry


@given(st.integers(0, 2**32), st.text(min_size=1, max_size=30))
def test_entries_are_never_empty(seed: int, name: str) -> None:
    rng = np.random.default_rng(seed)
    assert foreign_entry(rng, name)
    assert korean_entry(rng, name, "오사카")


def test_most_names_stay_as_they_are() -> None:
    rng = np.random.default_rng(0)
    same = [korean_entry(rng, "한빛 시장", "제주") == "한빛 시장" for _ in range(1_000)]
    assert 0.6 < np.mean(same) < 0.9
    same = [foreign_entry(rng, "Riverside Hotel") == "Riverside Hotel" for _ in range(1_000)]
    assert 0.9 < np.mean(same) < 1


@given(st.integers(0, 2**32), st.integers(2, 9), st.integers(10**7, 10**8 - 1))
def test_a_phone_keeps_its_digits(seed: int, area: int, number: int) -> None:
    digits = f"{area}{number}"
    text = phone_entry(np.random.default_rng(seed), "81", digits)
    assert "".join(char for char in text if char.isdigit()).endswith(digits)
