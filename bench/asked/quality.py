"""Precision, recall, F1 and intent accuracy of every model on a data set, beside a CRF."""

from __future__ import annotations

import hashlib
import json
import subprocess
import time
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from asked.sets import E5, FAST, MODELS, SEEDS, Asked
from nadeuri.data.questions import Question, labels_of
from nadeuri.errors import NadeuriError
from nadeuri.understand.bio import tag_names, to_spans, to_tags
from nadeuri.understand.encoding import CharacterEncoder
from nadeuri.understand.evaluate import Evaluation, Score, evaluate
from nadeuri.understand.marks import NameMarker
from nadeuri.understand.model import QuestionModel
from nadeuri.understand.parse import Parse
from nadeuri.understand.parts import Parts
from nadeuri.understand.segments import N_TAGS
from nadeuri.understand.train import train
from speed.part import Part, over_seeds
from speed.setting import Setting
from speed.shelf import Shelf

CRF = "crf"
FIGURES = (
    "micro_precision",
    "recall",
    "f1",
    "intent_accuracy",
    "intent_macro_f1",
    "sure_precision",
    "sure_recall",
)
SURE = 0.99
"""Share of the confident entities that shall be right."""


def measure(
    setting: Setting, asked: Asked, models: Sequence[str] = MODELS, seeds: Sequence[int] = SEEDS
) -> Part:
    """Train and test every model with every seed."""
    shelf = shelf_of(setting)
    part = Part(f"quality --sets {asked.name}")
    name = asked.name.replace("-", "_")
    part.add(*_summed(name, CRF, _crf_runs(setting, shelf, asked, seeds)))
    for model in models:
        runs = [
            shelf.keep(
                f"{asked.name}-{model}-{seed}",
                {
                    "config": asked.config(model).model_dump(mode="json"),
                    "knows_names": asked.knows_names,
                    "seed": seed,
                },
                partial(test, asked, model, seed, setting),
            )
            for seed in seeds
        ]
        part.add(*_summed(name, model, runs))
    return part


def _crf_runs(
    setting: Setting, shelf: Shelf, asked: Asked, seeds: Sequence[int]
) -> list[dict[str, Any]]:
    """The peer has no seed of its own: where the split is fixed, one run says it all."""
    return [
        shelf.keep(
            f"{asked.name}-{CRF}-{seed}",
            {"knows_names": asked.knows_names, "seed": seed},
            partial(_test_crf, setting, asked, seed),
        )
        for seed in (seeds if asked.is_split_by_seed else seeds[:1])
    ]


def _test_crf(setting: Setting, asked: Asked, seed: int) -> dict[str, Any]:
    """Train the peer on the units of our fast tier and judge what it answers as ours is judged."""
    parts = asked.parts(seed)
    labels = labels_of([*parts["train"], *parts["test"]])
    names = tag_names(labels)
    words = asked.config(FAST).heads.label_words
    gazetteer = asked.gazetteer
    marker = NameMarker(gazetteer) if gazetteer else None
    encoder = CharacterEncoder(label_words=words, marker=marker)
    with TemporaryDirectory() as name:
        folder = Path(name)
        for part in ("train", "test"):
            lines = [json.dumps(_row(encoder, each, labels, names)) for each in parts[part]]
            (folder / part).write_text("\n".join(lines) + "\n", encoding="utf-8")
        task = {each: str(folder / each) for each in ("train", "test", "out")}
        (folder / "task.json").write_text(json.dumps(task), encoding="utf-8")
        peer = Path(__file__).parent.parent / "peers" / "crf_peer.py"
        command = [str(setting.peer(CRF)), str(peer), str(folder / "task.json")]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        if done.returncode != 0:
            raise NadeuriError(f"the peer failed: {done.stderr.strip().splitlines()[-1]}")
        answers = [
            json.loads(line) for line in (folder / "out").read_text(encoding="utf-8").splitlines()
        ]
    numbers = {name: number for number, name in enumerate(names)}
    parses = []
    for question, answered in zip(parts["test"], answers, strict=True):
        encoding = encoder(question.text)
        tags = [numbers[tag] for tag in answered["tags"]]
        spans = tuple(span for span, _, _ in to_spans(encoding, tags, labels))
        parses.append(Parse(spans, (1.0,) * len(spans), answered["intent"], 1.0))
    measured = json.loads(done.stdout)
    return {
        "seed": seed,
        "train_cpu_s": measured["cpu_s"],
        **described(evaluate(parts["test"], parses)),
    }


def _row(
    encoder: CharacterEncoder, question: Question, labels: Sequence[str], names: Sequence[str]
) -> dict[str, Any]:
    encoding = encoder(question.text)
    units = [question.text[s:e] for s, e in zip(encoding.starts, encoding.ends, strict=True)]
    tags = [names[tag] for tag in to_tags(encoding, question.spans, labels)]
    marks = [encoding.tags[unit] // N_TAGS for unit in encoding.units]
    return {
        "units": units,
        "marks": marks,
        "tags": tags,
        "text": question.text,
        "intent": question.intent,
    }


def shelf_of(setting: Setting) -> Shelf:
    """Where finished measurements of this benchmark are kept."""
    return Shelf((setting.settings.home / "understand").absolute(), again=setting.again)


def run_folder(setting: Setting, asked: Asked, model: str, seed: int) -> Path:
    """Where the checkpoint of a training is."""
    config = f"{asked.config(model).model_dump_json()}{asked.knows_names}"
    digest = hashlib.sha256(config.encode()).hexdigest()[:8]
    return setting.settings.home / "understand" / "runs" / f"{asked.name}-{model}-{seed}-{digest}"


def test(asked: Asked, model: str, seed: int, setting: Setting) -> dict[str, Any]:
    """Train with one seed and judge the test part."""
    parts = asked.parts(seed)
    config = asked.config(model)
    started = time.process_time()
    trained = train(
        config,
        parts["train"],
        parts["valid"],
        seed=seed,
        gazetteer=asked.gazetteer,
        folder=run_folder(setting, asked, model, seed),
    )
    seconds = time.process_time() - started
    return {
        "seed": seed,
        "train_cpu_s": round(seconds, 1),
        "best_epoch": trained.progress.best_epoch,
        "valid": trained.progress.best_metric,
        "sizes": {name: len(questions) for name, questions in parts.items()},
        "ceiling_f1": ceiling(trained.model, parts).f1,
        **judged(trained.model, parts),
    }


def judged(model: QuestionModel, parts: Parts) -> dict[str, Any]:
    """The figures of the test part, and what else an evaluation says.

    ``sure_precision`` and ``sure_recall`` are of the entities whose confidence is at least the
    least one with which SURE of the validation part's are right.
    """
    parses = {
        part: model.parse([question.text for question in parts[part]]) for part in ("valid", "test")
    }
    threshold = least_sure(_judgements(parts["valid"], parses["valid"]))
    sure = [
        right
        for confidence, right in _judgements(parts["test"], parses["test"])
        if confidence >= threshold
    ]
    n_true = sum(len(question.spans) for question in parts["test"])
    return {
        **described(evaluate(parts["test"], parses["test"])),
        "threshold": threshold,
        "sure_precision": sum(sure) / max(len(sure), 1),
        "sure_recall": sum(sure) / n_true,
    }


def least_sure(judgements: Sequence[tuple[float, bool]]) -> float:
    """The least confidence from which on at least SURE of the entities are right."""
    threshold, n_right = 1.0, 0
    for n, (confidence, right) in enumerate(sorted(judgements, reverse=True), 1):
        n_right += right
        if n_right >= SURE * n:
            threshold = confidence
    return threshold


def _judgements(questions: Sequence[Question], parses: Sequence[Parse]) -> list[tuple[float, bool]]:
    """Confidence of every entity found, and whether it is right."""
    return [
        (confidence, span in question.spans)
        for question, parse in zip(questions, parses, strict=True)
        for span, confidence in zip(parse.spans, parse.confidences, strict=True)
    ]


def described(found: Evaluation) -> dict[str, Any]:
    """An evaluation as JSON, with the figures by their names."""
    rest = {
        name: value for name, value in asdict(found).items() if name not in ("micro", "by_label")
    }
    return {
        "micro_precision": found.micro.precision,
        "recall": found.micro.recall,
        "f1": found.micro.f1,
        **{name: value for name, value in rest.items() if value == value},
        "by_label": {name: [s.precision, s.recall, s.f1] for name, s in found.by_label.items()},
    }


def ceiling(model: QuestionModel, parts: Parts) -> Score:
    """What perfect tags would score: how well the units fit the labelled spans."""
    right = predicted = true = 0
    labels = labels_of(parts["test"])  # training may lack some
    for question in parts["test"]:
        encoding = model.encoder(question.text)
        tags = to_tags(encoding, question.spans, labels)
        spans = {span for span, _, _ in to_spans(encoding, tags, labels)}
        right += len(spans & set(question.spans))
        predicted, true = predicted + len(spans), true + len(question.spans)
    return Score(right, predicted, true)


def _summed(
    name: str, model: str, runs: Sequence[dict[str, Any]]
) -> tuple[dict[str, Any], dict[str, float]]:
    """The runs as a detail, and the mean of every figure over them, with its spread.

    What is adopted goes by the name of the set alone as well.
    """
    figures: dict[str, float] = {}
    for figure in FIGURES:
        if values := [run[figure] for run in runs if figure in run]:
            figures |= over_seeds(f"{name}.{model}.{figure}", values)
            if model == E5:
                figures |= over_seeds(f"{name}.{figure}", values)
    return {"set": name, "model": model, "runs": list(runs)}, figures
