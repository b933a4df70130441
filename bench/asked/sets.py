"""The labelled data sets, how each is split, and how each model is set up for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from nadeuri.data.questions import Question
from nadeuri.data.sample.questions import build_questions
from nadeuri.training.config import apply_overrides, parse, read_toml
from nadeuri.understand.config import ExperimentConfig
from nadeuri.understand.exchange.formats import read_any
from nadeuri.understand.gazetteer import Gazetteer
from nadeuri.understand.names.builtin import builtin_gazetteer
from nadeuri.understand.parts import Parts
from nadeuri.understand.splits import split_by_names
from record import ROOT

SEEDS = (1, 2, 3)
FAST, E5 = "characters", "e5"
MODELS = (FAST, E5)
CONFIGS = ROOT / "configs" / "understand"

KLUE_SPLIT_SEED = 20_261_128
"""The seed of the split of KLUE-NER's 4,000 sentences: 3,200 to learn from, 800 to test on."""
KLUE_TEST, KLUE_VALID = 800, 160
SAMPLE_SIZE, SAMPLE_SEED = 6_700, 0


@dataclass(frozen=True)
class Asked:
    """A data set.

    Attributes:
        parts: train, valid and test for a seed; where the split is fixed, it is the same for all.
        overrides: of the models' configurations, by model.
        knows_names: whether the models, and the peer beside them, see the names of the package's
            gazetteer marked.
        is_split_by_seed: whether ``parts`` differ from seed to seed.
    """

    name: str
    parts: Callable[[int], Parts]
    overrides: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    knows_names: bool = False
    is_split_by_seed: bool = False

    @property
    def gazetteer(self) -> Gazetteer | None:
        """The names that models see marked."""
        return builtin_gazetteer() if self.knows_names else None

    def config(self, model: str) -> ExperimentConfig:
        """The shipped configuration of a model, set up for this data."""
        path = CONFIGS / f"{model}.toml"
        tables: dict[str, Any] = apply_overrides(read_toml(path), self.overrides.get(model, ()))
        return parse(ExperimentConfig, tables, str(path))


def sets(folder: Path) -> dict[str, Asked]:
    """All of them; ``folder`` holds the public ones."""
    return {
        asked.name: asked
        for asked in (
            Asked(
                "kochat",
                lambda seed: kochat(folder, seed),
                KOCHAT,
                knows_names=True,
                is_split_by_seed=True,
            ),
            Asked(
                "kochat-sentences",
                lambda seed: kochat_by_sentence(folder, seed),
                KOCHAT,
                knows_names=True,
                is_split_by_seed=True,
            ),
            Asked("klue-ner", lambda seed: klue(folder), KLUE),
            Asked("atis", lambda seed: atis(folder), ATIS),
            Asked("sample", lambda seed: sample(), SAMPLE, knows_names=True),
        )
    }


_NO_NGRAMS = "heads.ngrams=0"
"""Measured before there were any; on ATIS they are 1.7 times the training."""
KOCHAT = {
    FAST: ("heads.label_words=true",),
    E5: (
        "heads.label_words=true",
        _NO_NGRAMS,
        "train.epochs=4",
        "train.warmup_steps=90",
        "train.ema_decay=0.99",
    ),
}
KLUE = {
    FAST: ("train.epochs=30",),
    E5: (
        _NO_NGRAMS,
        "train.epochs=6",
        "train.batch_size=16",
        "train.warmup_steps=110",
        "train.patience=6",
    ),
}
ATIS = {
    FAST: ("heads.label_words=true", "train.epochs=40", "train.patience=40"),
    E5: (
        "heads.label_words=true",
        "heads.dim_tags=0",
        "heads.intent_weight=1.0",
        _NO_NGRAMS,
        'encoder.segments="words"',
        "train.epochs=7",
        "train.batch_size=16",
        "train.warmup_steps=200",
        "train.patience=7",
        "train.ema_decay=0.995",
    ),
}
SAMPLE = {E5: ("train.epochs=5", "train.ema_decay=0.99")}


def kochat(folder: Path, seed: int) -> Parts:
    """Test questions have templates and words of place names that training has not seen."""
    questions = read_any(folder / "kochat").questions
    return split_by_names(questions, ("LOCATION", "PLACE"), valid=0.1, test=0.3, seed=seed).parts


def kochat_by_sentence(folder: Path, seed: int) -> Parts:
    """Sentences at random, as published figures have it: templates and names are in every part.

    What is written alike but for spaces stays together.
    """
    groups: dict[str, list[Question]] = {}
    for question in read_any(folder / "kochat").questions:
        groups.setdefault("".join(question.text.split()), []).append(question)
    order = np.random.default_rng(seed).permutation(len(groups))
    keys = list(groups)
    texts = [keys[at] for at in order]
    n_test, n_valid = round(0.2 * len(texts)), round(0.08 * len(texts))
    chosen = {
        "train": texts[n_test + n_valid :],
        "valid": texts[n_test : n_test + n_valid],
        "test": texts[:n_test],
    }
    return {part: [each for text in some for each in groups[text]] for part, some in chosen.items()}


def klue(folder: Path) -> Parts:
    """3,200 and 800 sentences; of the former, 160 decide when to stop."""
    questions = read_any(folder / "klue-ner").questions
    order = np.random.default_rng(KLUE_SPLIT_SEED).permutation(len(questions))
    shuffled = [questions[at] for at in order]
    learned, test = shuffled[:-KLUE_TEST], shuffled[-KLUE_TEST:]
    return {"train": learned[KLUE_VALID:], "valid": learned[:KLUE_VALID], "test": test}


def atis(folder: Path) -> Parts:
    """The published parts."""
    questions = read_any(folder / "atis").questions
    names = {"train": "train", "dev": "valid", "test": "test"}
    parts: dict[str, list[Question]] = {part: [] for part in names.values()}
    for question in questions:
        part = names[question.split or ""]
        parts[part].append(replace(question, split=part))
    return parts


def sample() -> Parts:
    """The sample world's questions: other templates and partly other names in the test part."""
    parts: dict[str, list[Question]] = {"train": [], "valid": [], "test": []}
    for question in build_questions(SAMPLE_SIZE, SAMPLE_SEED):
        parts[question.split or ""].append(question)
    return parts
