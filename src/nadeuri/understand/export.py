"""From a trained question model to an artefact that is served without torch."""

from __future__ import annotations

import copy
import json
import logging
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file

from nadeuri.artifact import Artifact, write_artifact
from nadeuri.data.questions import Question
from nadeuri.errors import ArtifactError
from nadeuri.onnx import open_session, quantise
from nadeuri.understand import bundle
from nadeuri.understand.bodies import PretrainedBody
from nadeuri.understand.config import ExperimentConfig
from nadeuri.understand.encoding import LAST_CODE_POINT
from nadeuri.understand.model import Network, QuestionModel
from nadeuri.understand.parse import parse
from nadeuri.understand.predict import onnx_scorer
from nadeuri.understand.train import quality

MOST_LOST = 0.003
"""How much of the validation quality int8 weights may cost; if they cost more, fp32 is shipped."""

_OPSET = 17
_TOLERANCE = 1e-3


def export_questions(
    model: QuestionModel,
    config: ExperimentConfig,
    valid: Sequence[Question],
    target: Path,
    *,
    metrics: Mapping[str, float] | None = None,
    data_fingerprint: str | None = None,
) -> Artifact:
    """Publish a trained model at ``target``.

    Args:
        valid: questions on which int8 is compared with fp32.
        metrics: of the evaluation, for ``metrics.json``.

    Raises:
        ArtifactError: the ONNX model's scores differ from torch's, or ``target`` is no artefact.
    """
    metadata: dict[str, Any] = {
        "model": config.name,
        "segments": config.encoder.segments,
        "label_words": config.heads.label_words,
        "marks_names": model.marks_names,
        "labels": model.labels,
        "intents": model.intents,
    }

    def write(folder: Path) -> None:
        full = folder / "full.onnx"
        export_onnx(model.network, full)
        metadata.update(_smaller(model, valid, full, folder / bundle.MODEL_FILE))
        model.encoder.save(folder)
        bundle.write_head(model.head, folder / bundle.HEAD_FILE)
        if model.gazetteer is not None:
            model.gazetteer.write(folder / bundle.GAZETTEER_FILE)
        save_file(_tensors(model.network), folder / bundle.WEIGHTS_FILE)
        _write_json(config.model_dump(mode="json"), folder / bundle.CONFIG_FILE)
        _write_json(dict(metrics or {}), folder / bundle.METRICS_FILE)

    return write_artifact(
        target, bundle.KIND, write, metadata=metadata, data_fingerprint=data_fingerprint
    )


def export_onnx(network: Network, file: Path) -> None:
    """Write the network in fp32 and check it against the original.

    By torch's older exporter: the newer one fixes the length of the recurrent layers.

    Raises:
        ArtifactError: the file's scores differ.
    """
    original = copy.deepcopy(network).cpu().float().eval()
    for module in original.modules():
        if isinstance(module, PretrainedBody):
            module.model.set_attn_implementation("eager")  # fewer operations in the graph
    example = torch.ones(2, 8, dtype=torch.int64)
    free = {name: {0: "batch", 1: "length"} for name in (bundle.IDS, bundle.TAGS, bundle.EMISSIONS)}
    with _quiet_exporter():
        torch.onnx.export(
            original,
            (example, torch.zeros_like(example)),
            str(file),
            input_names=[bundle.IDS, bundle.TAGS],
            output_names=[bundle.EMISSIONS, bundle.INTENTS],
            dynamic_axes={**free, bundle.INTENTS: {0: "batch"}},
            opset_version=_OPSET,
            dynamo=False,
        )
    score = onnx_scorer(open_session(file))
    random, n_ids = np.random.default_rng(0), _n_ids(original)
    for rows, length in ((1, 1), (1, 17), (3, 40)):
        ids, tags = random.integers(5, n_ids, (rows, length)), random.integers(0, 9, (rows, length))
        with torch.no_grad():
            expected = original(torch.from_numpy(ids), torch.from_numpy(tags))
        for found, wanted in zip(score(ids, tags), expected, strict=True):
            if not np.allclose(found, wanted.numpy(), atol=_TOLERANCE, rtol=_TOLERANCE):
                raise ArtifactError(
                    f"{file.name}: scores differ from the trained network's for {rows} texts of "
                    f"length {length}; report this with your torch and onnxruntime versions"
                )


def _n_ids(network: Network) -> int:
    """Ids below this are known to every encoder of the network."""
    tables = (
        body.model.get_input_embeddings().num_embeddings
        for body in network.modules()
        if isinstance(body, PretrainedBody)
    )
    return min(tables, default=LAST_CODE_POINT)


def _smaller(
    model: QuestionModel, valid: Sequence[Question], full: Path, file: Path
) -> dict[str, Any]:
    """Leave the int8 model in ``file`` if it answers as well, else the full one."""
    quantise(full, file)
    texts = [question.text for question in valid]
    judged = {
        name: quality(
            valid,
            parse(texts, model.encoder, onnx_scorer(open_session(each)), model.head, batch_size=1),
        )
        for name, each in ((bundle.FP32, full), (bundle.INT8, file))
    }
    precision = bundle.INT8
    if judged[bundle.FP32] - judged[bundle.INT8] > MOST_LOST:
        full.replace(file)
        precision = bundle.FP32
    full.unlink(missing_ok=True)
    return {"precision": precision, "valid_quality": judged}


def _tensors(network: Network) -> dict[str, torch.Tensor]:
    return {name: tensor.contiguous() for name, tensor in network.state_dict().items()}


def _write_json(value: dict[str, Any], file: Path) -> None:
    text = json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False)
    file.write_text(text + "\n", encoding="utf-8")


@contextmanager
def _quiet_exporter() -> Iterator[None]:
    """The older exporter warns that it is the older one, and of what it traces."""
    logger = logging.getLogger("root")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
