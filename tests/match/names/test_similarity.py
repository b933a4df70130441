"""Features of the names of pairs of places."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nadeuri.match.names.similarity import NameBundle, NameFeatures
from nadeuri.match.normalise import normalise_name

COLUMN = {name: i for i, name in enumerate(NameFeatures.FEATURES)}
TEXTS = st.lists(
    st.sampled_from(["해인사", "Haeinsa Temple", "海印寺", "Cafe 12", "카페 12호점", "", "วัด", "1"])
    | st.text(max_size=8),
    max_size=3,
)


@pytest.fixture(scope="module")
def features() -> NameFeatures:
    return NameFeatures()


def bundle(*names: str) -> NameBundle:
    return NameBundle(tuple(map(normalise_name, names)))


def pair(features: NameFeatures, left: NameBundle, right: NameBundle) -> dict[str, float]:
    zero = np.zeros(1, np.int64)
    row = features.compare([left], [right], zero, zero)[0]
    return dict(zip(features.FEATURES, row.tolist(), strict=True))


def test_texts_are_compared_within_a_script(features: NameFeatures) -> None:
    found = pair(features, bundle("Blue Door Cafe"), bundle("Cafe Blue Door"))
    assert found["token_sort"] == found["core"] == found["types"] == found["mixed"] == 1
    assert np.isnan(found["sound"])


def test_sounds_are_compared_across_scripts(features: NameFeatures) -> None:
    same = pair(features, bundle("해인사"), bundle("Haeinsa Temple"))
    other = pair(features, bundle("해인사"), bundle("Tongdosa Temple"))
    assert same["sound"] > 0.7 > other["sound"]
    assert same["types"] > 0
    assert np.isnan(same["ratio"])


def test_chinese_characters_are_read_in_three_ways(features: NameFeatures) -> None:
    assert pair(features, bundle("해인사"), bundle("海印寺"))["reading"] == 1
    assert pair(features, bundle("호류지"), bundle("法隆寺"))["sound"] > 0.65
    assert pair(features, bundle("칭다오 역"), bundle("青岛站"))["sound"] > 0.65


def test_translated_words_count_by_meaning(features: NameFeatures) -> None:
    same = pair(features, bundle("붉은 시장"), bundle("Red Market"))
    assert same["mixed"] == same["concepts"] == 1
    assert pair(features, bundle("붉은 시장"), bundle("Old Harbour"))["mixed"] < 0.3


def test_the_best_of_several_names_counts(features: NameFeatures) -> None:
    both = pair(
        features, bundle("해인사", "Haeinsa"), bundle("Temple of the Sea", "海印寺", "해인사")
    )
    assert both["ratio"] == both["reading"] == 1


def test_branches_and_numbers(features: NameFeatures) -> None:
    same = pair(features, bundle("김밥집 2호점"), bundle("김밥집 2호점"))
    other = pair(features, bundle("김밥집 2호점"), bundle("김밥집 3호점"))
    assert same["branch"] == same["numbers"] == 1
    assert other["branch"] < 1
    assert other["numbers"] == 0
    assert np.isnan(pair(features, bundle("김밥집"), bundle("김밥집"))["branch"])


@settings(deadline=None)
@given(TEXTS, TEXTS)
def test_any_names_have_features_that_do_not_depend_on_sides(
    left: list[str], right: list[str]
) -> None:
    features = NameFeatures()
    one, other = bundle(*left), bundle(*right)
    forth, back = pair(features, one, other), pair(features, other, one)
    for name, value in forth.items():
        assert np.isnan(value) or -1e-6 <= value <= 1 + 1e-6
        if name not in ("partial", "reading_part"):  # rapidfuzz: ties of parts are broken by side
            assert back[name] == pytest.approx(value, abs=1e-5, nan_ok=True)


def test_pairs_do_not_influence_each_other(features: NameFeatures) -> None:
    places = [
        bundle(name) for name in ("해인사", "Haeinsa Temple", "海印寺", "Blue Door", "푸른 문")
    ]
    li, ri = (index.ravel() for index in np.indices((5, 5)))
    together = features.compare(places, places, li, ri)
    for i, j, row in zip(li, ri, together, strict=True):
        alone = [*pair(features, places[i], places[j]).values()]
        np.testing.assert_allclose(row, alone, rtol=1e-5)


def test_no_pairs_and_no_names(features: NameFeatures) -> None:
    none = np.zeros(0, np.int64)
    assert features.compare([], [], none, none).shape == (0, len(COLUMN))
    assert np.isnan([*pair(features, NameBundle(()), bundle("해인사")).values()]).all()
