"""Training of a question model in the loop that all rooms share."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import astuple, dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from nadeuri.data.questions import Question, intents_of, labels_of
from nadeuri.errors import DataError
from nadeuri.training.state import CurvePoint, Progress
from nadeuri.training.task import LR_SHARE, Task
from nadeuri.training.trainer import fit
from nadeuri.understand.batches import UNKNOWN, QuestionBatch, QuestionBatches, examples
from nadeuri.understand.bodies import PretrainedBody
from nadeuri.understand.calibrate import calibrated
from nadeuri.understand.config import ExperimentConfig, TrainConfig
from nadeuri.understand.evaluate import evaluate
from nadeuri.understand.gazetteer import Gazetteer
from nadeuri.understand.model import Network, QuestionModel, build_model
from nadeuri.understand.parse import Parse


@dataclass(frozen=True)
class TrainedQuestionModel:
    """A trained, calibrated model and how its training went."""

    model: QuestionModel
    progress: Progress


def train(
    config: ExperimentConfig,
    questions: Sequence[Question],
    valid: Sequence[Question],
    *,
    seed: int,
    gazetteer: Gazetteer | None = None,
    folder: Path | None = None,
    report: Callable[[CurvePoint], None] = lambda point: None,
) -> TrainedQuestionModel:
    """Train on ``questions``; the weights of the best validation stay, calibrated on it.

    Args:
        gazetteer: names that the network sees marked.
        folder: where the checkpoint is kept and resumed from; None trains without one.
        report: called with every epoch.

    Raises:
        ConfigError: no such encoder.
        DataError: nothing to train on, or nothing to validate on.
        NadeuriError: what the trainer raises.
    """
    labels, intents = labels_of([*questions, *valid]), intents_of([*questions, *valid])
    if not questions or not valid:
        raise DataError("training: needs questions to train on and others to validate on")
    if not labels_of(valid) and not intents_of(valid):
        raise DataError("training: no question to validate on has an entity or an intent")
    model = build_model(config, labels, intents, seed=seed, gazetteer=gazetteer)
    network = model.network
    rows = examples(questions, model.encoder, labels, intents)
    batches = QuestionBatches(
        rows, batch_size=config.train.batch_size, pad=model.encoder.pad, seed=seed
    )
    task: Task[QuestionBatch] = Task(
        network,
        batches,
        lambda batch, device: loss(network, batch, config.heads.intent_weight, device),
        lambda: quality(valid, model.parse([question.text for question in valid])),
        lambda seed: build_model(config, labels, intents, seed=seed, gazetteer=gazetteer).network,
        optimizer=lambda parameters, _: optimizer(network, config.train),
    )
    identity = _identity(config, questions, valid, seed, gazetteer)
    progress = fit(task, config.train, seed=seed, folder=folder, identity=identity, report=report)
    network.cpu().eval()
    head = calibrated(model.head, valid, model.encoder, model.score)
    model = replace(
        model,
        span_temperature=head.span_temperature,
        intent_temperature=head.intent_temperature,
    )
    return TrainedQuestionModel(model, progress)


def loss(
    network: Network, batch: QuestionBatch, intent_weight: float, device: torch.device
) -> Tensor:
    """Negative log-likelihood of the tags plus the weighted cross-entropy of the intents.

    Each is a mean over questions; where none of a batch has an intent, there is only the first.
    """
    ids, tags, units, labels, lengths, intents = (
        torch.from_numpy(array).to(device) for array in astuple(batch)
    )
    emissions, scores = network(ids, tags)
    of_units = emissions.float().gather(1, units[:, :, None].expand(-1, -1, emissions.shape[2]))
    total = network.crf.loss(of_units, labels, lengths)
    if bool((intents != UNKNOWN).any()):
        of_intents = functional.cross_entropy(scores.float(), intents, ignore_index=UNKNOWN)
        total = total + intent_weight * of_intents
    return total


def quality(questions: Sequence[Question], parses: Sequence[Parse]) -> float:
    """What validation goes by: the mean of the spans' F1 and the intents' accuracy.

    One of them alone where the other has no labels.
    """
    found = evaluate(questions, parses)
    parts = [found.micro.f1] if any(question.spans for question in questions) else []
    return float(np.nanmean([*parts, found.intent_accuracy]))


def optimizer(network: nn.Module, config: TrainConfig) -> torch.optim.Optimizer:
    """AdamW; a pretrained encoder's layers learn the more slowly the lower they are.

    (Howard & Ruder, ACL 2018, "discriminative fine-tuning".)
    """
    of_encoders: list[dict[str, object]] = []
    taken: set[int] = set()
    for body in network.modules():
        if not isinstance(body, PretrainedBody):
            continue
        for depth, parameters in enumerate(reversed(body.layers())):
            share = config.encoder_lr * config.layer_decay**depth / config.lr
            of_encoders.append({"params": parameters, LR_SHARE: share})
            taken |= {id(parameter) for parameter in parameters}
    own = [p for p in network.parameters() if p.requires_grad and id(p) not in taken]
    return torch.optim.AdamW(
        [{"params": own, LR_SHARE: 1.0}, *of_encoders],
        lr=config.lr,
        weight_decay=config.weight_decay,
        fused=True,
    )


def _identity(
    config: ExperimentConfig,
    questions: Iterable[Question],
    valid: Iterable[Question],
    seed: int,
    gazetteer: Gazetteer | None,
) -> str:
    """A hash that two runs share only if they compute the same thing."""
    digest = hashlib.sha256(json.dumps([config.model_dump(mode="json"), seed]).encode())
    digest.update(repr(gazetteer.entries if gazetteer else ()).encode())
    for part in (questions, valid):
        for question in part:
            digest.update(repr((question.text, question.spans, question.intent)).encode())
        digest.update(b"|")
    return digest.hexdigest()
