"""Words that a tokenizer does not know: the vocabulary as it was, and extended from the corpus.

No pretrained Korean WordPiece model is to be had without a hub. A small BERT with weights from
scratch stands in for it; its vocabulary is counted on film reviews (NSMC), where travel words are
rare, with few syllables, as in the case that the mission tells of.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from asked.quality import described, shelf_of
from asked.sets import SEEDS, Asked
from nadeuri.training.config import parse
from nadeuri.understand.config import ExperimentConfig
from nadeuri.understand.evaluate import evaluate
from nadeuri.understand.train import train
from nadeuri.understand.vocabulary.extend import extend
from nadeuri.understand.vocabulary.pair import write_pair
from nadeuri.understand.vocabulary.scan import affected, choose, scan, unknown_rate
from speed.part import Part, over_seeds
from speed.setting import Setting

N_SYLLABLES, N_WORDS = 700, 4000
SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
WITHOUT, WITH = "without", "with"


def measure(setting: Setting, asked: Asked, reviews: Path) -> Part:
    """Train both ways with every seed; judge the test questions that have an unknown word."""
    shelf = shelf_of(setting)
    part = Part("unknown")
    runs = {
        way: [
            shelf.keep(
                f"unknown-{way}-{seed}",
                {"config": _config(Path()).model_dump(mode="json"), "seed": seed},
                partial(_test, asked, reviews, seed, extended=way == WITH),
            )
            for seed in SEEDS
        ]
        for way in (WITHOUT, WITH)
    }
    figures: dict[str, float] = {}
    for way, kept in runs.items():
        figures[f"unk.rate_{way}"] = kept[0]["rate"]
        figures[f"unk.sentences_{way}"] = kept[0]["sentences"]
        for name in ("f1", "intent_accuracy"):
            figures |= over_seeds(f"unk.{name}_{way}", [run[name] for run in kept])
    part.add({"runs": runs}, figures)
    return part


def _test(asked: Asked, reviews: Path, seed: int, *, extended: bool) -> dict[str, Any]:
    parts = asked.parts(seed)
    tokenizer = wordpiece(_texts(reviews))
    unknown = affected(parts["test"], tokenizer)
    torch.manual_seed(seed)
    model = small_bert(tokenizer)
    added: dict[str, Any] = {}
    if extended:
        found = scan([question.text for question in parts["train"]], tokenizer)
        extension = extend(model, tokenizer, choose(found), seed=seed)
        added = {"added": len(extension.pieces)}
    rate = unknown_rate([question.text for question in parts["test"]], tokenizer)
    with TemporaryDirectory() as folder:
        write_pair(Path(folder), model, tokenizer)
        trained = train(_config(Path(folder)), parts["train"], parts["valid"], seed=seed)
    parses = trained.model.parse([question.text for question in unknown])
    return {
        "seed": seed,
        "rate": rate.words,
        "sentences": rate.sentences,
        "n_affected": len(unknown),
        **added,
        **described(evaluate(unknown, parses)),
    }


def wordpiece(texts: Iterable[str]) -> PreTrainedTokenizerFast:
    """A WordPiece tokenizer of the most frequent syllables and words."""
    words = Counter(word for text in texts for word in text.split())
    characters: Counter[str] = Counter()
    for word, count in words.items():
        for character in word:
            characters[character] += count
    kept = [character for character, _ in characters.most_common(N_SYLLABLES)]
    known = set(kept)
    whole = [
        word for word, _ in words.most_common(4 * N_WORDS) if len(word) > 1 and set(word) <= known
    ]
    tokens = [*SPECIAL, *kept, *(f"##{character}" for character in kept), *whole[:N_WORDS]]
    backend = Tokenizer(
        models.WordPiece({token: at for at, token in enumerate(tokens)}, unk_token="[UNK]")
    )
    backend.normalizer = normalizers.NFC()
    backend.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    backend.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    return PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=backend,
        unk_token="[UNK]",
        pad_token="[PAD]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        mask_token="[MASK]",
    )


def small_bert(tokenizer: PreTrainedTokenizerFast) -> BertModel:
    """Four layers of 128, from scratch."""
    return BertModel(
        BertConfig(
            vocab_size=len(tokenizer),
            hidden_size=128,
            num_hidden_layers=4,
            num_attention_heads=4,
            intermediate_size=512,
        ),
        add_pooling_layer=False,
    )


def _config(encoder: Path) -> ExperimentConfig:
    tables = {
        "name": "small-bert",
        "encoder": {"kind": "hugging-face", "path": str(encoder), "freeze_embeddings": False},
        "heads": {"dim_lstm": 128},
        "train": {"epochs": 12, "encoder_lr": 1e-3, "layer_decay": 1.0},
    }
    return parse(ExperimentConfig, tables, "unknown")


def _texts(reviews: Path) -> list[str]:
    """The reviews of a file with one JSON object a line."""
    lines = reviews.read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["review"] for line in lines]
