"""Names of models: one for every kind."""

from __future__ import annotations

from nadeuri import columns
from nadeuri.web.model_names import MODELS, model_name


def test_every_kind_has_a_name() -> None:
    assert set(MODELS) == set(columns.MODELS)


def test_an_unknown_kind_has_its_own_name() -> None:
    assert [model_name(each) for each in ("bert4rec", "own")] == ["BERT4Rec", "own"]
