"""The mission's failure: "파타야" was recognised as "파타", "인터라켄" as "인터"."""

from __future__ import annotations

import pytest

from nadeuri.data.sample.questions import build_questions
from nadeuri.understand.compare_config import load_preset
from nadeuri.understand.model import QuestionModel
from nadeuri.understand.names.builtin import builtin_gazetteer
from nadeuri.understand.parts import augmented, divide
from nadeuri.understand.train import train

NAMES = ("파타야", "인터라켄")
ASKED = (
    "{} 날씨는?",
    "{} 여행지 추천해줘",
    "{}에서 2박 3일 일정 짜줘",
    "가족끼리 {} 여행 가려고 하는데 패키지 있나요?",
    "다음 달에 부모님과 {} 가는 상품 추천해주세요",
    "{}여행 얼마예요",
    "{} 패키지 100만원대로 알려줘",
    "혹시 {} 호텔 예약 취소되나요",
)


@pytest.fixture(scope="module")
def model() -> QuestionModel:
    """The fast tier on the sample world's labelled questions, with augmentation."""
    parts = divide(build_questions(6_700, 0))
    parts = augmented(parts, builtin_gazetteer(), factor=1, seed=1)
    texts = "\n".join(question.text for question in (*parts["train"], *parts["valid"]))
    assert not any(name in texts for name in NAMES)
    config = load_preset("characters", ["train.epochs=6"])
    return train(config, parts["train"], parts["valid"], seed=1).model


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_training_never_saw_is_not_cut_short(model: QuestionModel, name: str) -> None:
    texts = [text.format(name) for text in ASKED]
    found = 0
    for text, parse in zip(texts, model.parse(texts), strict=True):
        start = text.index(name)
        for span in parse.spans:
            if span.start < start + len(name) and start < span.end:
                surface = text[span.start : span.end]
                assert name in surface, f"{text}: {surface}"
                found += 1
    assert found >= len(texts) - 1
