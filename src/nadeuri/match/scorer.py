"""The learned scorer: a calibrated probability that two places are the same.

Gradient-boosted trees (LightGBM, Ke et al., NeurIPS 2017) over the features of
:mod:`nadeuri.match.features`, calibrated by Platt's sigmoid (1999) on pairs that the trees had not
seen.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from nadeuri.artifact import Artifact, open_artifact, write_artifact
from nadeuri.errors import ArtifactError, DataError, MissingExtraError
from nadeuri.match.features import FALLING, FEATURES, RISING

if TYPE_CHECKING:
    import lightgbm

Floats = npt.NDArray[np.float64]
Matrix = npt.NDArray[np.float32]
Indices = npt.NDArray[np.int64]
Truths = npt.NDArray[np.bool_]

KIND = "place_scorer"
MODEL_FILE, SETTINGS_FILE = "model.txt", "scorer.json"

ACCEPT_PRECISION = 0.98
"""Of the pairs that are accepted without being asked about."""
REJECT_LOSS = 0.01
"""Share of the true pairs that may be rejected without being asked about."""

LIKELY = 0.5
"""A calibrated probability from which the better guess is that two places are the same."""

_MAX_TREES = 1_000
_PATIENCE = 40
_PARAMETERS: dict[str, Any] = {
    "objective": "binary",
    "metric": "binary_logloss",
    "learning_rate": 0.05,
    "num_leaves": 15,
    "min_data_in_leaf": 20,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "feature_fraction": 0.5,
    "lambda_l2": 5.0,
    "num_threads": 1,  # sums in another order would make another model
    "deterministic": True,
    "verbosity": -1,
}


@dataclass(frozen=True)
class Thresholds:
    """What a probability means.

    Attributes:
        accept_above: mapped without asking; at least :data:`LIKELY`.
        reject_below: no match, without asking; at most :data:`LIKELY`. Between the two a judge or a
            person is asked.
    """

    accept_above: float
    reject_below: float


class PairScorer:
    """Probabilities of pairs; made by :meth:`fit` or :meth:`load`."""

    def __init__(
        self,
        booster: lightgbm.Booster,
        slope: float,
        offset: float,
        thresholds: Thresholds,
        encoder: str | None = None,
        version: str = "unsaved",
    ) -> None:
        """Use :meth:`fit` or :meth:`load`.

        Args:
            slope, offset: of the sigmoid over the trees' score.
            encoder: one of :data:`nadeuri.embed.LOCAL`, whose vectors the features have to be
                made with; None for features without.
            version: of the artefact.
        """
        self._booster = booster
        self._slope, self._offset = slope, offset
        self.thresholds = thresholds
        self.encoder = encoder
        self.version = version

    @classmethod
    def fit(
        cls,
        features: Matrix,
        same: Truths,
        folds: Indices,
        *,
        encoder: str | None = None,
        seed: int = 0,
        accept_precision: float = ACCEPT_PRECISION,
        reject_loss: float = REJECT_LOSS,
    ) -> PairScorer:
        """Learn from labelled pairs.

        The number of trees, the calibration and the thresholds come from cross-validation: each
        fold is scored by trees that learned from the others.

        Args:
            features: float32 [n, len(FEATURES)].
            same: whether the places are the same; [n].
            folds: which pairs are held back together, such as those of a city, or of places that
                share pairs (:func:`entity_folds`); [n].
            encoder: that the features were made with.
            accept_precision: of the pairs above ``accept_above``.
            reject_loss: share of the true pairs below ``reject_below``.

        Raises:
            DataError: fewer than two folds have pairs of both kinds.
            MissingExtraError: ``lightgbm`` or ``scikit-learn`` is not installed.
        """
        usable = [
            fold
            for fold in np.unique(folds).tolist()
            if _has_both(same[folds == fold]) and _has_both(same[folds != fold])
        ]
        if len(usable) < 2:
            raise DataError(
                "a scorer needs labelled pairs of places that are the same and that are not, from "
                "at least two cities or groups; label more pairs"
            )
        held_back = np.isin(folds, usable)
        scores = np.zeros(len(same))
        n_trees = []
        for fold in usable:
            rows = folds == fold
            booster = _train(features, same, ~rows, seed, rows)
            n_trees.append(booster.best_iteration)
            scores[rows] = _raw(booster, features[rows])
        scores, truth = scores[held_back], same[held_back]
        slope, offset = _sigmoid_of(scores, truth)
        thresholds = choose_thresholds(
            _sigmoid(slope * scores + offset), truth, accept_precision, reject_loss
        )
        everything = np.ones(len(same), bool)
        booster = _train(features, same, everything, seed, n_trees=round(float(np.mean(n_trees))))
        return cls(booster, slope, offset, thresholds, encoder)

    def probability(self, features: Matrix, *, threads: int = 0) -> Floats:
        """Calibrated probability that each pair is the same place; float64 [n].

        Args:
            threads: 1 where a process that serves was forked: OpenMP's others are gone there. 0
                is as many as there are cores.
        """
        if not len(features):
            return np.zeros(0)
        return _sigmoid(self._slope * _raw(self._booster, features, threads) + self._offset)

    def save(
        self,
        folder: Path,
        *,
        metrics: Mapping[str, float] | None = None,
        data_fingerprint: str | None = None,
    ) -> Artifact:
        """Write the artefact of the scorer.

        Args:
            metrics: of its quality, for its readers.

        Raises:
            ArtifactError: something else is there.
        """
        settings = {
            "features": list(FEATURES),
            "encoder": self.encoder,
            "slope": self._slope,
            "offset": self._offset,
            "thresholds": asdict(self.thresholds),
        }

        def write(draft: Path) -> None:
            (draft / MODEL_FILE).write_text(self._booster.model_to_string(), encoding="utf-8")
            (draft / SETTINGS_FILE).write_text(
                json.dumps(settings, indent=1) + "\n", encoding="utf-8"
            )

        metadata = {"metrics": dict(metrics or {})}
        return write_artifact(
            folder, KIND, write, metadata=metadata, data_fingerprint=data_fingerprint
        )

    @classmethod
    def load(cls, folder: Path) -> PairScorer:
        """Open the artefact of a scorer.

        Raises:
            ArtifactError: it is none, is damaged, or was made for other features.
            MissingExtraError: ``lightgbm`` is not installed.
        """
        artifact = open_artifact(folder, KIND)
        settings = artifact.read_json(SETTINGS_FILE)
        if settings["features"] != list(FEATURES):
            raise ArtifactError(
                f"{folder}: this scorer reads other features than this program makes; train it "
                "again"
            )
        text = artifact.file(MODEL_FILE).read_text(encoding="utf-8")
        return cls(
            _lightgbm().Booster(model_str=text),
            settings["slope"],
            settings["offset"],
            Thresholds(**settings["thresholds"]),
            settings["encoder"],
            artifact.version,
        )


def default_scorer() -> PairScorer:
    """The scorer that comes with the package, trained on the sample world."""
    return PairScorer.load(Path(str(files(__package__) / "default")))


def entity_folds(li: Indices, ri: Indices, n_folds: int = 5, seed: int = 0) -> Indices:
    """A fold for each pair, so that pairs with a place in common are in the same; int64 [n]."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    if not len(li):
        return np.zeros(0, np.int64)
    n_left, n_right = int(li.max()) + 1, int(ri.max()) + 1
    n = n_left + n_right
    links = coo_matrix((np.ones(len(li), bool), (li, ri + n_left)), shape=(n, n))
    n_groups, group = connected_components(links, directed=False)
    folds = np.random.default_rng(seed).integers(n_folds, size=n_groups)
    return np.asarray(folds[group[li]], np.int64)


def choose_thresholds(
    probability: Floats, same: Truths, accept_precision: float, reject_loss: float
) -> Thresholds:
    """Thresholds on pairs that were not trained on.

    Args:
        accept_precision: accept from the lowest probability above which so many pairs are true.
        reject_loss: reject up to the highest probability below which no more than this share of the
            true pairs lies.
    """
    order = np.argsort(-probability, kind="stable")
    ranked, truth = probability[order], same[order]
    n_same = int(truth.sum())
    n_right = np.cumsum(truth)
    n_taken = np.arange(1, len(ranked) + 1)
    ends = np.append(ranked[1:] < ranked[:-1], True)  # a threshold cannot part equal ones
    precise = np.flatnonzero(ends & (n_right / n_taken >= accept_precision))
    accept = float(ranked[precise[-1]]) if len(precise) else 1.0
    complete = np.flatnonzero(ends & (n_same - n_right <= reject_loss * n_same))
    return Thresholds(max(accept, LIKELY), min(float(ranked[complete[0]]), LIKELY))


def _train(
    features: Matrix,
    same: Truths,
    rows: Truths,
    seed: int,
    held_back: Truths | None = None,
    *,
    n_trees: int = _MAX_TREES,
) -> lightgbm.Booster:
    """Trees from ``rows``; with ``held_back``, as many as do best on those."""
    library = _lightgbm()
    directions = [int(name in RISING) - int(name in FALLING) for name in FEATURES]
    parameters = {**_PARAMETERS, "seed": seed, "monotone_constraints": directions}
    data = library.Dataset(features[rows], same[rows], feature_name=list(FEATURES))
    watched: dict[str, Any] = {}
    if held_back is not None:
        watched = {
            "valid_sets": [data.create_valid(features[held_back], same[held_back])],
            "callbacks": [library.early_stopping(_PATIENCE, verbose=False)],
        }
    booster: lightgbm.Booster = library.train(parameters, data, max(n_trees, 1), **watched)
    return booster


def _raw(booster: lightgbm.Booster, features: Matrix, threads: int = 0) -> Floats:
    found = booster.predict(features, raw_score=True, num_threads=threads)
    return np.asarray(found, np.float64)


def _sigmoid_of(scores: Floats, same: Truths) -> tuple[float, float]:
    """Slope and offset of the sigmoid that fits best (Platt scaling)."""
    try:
        from sklearn.linear_model import LogisticRegression
    except ImportError as error:
        raise MissingExtraError("scikit-learn", "match") from error
    fitted = LogisticRegression(C=1e6).fit(scores[:, None], same)
    return float(fitted.coef_[0, 0]), float(fitted.intercept_[0])


def _sigmoid(scores: Floats) -> Floats:
    return 1 / (1 + np.exp(-scores))


def _has_both(truth: Truths) -> bool:
    return bool(truth.any() and not truth.all())


def _lightgbm() -> Any:
    try:
        import lightgbm
    except ImportError as error:
        raise MissingExtraError("lightgbm", "match") from error
    return lightgbm
