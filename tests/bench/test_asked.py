"""The benchmark of questions: its splits, its figures, and the stand-in tokenizer."""

from __future__ import annotations

from pathlib import Path

import pytest

from asked import sets, unknown, unseen
from asked.quality import ceiling, least_sure
from asked.sets import E5, FAST
from nadeuri.data.questions import Question, Span
from nadeuri.understand.config import CharactersConfig, ExperimentConfig
from nadeuri.understand.model import build_model

QUESTIONS = Path(__file__).parents[3] / "shared" / "data" / "questions"


def test_every_set_has_a_configuration_for_every_model() -> None:
    for asked in sets.sets(Path()).values():
        for model in (FAST, E5):
            assert asked.config(model).name == model


@pytest.mark.shared
@pytest.mark.skipif(not QUESTIONS.is_dir(), reason="../shared/data is absent")
def test_the_split_of_klue_is_fixed_and_whole() -> None:
    parts, again = sets.klue(QUESTIONS), sets.klue(QUESTIONS)
    assert {part: len(questions) for part, questions in parts.items()} == {
        "train": 3040,
        "valid": 160,
        "test": 800,
    }
    assert parts == again
    assert len({question.id for part in parts.values() for question in part}) == 4000


def test_gain_is_the_difference_of_precisions_with_an_interval_around_it() -> None:
    before = [[(2, 1), (2, 2), (2, 1), (2, 2)]]
    after = [[(2, 2), (2, 2), (2, 1), (2, 2)]]
    gain, low, high = unseen._gain(before, after)
    assert gain == pytest.approx(1 / 8)
    assert low <= gain <= high
    assert low >= 0


def test_ceiling_counts_entities_that_no_tags_of_words_can_say() -> None:
    config = ExperimentConfig(name="x", encoder=CharactersConfig(dim=8, hidden=8))
    words = config.model_copy(
        update={"heads": config.heads.model_copy(update={"label_words": True})}
    )
    parts = {"test": [Question("1", "다낭은 좋다", (Span(0, 2, "지역"),))]}
    for chosen, f1 in ((config, 1.0), (words, 0.0)):
        model = build_model(chosen, ["지역"], [], seed=0)
        assert ceiling(model, parts).f1 == f1


def test_the_least_confidence_from_which_nearly_all_is_right() -> None:
    right = [(0.9 + n / 10_000, True) for n in range(200)]
    assert least_sure([*right, (0.8, False), (0.7, True)]) == 0.7, "one in a hundred may be wrong"
    assert least_sure([*right, (0.8, False), (0.7, False), (0.6, False)]) == 0.7
    assert least_sure([(0.9, False), (0.8, True)]) == 1.0


def test_the_stand_in_tokenizer_knows_frequent_syllables_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(unknown, "N_SYLLABLES", 4)
    tokenizer = unknown.wordpiece(["영화 영화 영화", "재미 재미", "훗카이도"])
    assert tokenizer.tokenize("영화 재미 훗카이도") == ["영화", "재미", "[UNK]"]
    assert unknown.small_bert(tokenizer).config.vocab_size == len(tokenizer)
