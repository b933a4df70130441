"""The serving benchmark compares like with like."""

from __future__ import annotations

import numpy as np
import pytest

import serve
from nadeuri.artifact import Artifact
from nadeuri.recommend.predict import Predictor


@pytest.fixture(scope="module")
def predictors(travel_artifact: Artifact) -> dict[str, Predictor]:
    return {
        "onnx": Predictor(travel_artifact.path),
        "torch": serve.TorchPredictor(travel_artifact.path),
    }


def test_both_sides_give_the_same_answers(predictors: dict[str, Predictor]) -> None:
    histories = serve.sample_histories(predictors["onnx"], 30)
    serve.check_agreement(predictors, histories)
    for history in histories:
        asked = serve.query(predictors["onnx"], history)
        onnx, torch = (predictors[side].recommend([asked])[0] for side in serve.SIDES)
        assert [row.item for row in onnx.items] == [row.item for row in torch.items]
        assert len(onnx.items) == serve.K


def test_disagreement_is_noticed(
    predictors: dict[str, Predictor], monkeypatch: pytest.MonkeyPatch
) -> None:
    histories = serve.sample_histories(predictors["onnx"], 1)
    scores = predictors["onnx"].score(histories) + 1
    monkeypatch.setattr(predictors["torch"], "score", lambda _: scores)
    with pytest.raises(AssertionError):
        serve.check_agreement(predictors, histories)


def test_histories_are_the_recent_ones_of_users(predictors: dict[str, Predictor]) -> None:
    predictor = predictors["onnx"]
    recent = {
        tuple(batch.history(row)[-predictor.max_history :].tolist())
        for batch in predictor.users
        for row in range(len(batch))
    }
    histories = serve.sample_histories(predictor, 50)
    assert {tuple(history.tolist()) for history in histories} <= recent
    assert len({len(history) for history in histories}) > 1


def test_warm_up_is_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "WARM_UP", 2)
    clock = iter(np.cumsum([0, 9, 0, 9, 0, 0.001, 0, 0.003]))
    monkeypatch.setattr(serve.time, "perf_counter", lambda: float(next(clock)))
    (row,) = serve.take_turns("x", {"onnx": lambda i: i}, 4)
    assert row["p50_ms"] == pytest.approx(2.0)
    assert row["mean_ms"] == pytest.approx(2.0)
