"""From a configuration and a data set to a trained recommender."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from nadeuri import columns
from nadeuri.data.sequences import Dataset
from nadeuri.data.splits import Split, leave_one_out, temporal
from nadeuri.errors import ConfigError, DataError
from nadeuri.recommend import markov, popularity
from nadeuri.recommend.base import Recommender
from nadeuri.recommend.batching import ClozeBatches, NextItemBatches, PairBatches
from nadeuri.recommend.config import (
    Bert4RecConfig,
    CooccurrenceConfig,
    DeepFMConfig,
    EncoderConfig,
    ExperimentConfig,
    MarkovConfig,
    NcfConfig,
    PopularityConfig,
    Prod2VecConfig,
    SasRecConfig,
    SplitConfig,
)
from nadeuri.recommend.coview import cooccurrence
from nadeuri.recommend.coview.adagrad import row_adagrad
from nadeuri.recommend.coview.batching import SkipGramBatches
from nadeuri.recommend.coview.negatives import negative_table
from nadeuri.recommend.coview.prod2vec import Prod2Vec, SkipGramNetwork
from nadeuri.recommend.coview.skipgram import Pairs
from nadeuri.recommend.coview.tokens import (
    Vocabulary,
    pair_weights,
    token_counts,
    training_sessions,
)
from nadeuri.recommend.deepfm import DeepFM, DeepFMNetwork
from nadeuri.recommend.evaluate import accuracy, rank_cases
from nadeuri.recommend.family import build_network
from nadeuri.recommend.features import FieldBags, field_bags, shuffled
from nadeuri.recommend.ncf import Ncf, NcfNetwork
from nadeuri.recommend.sequential import SequentialNetwork, SequentialRecommender
from nadeuri.training.state import CurvePoint
from nadeuri.training.task import Task
from nadeuri.training.trainer import fit

__all__ = ["CurvePoint", "TrainedModel", "build", "make_split", "train"]


@dataclass(frozen=True)
class TrainedModel:
    """A trained recommender and how it got there (no curve where nothing is iterated)."""

    recommender: Recommender
    kind: str
    seed: int
    curve: tuple[CurvePoint, ...]
    best_epoch: int | None
    train_seconds: float


def make_split(config: SplitConfig, dataset: Dataset) -> Split:
    """Divide the data set as configured."""
    if config.kind == "temporal":
        return temporal(dataset, config.valid_share, config.test_share)
    return leave_one_out(dataset.sequences)


def train(
    config: ExperimentConfig,
    dataset: Dataset,
    split: Split,
    *,
    seed: int,
    folder: Path | None = None,
    report: Callable[[CurvePoint], None] = lambda point: None,
) -> TrainedModel:
    """Train one model with one seed.

    Args:
        folder: checkpoints go here; an interrupted run continues from them, and a finished one
            is loaded instead of trained again.
        report: called with every epoch, those of a resumed run first.

    Raises:
        ConfigError: a metadata field the data set does not have.
        ArtifactError: the checkpoint belongs to another configuration or data set.
        DataError: there is nothing to train on.
    """
    match config.model:
        case PopularityConfig():
            return _counted(popularity.fit, config, dataset, split, seed)
        case MarkovConfig():
            return _counted(markov.fit, config, dataset, split, seed)
        case CooccurrenceConfig(by_user=by_user):
            count = partial(cooccurrence.fit, by_user=by_user)
            return _counted(count, config, dataset, split, seed)
        case _:
            recommender, task = build(config, dataset, split, seed=seed)
            if not len(task.batches):
                raise DataError("training: no batches; users need two clicks in the training part")
    progress = fit(
        task,
        config.train,
        seed=seed,
        folder=folder,
        identity=identity(config, dataset, split, seed),
        report=report,
    )
    return TrainedModel(
        recommender,
        config.model.kind,
        seed,
        progress.curve,
        progress.best_epoch,
        progress.seconds,
    )


def build(
    config: ExperimentConfig, dataset: Dataset, split: Split, *, seed: int
) -> tuple[Recommender, Task[Any]]:
    """A neural model as it is before training, and what trains it.

    Raises:
        ConfigError: a model that is not trained step by step, or an unknown metadata field.
    """
    match config.model:
        case Bert4RecConfig() | SasRecConfig():
            return _sequential(config, config.model, dataset, split, seed)
        case NcfConfig() | DeepFMConfig():
            return _pointwise(config, config.model, dataset, split, seed)
        case Prod2VecConfig():
            return _skip_gram(config, config.model, dataset, split, seed)
    raise ConfigError(f"{config.name}: model.kind {config.model.kind} is counted, not trained")


def identity(config: ExperimentConfig, dataset: Dataset, split: Split, seed: int) -> str:
    """A hash that two runs share only if they compute the same thing."""
    described = {
        "model": config.model.model_dump(),
        "train": config.train.model_dump(),
        "filter_seen": config.evaluation.filter_seen,
        "split": [split.name, hashlib.sha256(split.train_ends.tobytes()).hexdigest()],
        "data": dataset.fingerprint,
        "seed": seed,
    }
    return hashlib.sha256(json.dumps(described, sort_keys=True).encode()).hexdigest()


def fields_of(
    config: EncoderConfig | DeepFMConfig | Prod2VecConfig, dataset: Dataset
) -> tuple[FieldBags, ...]:
    """The metadata fields that the configuration asks for."""
    names = [f.name for f in dataset.fields] if config.fields == "all" else config.fields
    return field_bags(dataset, names, config.max_values)


def _counted(
    fit_counts: Callable[[Dataset, Split], Recommender],
    config: ExperimentConfig,
    dataset: Dataset,
    split: Split,
    seed: int,
) -> TrainedModel:
    started = time.perf_counter()
    recommender = fit_counts(dataset, split)
    seconds = time.perf_counter() - started
    return TrainedModel(recommender, config.model.kind, seed, (), None, seconds)


def _sequential(
    config: ExperimentConfig,
    model: Bert4RecConfig | SasRecConfig,
    dataset: Dataset,
    split: Split,
    seed: int,
) -> tuple[Recommender, Task[Any]]:
    fields = fields_of(model, dataset)
    if model.shuffle_metadata:
        fields = shuffled(fields, seed)

    def initialise(seed: int) -> SequentialNetwork:
        torch.manual_seed(seed)
        return build_network(dataset.n_items, model, fields)

    network = initialise(seed)
    batches: ClozeBatches | NextItemBatches
    if isinstance(model, Bert4RecConfig):
        batches = ClozeBatches(
            dataset.sequences,
            split,
            batch_size=config.train.batch_size,
            max_len=model.max_len,
            mask_share=model.mask_share,
            last_share=model.last_share,
            mask_token=dataset.n_items + 1,
            seed=seed,
        )
    else:
        batches = NextItemBatches(
            dataset.sequences,
            split,
            batch_size=config.train.batch_size,
            max_len=model.max_len,
            seed=seed,
        )
    recommender = SequentialRecommender(network, model)
    validate = _validation(recommender, config, dataset, split)
    floor = partial(popularity_floor, config, dataset, split)
    return recommender, Task(network, batches, recommender.loss, validate, initialise, floor)


def _pointwise(
    config: ExperimentConfig,
    model: NcfConfig | DeepFMConfig,
    dataset: Dataset,
    split: Split,
    seed: int,
) -> tuple[Recommender, Task[Any]]:
    fields = () if isinstance(model, NcfConfig) else fields_of(model, dataset)

    def initialise(seed: int) -> NcfNetwork | DeepFMNetwork:
        torch.manual_seed(seed)
        if isinstance(model, NcfConfig):
            return NcfNetwork(dataset.n_users, dataset.n_items, model)
        return DeepFMNetwork(dataset.n_users, dataset.n_items, model, fields)

    network = initialise(seed)
    recommender = Ncf(network) if isinstance(network, NcfNetwork) else DeepFM(network)
    batches = PairBatches(
        dataset.sequences,
        split,
        n_items=dataset.n_items,
        batch_size=config.train.batch_size,
        negatives=model.negatives,
        seed=seed,
    )
    validate = _validation(recommender, config, dataset, split)
    floor = partial(popularity_floor, config, dataset, split)
    return recommender, Task(network, batches, recommender.loss, validate, initialise, floor)


def _skip_gram(
    config: ExperimentConfig,
    model: Prod2VecConfig,
    dataset: Dataset,
    split: Split,
    seed: int,
) -> tuple[Recommender, Task[Any]]:
    vocabulary = Vocabulary(dataset.n_items, fields_of(model, dataset))
    field_weights = [
        model.field_weights.get(field.name, model.field_weight) for field in vocabulary.fields
    ]

    def initialise(seed: int) -> SkipGramNetwork:
        torch.manual_seed(seed)
        return SkipGramNetwork(len(vocabulary), model.dim)

    network = initialise(seed)
    sessions = training_sessions(dataset.sequences, split, by_user=model.by_user)
    batches = SkipGramBatches(
        sessions,
        vocabulary,
        batch_size=config.train.batch_size,
        window=model.window,
        subsample=model.subsample,
        seed=seed,
    )
    counts = token_counts(vocabulary, sessions.items)
    step = partial(
        network.learn,
        pairs=Pairs(*pair_weights(field_weights), model.negatives, model.shared_negatives),
        noise=negative_table(counts, np.array(vocabulary.starts), model.ns_exponent),
    )
    viewed = np.bincount(sessions.items, minlength=dataset.n_items + 1) > 0
    recommender = Prod2Vec(
        model.kind,
        network,
        vocabulary,
        viewed,
        output_share=model.output_share,
        new_products=model.new_products,
    )
    validate = _validation(recommender, config, dataset, split)
    # no floor: popularity answers another question than what is viewed beside a product
    task = Task(network, batches, None, validate, initialise, optimizer=row_adagrad, step=step)
    return recommender, task


def _validation(
    recommender: Recommender, config: ExperimentConfig, dataset: Dataset, split: Split
) -> Callable[[], float]:
    """nDCG@10 on a fixed sample of the validation cases."""
    cases = split.valid.sample(config.train.valid_users, seed=0)

    def validate() -> float:
        ranking = rank_cases(
            recommender, dataset.sequences, cases, k=10, filter_seen=config.evaluation.filter_seen
        )
        return accuracy(ranking.ranks, (10,))[columns.at(columns.NDCG, 10)]

    return validate


def popularity_floor(config: ExperimentConfig, dataset: Dataset, split: Split) -> float:
    """What popularity reaches on the validation cases that a training is judged by."""
    return _validation(popularity.fit(dataset, split), config, dataset, split)()
