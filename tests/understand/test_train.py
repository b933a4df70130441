"""Training: small models learn, resume exactly, and say what they cannot learn from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from nadeuri import columns
from nadeuri.data.questions import Question, Span
from nadeuri.errors import ArtifactError, DataError
from nadeuri.training.state import CurvePoint
from nadeuri.training.task import LR_SHARE
from nadeuri.understand.batches import collate, examples
from nadeuri.understand.config import ExperimentConfig
from nadeuri.understand.evaluate import evaluate
from nadeuri.understand.model import build_model
from nadeuri.understand.network import SeparateNetworks
from nadeuri.understand.train import TrainedQuestionModel, loss, optimizer, quality, train

CITIES = ("파타야", "오사카", "다낭", "제주도", "부산", "하노이", "도쿄", "방콕", "괌", "로마")
DATES = ("내일", "다음 달", "7월", "이번 주말", "모레")
TEMPLATES = (
    ("{date} {city} 상품 추천해 주세요", columns.PRODUCT_INTENT),
    ("{city} {date} 날씨 어때요", columns.WEATHER_INTENT),
    ("{date}에 {city}로 가려는데 얼마예요", columns.PRICE_INTENT),
    ("안녕하세요 반가워요", columns.CHAT_INTENT),
)


def toy() -> tuple[list[Question], list[Question]]:
    """60 questions to train on and others to validate on: no city is with the same date in both."""
    made = []
    for (city, date), (template, intent) in product(product(CITIES, DATES), TEMPLATES):
        text = template.format(city=city, date=date)
        spans = [
            Span(text.index(name), text.index(name) + len(name), label)
            for name, label in ((city, columns.REGION_LABEL), (date, columns.DATE_LABEL))
            if name in text
        ]
        made.append(Question(str(len(made)), text, tuple(sorted(spans)), intent))
    order = np.random.default_rng(0).permutation(len(CITIES) * len(DATES))
    grouped = [made[4 * at : 4 * at + 4] for at in order]
    train, valid = grouped[:15], grouped[15:30]
    return [q for group in train for q in group], [q for group in valid for q in group]


QUESTIONS, VALID = toy()


def config(encoder: dict[str, Any] | None = None, **tables: dict[str, Any]) -> ExperimentConfig:
    characters = {"kind": "characters", "dim": 32, "hidden": 24, "dropout": 0.1}
    heads = {"dim_tags": 4, "dim_lstm": 24, "dropout": 0.1, **tables.get("heads", {})}
    options = {"epochs": 4, "batch_size": 8, "lr": 1e-2, "warmup_steps": 8, "precision": "fp32"}
    return ExperimentConfig.model_validate(
        {
            "name": "toy",
            "encoder": encoder or characters,
            "heads": heads,
            "train": {**options, **tables.get("train", {})},
        }
    )


def weights(trained: TrainedQuestionModel) -> dict[str, Tensor]:
    return trained.model.network.state_dict()


def assert_same(first: TrainedQuestionModel, second: TrainedQuestionModel) -> None:
    assert first.model.head.span_temperature == second.model.head.span_temperature
    for name, tensor in weights(first).items():
        assert torch.equal(tensor, weights(second)[name]), name


def with_particles(question: Question) -> Question:
    """The question with its spans up to the next space."""
    spans = (
        Span(span.start, f"{question.text} ".index(" ", span.end), span.label)
        for span in question.spans
    )
    return replace(question, spans=tuple(spans))


def bare(questions: Sequence[Question], *, intents: bool) -> list[Question]:
    """The questions with their intents alone, or with their entities alone."""
    return [replace(q, spans=()) if intents else replace(q, intent=None) for q in questions]


def test_a_small_model_learns_templates_and_what_fills_them() -> None:
    trained = train(config(train={"epochs": 12}), QUESTIONS, VALID, seed=1)
    found = evaluate(VALID, trained.model.parse([question.text for question in VALID]))
    assert len(QUESTIONS) == 60
    assert found.micro.f1 > 0.95
    assert found.intent_accuracy > 0.95
    assert quality(VALID, trained.model.parse([q.text for q in VALID])) == pytest.approx(
        trained.progress.best_metric
    )
    assert trained.model.span_temperature != 1.0


def test_training_follows_from_the_seed() -> None:
    first, second = (train(config(), QUESTIONS, VALID, seed=1) for _ in range(2))
    assert_same(first, second)
    other = train(config(), QUESTIONS, VALID, seed=2)
    assert any(not torch.equal(weights(first)[n], t) for n, t in weights(other).items())


def test_a_killed_run_ends_like_one_that_was_not(tmp_path: Path) -> None:
    class KilledError(Exception):
        pass

    def kill(point: CurvePoint) -> None:
        if point.epoch == 2:
            raise KilledError

    whole = train(config(), QUESTIONS, VALID, seed=1)
    with pytest.raises(KilledError):
        train(config(), QUESTIONS, VALID, seed=1, folder=tmp_path, report=kill)
    epochs: list[int] = []
    resumed = train(
        config(),
        QUESTIONS,
        VALID,
        seed=1,
        folder=tmp_path,
        report=lambda point: epochs.append(point.epoch),
    )
    assert epochs == [1, 2, 3, 4]
    assert_same(whole, resumed)


@pytest.mark.parametrize("changed", ["seed", "text", "config"])
def test_a_checkpoint_of_another_run_is_refused(tmp_path: Path, changed: str) -> None:
    short = config(train={"epochs": 1})
    first, *others = QUESTIONS[:8]
    train(short, QUESTIONS[:8], VALID[:4], seed=1, folder=tmp_path)
    with pytest.raises(ArtifactError, match="another configuration or data set"):
        train(
            config(train={"epochs": 2}) if changed == "config" else short,
            [replace(first, text=f"{first.text}?"), *others]
            if changed == "text"
            else QUESTIONS[:8],
            VALID[:4],
            seed=2 if changed == "seed" else 1,
            folder=tmp_path,
        )


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_every_pretrained_encoder_trains(encoder_folder: Path, precision: str) -> None:
    encoder = {"kind": "hugging-face", "path": str(encoder_folder), "segments": "words"}
    options = config(encoder, train={"epochs": 1, "precision": precision})
    before = build_model(options, (columns.REGION_LABEL,), (), seed=1).network.state_dict()
    trained = train(options, QUESTIONS[:16], VALID[:8], seed=1)
    moved = {
        name
        for name, tensor in weights(trained).items()
        if name in before and before[name].shape == tensor.shape
        if not torch.equal(before[name], tensor)
    }
    assert any("layer.0." in name for name in moved)
    assert any("layer.1." in name for name in moved)
    assert not any("word_embeddings" in name for name in moved), "they are frozen"
    assert np.isfinite(trained.progress.curve[0].loss)


def test_characters_train_in_half_precision() -> None:
    trained = train(config(train={"precision": "bf16"}), QUESTIONS, VALID, seed=1)
    losses = [point.loss for point in trained.progress.curve]
    assert losses[-1] < losses[0] / 2
    assert {tensor.dtype for tensor in weights(trained).values()} == {torch.float32}


def test_a_pretrained_encoder_resumes_exactly(encoder_folder: Path, tmp_path: Path) -> None:
    """Groups of parameters of their own rates, some of them without a gradient."""

    class KilledError(Exception):
        pass

    def kill(point: CurvePoint) -> None:
        raise KilledError

    encoder = {"kind": "hugging-face", "path": str(encoder_folder), "segments": "words"}
    options = config(encoder, train={"epochs": 2})
    whole = train(options, QUESTIONS[:16], VALID[:8], seed=1)
    folder = tmp_path / "run"
    with pytest.raises(KilledError):
        train(options, QUESTIONS[:16], VALID[:8], seed=1, folder=folder, report=kill)
    assert_same(whole, train(options, QUESTIONS[:16], VALID[:8], seed=1, folder=folder))


def test_lower_layers_of_an_encoder_learn_more_slowly(encoder_folder: Path) -> None:
    encoder = {"kind": "hugging-face", "path": str(encoder_folder), "segments": "words"}
    options = config(encoder, train={"lr": 1e-2, "encoder_lr": 1e-3, "layer_decay": 0.5})
    network = build_model(options, (columns.REGION_LABEL,), (), seed=1).network
    groups = optimizer(network, options.train).param_groups
    shares = [group[LR_SHARE] for group in groups]
    assert shares == pytest.approx([1, 0.1, 0.05, 0.025])
    grouped = [id(parameter) for group in groups for parameter in group["params"]]
    assert sorted(grouped) == sorted(id(p) for p in network.parameters() if p.requires_grad)


def test_separate_heads_are_both_learned() -> None:
    options = config(heads={"joint": False}, train={"epochs": 10})
    trained = train(options, QUESTIONS, VALID, seed=1)
    assert isinstance(trained.model.network, SeparateNetworks)
    found = evaluate(VALID, trained.model.parse([question.text for question in VALID]))
    assert found.micro.f1 > 0.8
    assert found.intent_accuracy > 0.8


def test_labels_of_whole_words_are_learned() -> None:
    """As in data that is tagged by word: an entity ends with its particle."""
    options = config(heads={"label_words": True}, train={"epochs": 8})
    words = [with_particles(question) for question in VALID]
    assert words != VALID
    trained = train(options, [with_particles(q) for q in QUESTIONS], words, seed=1)
    found = evaluate(words, trained.model.parse([question.text for question in words]))
    assert found.micro.f1 > 0.8


def test_entities_alone_can_be_learned() -> None:
    entities = bare(VALID, intents=False)
    trained = train(config(train={"epochs": 8}), bare(QUESTIONS, intents=False), entities, seed=1)
    assert trained.model.intents == ()
    parses = trained.model.parse([question.text for question in VALID])
    assert {parsed.intent for parsed in parses} == {None}
    assert quality(entities, parses) == evaluate(entities, parses).micro.f1 > 0.8


def test_intents_alone_can_be_learned() -> None:
    intents = bare(VALID, intents=True)
    trained = train(config(), bare(QUESTIONS, intents=True), intents, seed=1)
    assert trained.model.labels == ()
    parses = trained.model.parse([question.text for question in VALID])
    assert not any(parsed.spans for parsed in parses)
    assert quality(intents, parses) == evaluate(intents, parses).intent_accuracy > 0.9


def test_questions_with_and_without_intents_are_learned_together() -> None:
    mixed = [*QUESTIONS[:30], *bare(QUESTIONS[30:], intents=False)]
    model = build_model(config(), (columns.REGION_LABEL, columns.DATE_LABEL), (), seed=1)
    rows = examples(mixed, model.encoder, model.labels, ())
    on = torch.device("cpu")
    assert loss(model.network, collate(rows, 0), 0.3, on).isfinite()
    trained = train(config(train={"epochs": 2}), mixed, VALID, seed=1)
    assert np.isfinite(trained.progress.curve[-1].loss)


def test_the_intent_s_weight_is_its_share_of_the_loss() -> None:
    labels, intents = (columns.REGION_LABEL, columns.DATE_LABEL), tuple(i for _, i in TEMPLATES)
    model = build_model(config(), labels, intents, seed=1)
    model.network.eval()
    batch = collate(examples(QUESTIONS[:8], model.encoder, labels, intents), 0)
    none, half, one = (
        float(loss(model.network, batch, weight, torch.device("cpu")).detach())
        for weight in (0.0, 0.5, 1.0)
    )
    assert one - none == pytest.approx(2 * (half - none), rel=1e-4)
    assert one > none


@pytest.mark.parametrize(
    ("questions", "valid"),
    [
        ([], VALID),
        (QUESTIONS, []),
        ([Question("1", "\u200b 안녕")], [Question("2", "안녕")]),
        ([Question("1", "\u3000", ())], VALID),
    ],
)
def test_what_cannot_be_learned_from_is_named(
    questions: list[Question], valid: list[Question]
) -> None:
    with pytest.raises(DataError, match="training: "):
        train(config(), questions, valid, seed=1)
