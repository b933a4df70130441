"""The files of an exported question model: what :mod:`export` writes and :mod:`predict` reads.

=======================  ====================================================================
``model.onnx``           ``ids``, ``tags`` int64 [batch, length] -> ``emissions`` float32
                         [batch, length, tags], ``intents`` float32 [batch, intents]; int8
                         weights where they were as good on the validation questions
``tokenizer.json``       the tokenizer, in the form of Hugging Face's ``tokenizers``; absent
                         where characters are read
``head.json``            labels, intents, scores of tags after tags, temperatures
``gazetteer.parquet``    names that entities are linked to
``weights.safetensors``  the network's parameters and buffers, to train it on
``config.json``          resolved experiment configuration
``metrics.json``         what the model scored in evaluation
=======================  ====================================================================

The manifest's metadata hold ``model`` (name of the experiment), ``segments`` and ``label_words``
(how text is cut), ``marks_names`` (whether the network sees names of the gazetteer marked),
``labels``, ``intents`` and ``precision`` (int8 or fp32).
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from nadeuri.errors import ArtifactError
from nadeuri.understand.parse import Head

KIND = "questions"
DEFAULT_FOLDER = "questions"
"""Name below the artefacts folder where the shipped model is looked for."""

MODEL_FILE = "model.onnx"
HEAD_FILE = "head.json"
GAZETTEER_FILE = "gazetteer.parquet"
WEIGHTS_FILE = "weights.safetensors"
CONFIG_FILE = "config.json"
METRICS_FILE = "metrics.json"

IDS, TAGS = "ids", "tags"
EMISSIONS, INTENTS = "emissions", "intents"

INT8, FP32 = "int8", "fp32"


def write_head(head: Head, file: Path) -> None:
    """Write ``head.json``."""
    content = {
        "labels": head.labels,
        "intents": head.intents,
        "start": head.start.tolist(),
        "after": head.after.tolist(),
        "span_temperature": head.span_temperature,
        "intent_temperature": head.intent_temperature,
    }
    file.write_text(json.dumps(content, ensure_ascii=False) + "\n", encoding="utf-8")


def read_head(file: Path) -> Head:
    """Read ``head.json`` of a verified artefact.

    Raises:
        ArtifactError: it is not what :func:`write_head` writes.
    """
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        return Head(
            labels=tuple(content["labels"]),
            intents=tuple(content["intents"]),
            start=np.array(content["start"], np.float32),
            after=np.array(content["after"], np.float32),
            span_temperature=float(content["span_temperature"]),
            intent_temperature=float(content["intent_temperature"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise ArtifactError(f"{file}: not a head ({error}); export the model again") from error
