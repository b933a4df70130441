"""The learned scorer, its thresholds and its artefact."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nadeuri.errors import ArtifactError, DataError
from nadeuri.match import scorer as module
from nadeuri.match.features import FEATURES
from nadeuri.match.scorer import LIKELY, PairScorer, choose_thresholds, entity_folds

COSINE, METRES = FEATURES.index("cosine"), FEATURES.index("log_metres")


def labelled(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Features of which two say something, one in five of pairs that are the same."""
    random = np.random.default_rng(seed)
    same = random.random(n) < 0.2
    features = random.random((n, len(FEATURES))).astype(np.float32)
    features[:, COSINE] = np.clip(0.35 * same + 0.65 * random.random(n), 0, 1)
    features[:, METRES] = np.where(same, 3, 5) + random.normal(0, 1, n)
    features[random.random(n) < 0.1, METRES] = np.nan
    return features, same


@pytest.fixture(scope="module")
def fitted() -> PairScorer:
    features, same = labelled(1_200)
    return PairScorer.fit(features, same, np.arange(1_200) % 3, encoder="use")


def test_probabilities_are_calibrated(fitted: PairScorer) -> None:
    features, same = labelled(4_000, seed=1)
    probability = fitted.probability(features)
    likely = probability >= LIKELY
    assert (likely == same).mean() > 0.88
    for low, high in ((0, 0.1), (0.3, 0.7), (0.8, 1)):
        within = (probability >= low) & (probability < high)
        assert same[within].mean() == pytest.approx(probability[within].mean(), abs=0.12)


def test_nearer_or_more_alike_is_never_less_likely(fitted: PairScorer) -> None:
    features, _ = labelled(200, seed=2)
    for column, step in ((COSINE, 0.2), (METRES, -1)):
        better = features.copy()
        better[:, column] += step
        known = ~np.isnan(features[:, METRES])
        before, after = fitted.probability(features), fitted.probability(better)
        assert (after[known] >= before[known] - 1e-12).all()


def test_the_artefact_says_the_same(fitted: PairScorer, tmp_path: Path) -> None:
    features, _ = labelled(100, seed=3)
    artifact = fitted.save(tmp_path / "scorer", metrics={"f1": 0.9})
    loaded = PairScorer.load(tmp_path / "scorer")
    assert loaded.probability(features).tolist() == fitted.probability(features).tolist()
    assert loaded.thresholds == fitted.thresholds
    assert loaded.encoder == fitted.encoder == "use"
    assert loaded.version == artifact.version
    assert artifact.metadata["metrics"] == {"f1": 0.9}
    assert loaded.probability(features[:0]).tolist() == []


def test_a_scorer_of_other_features_is_refused(
    fitted: PairScorer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fitted.save(tmp_path / "scorer")
    monkeypatch.setattr(module, "FEATURES", (*FEATURES, "more"))
    with pytest.raises(ArtifactError, match="train it again"):
        PairScorer.load(tmp_path / "scorer")


def test_labels_of_one_kind_teach_nothing() -> None:
    features, same = labelled(30)
    with pytest.raises(DataError, match="at least two cities"):
        PairScorer.fit(features, np.ones(30, bool), np.arange(30) % 3)
    with pytest.raises(DataError, match="label more pairs"):
        PairScorer.fit(features, same, np.zeros(30, np.int64))


def test_the_same_seed_makes_the_same_scorer(fitted: PairScorer) -> None:
    features, same = labelled(1_200)
    again = PairScorer.fit(features, same, np.arange(1_200) % 3)
    assert again.probability(features).tolist() == fitted.probability(features).tolist()


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 10), st.booleans()), min_size=1, max_size=40),
    st.floats(0.5, 1),
    st.floats(0, 0.5),
)
def test_thresholds_keep_their_promise(
    pairs: list[tuple[int, bool]], precision: float, loss: float
) -> None:
    probability = np.array([p / 10 for p, _ in pairs])
    same = np.array([truth for _, truth in pairs])
    found = choose_thresholds(probability, same, precision, loss)
    assert found.reject_below <= LIKELY <= found.accept_above
    rejected = probability < found.reject_below
    assert (same & rejected).sum() <= loss * max(same.sum(), 1)
    wanted = [t for t in np.unique(probability) if same[probability >= t].mean() >= precision]
    assert found.accept_above == max(min(wanted, default=1.0), LIKELY)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), max_size=40))
def test_pairs_with_a_place_in_common_are_in_one_fold(pairs: list[tuple[int, int]]) -> None:
    li, ri = np.array([*pairs, (0, 0)])[:-1].T
    folds = entity_folds(li, ri)
    assert len(folds) == len(pairs)
    for side in (li, ri):
        for place in np.unique(side):
            assert len(np.unique(folds[side == place])) == 1
