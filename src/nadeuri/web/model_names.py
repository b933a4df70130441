"""What models are called on the pages, by their kind."""

from __future__ import annotations

from collections.abc import Mapping

from nadeuri import columns

MODELS: Mapping[str, str] = {
    columns.POPULARITY: "인기순",
    columns.MARKOV: "마르코프 연쇄",
    columns.NCF: "NCF",
    columns.DEEPFM: "DeepFM",
    columns.SASREC: "SASRec",
    columns.BERT4REC: "BERT4Rec",
    columns.META_SASREC: "Meta-SASRec",
    columns.META_BERT4REC: "Meta-BERT4Rec",
    columns.COOCCURRENCE: "동시 조회",
    columns.PROD2VEC: "Prod2Vec",
    columns.META_PROD2VEC: "Meta-Prod2Vec",
}


def model_name(kind: str) -> str:
    """As its papers call it; a kind that is not known by its own name."""
    return MODELS.get(kind, kind)
