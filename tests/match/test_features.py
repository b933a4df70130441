"""Features of pairs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pytest
from poi_town import place, table, town

from nadeuri import columns
from nadeuri.match import features as module
from nadeuri.match.features import FEATURES, PairFeatures
from nadeuri.match.meaning import Meanings
from nadeuri.match.overlap import NgramSpace, Overlap
from nadeuri.match.records import read_records
from nadeuri.match.surroundings import Surroundings


def features_of(left: pa.Table, right: pa.Table) -> PairFeatures:
    mine, theirs = read_records(left), read_records(right)
    around = Surroundings(mine.points, theirs.points)
    return PairFeatures(mine, theirs, NgramSpace(mine, theirs), around)


def of_pair(left: dict[str, object], right: dict[str, object]) -> dict[str, float]:
    """Features of one pair, beside two other places that make words rare."""
    lefts = table([left, place("other", "Some Other Inn")])
    rights = table([right, place("another", "Another House")])
    row = features_of(lefts, rights).matrix(np.array([0]), np.array([0]))[0]
    return dict(zip(FEATURES, row.tolist(), strict=True))


def test_equal_places_agree_in_everything() -> None:
    row = {
        **place("a", "Blue Lotus Cafe 24", 35.0, 129.0),
        columns.ADDRESS: "12 Main St.",
        columns.POSTAL_CODE: "48-058",
        columns.PHONE: "051-123-4567",
        columns.CITY: "Busan",
        columns.CATEGORY: "cafe",
    }
    other = {
        **row,
        columns.ADDRESS: "12, Main Street",
        columns.POSTAL_CODE: "48058",
        columns.PHONE: "+82 51 123 4567",
        columns.CITY: "부산",
    }
    found = of_pair(row, other)
    ones = ("ratio", "cosine", "words_left", "words_right", "words_jaccard", "number", "house")
    ones += ("postal", "phone", "category", "kind", "address_left", "address_right")
    assert [found[name] for name in ones] == pytest.approx([1] * len(ones), abs=1e-5)
    assert found["city"] > 0.7
    assert found["log_metres"] == found["nearer_right"] == 0


def test_what_is_unknown_is_not_a_number() -> None:
    found = of_pair(place("a", "Blue Lotus"), place("b", "Blue Lotus"))
    unknown = ("log_metres", "nearer_right", "house", "postal", "phone", "category", "city")
    assert np.isnan([found[name] for name in unknown]).all()
    assert np.isnan([found["within_100"], found["number"], found["lead_left"]]).all()


def test_a_name_may_stand_in_the_address() -> None:
    left = place("a", "Block 59")
    right = {**place("b", "Jurong Heights"), columns.ADDRESS: "Block 59 Jurong West"}
    found = of_pair(left, right)
    assert (found["left_in_right"], found["number_left"]) == (1, 1)
    assert found["words_left"] == 0
    assert np.isnan(found["number"])


def test_context_is_taken_over_all_pairs_and_chunks_do_not_matter(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    left, right = town(30)
    li, ri = (axis.ravel() for axis in np.meshgrid(np.arange(30), np.arange(30), indexing="ij"))
    whole = features_of(left, right).matrix(li, ri)
    assert whole.dtype == np.float32
    assert whole.shape == (900, len(FEATURES))
    assert not np.isinf(whole).any()
    monkeypatch.setattr(module, "PAIRS_AT_ONCE", 37)
    assert np.array_equal(features_of(left, right).matrix(li, ri), whole, equal_nan=True)
    ranks = whole[:, FEATURES.index("rank_left")].reshape(30, 30)
    assert (np.sort(ranks, axis=1) == np.arange(30)).all()
    true = [i for i in range(30) if i % 4]
    assert (ranks[true, true] == 0).mean() > 0.9


def test_no_pairs_have_no_features() -> None:
    nothing = np.zeros(0, np.int64)
    assert features_of(*town(4)).matrix(nothing, nothing).shape == (0, len(FEATURES))


def test_the_order_of_terms_changes_no_digit() -> None:
    random = np.random.default_rng(0)
    places = [[f"w{i}" for i in random.choice(60, 12, replace=False)] for _ in range(50)]
    pairs = np.arange(49), np.arange(1, 50)
    one = Overlap(places, places)
    other = Overlap([place[::-1] for place in places], [sorted(place) for place in places])
    assert one.shared(*pairs).tolist() == other.shared(*pairs).tolist()
    assert one.left_total.tolist() == other.left_total.tolist()


class Letters:
    """An encoder to which names that begin alike mean the same."""

    name, dim = "letters", 26

    def __init__(self) -> None:
        self.encoded: list[str] = []

    def encode(self, texts: Sequence[str], *, query: bool = False) -> np.ndarray:
        self.encoded.extend(texts)
        return np.eye(self.dim, dtype=np.float32)[[ord(text[0]) % self.dim for text in texts]]


def test_meaning_is_of_names_in_different_scripts() -> None:
    left = table([place("a", "나무"), place("b", "Tree")])
    alike = next(char for char in "abcdefghijklmnopqrstuvwxyz" if (ord(char) - ord("나")) % 26 == 0)
    right = table([place("x", alike), place("y", alike + "x"), place("z", chr(ord(alike) + 1))])
    mine, theirs = read_records(left), read_records(right)
    encoder = Letters()
    pairs = PairFeatures(
        mine,
        theirs,
        NgramSpace(mine, theirs),
        Surroundings(mine.points, theirs.points),
        meanings=Meanings(mine, theirs, encoder),
    )
    rows = pairs.matrix(*np.divmod(np.arange(6), 3))
    meaning, lead = (rows[:, FEATURES.index(name)] for name in ("meaning", "meaning_lead_left"))
    assert meaning.tolist()[:3] == [1, 1, 0]
    assert lead.tolist()[:3] == [0, 0, -1]
    assert np.isnan(meaning[3:]).all()
    assert sorted(encoder.encoded) == sorted(["나무", alike, alike + "x", chr(ord(alike) + 1)])


def test_without_an_encoder_meaning_is_unknown() -> None:
    row = of_pair(place("a", "경복궁"), place("b", "Gyeongbokgung"))
    assert np.isnan([row["meaning"], row["meaning_lead_left"], row["meaning_lead_right"]]).all()
