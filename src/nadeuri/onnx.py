"""ONNX models on ONNX Runtime: its only importer.

Since 1.29 ONNX Runtime reports to its vendor from a background thread, on Linux too. That thread is
started by the import and does not survive a fork: a server's worker then never exits. The
environment variable must be set before the import; ``disable_telemetry_events()`` comes too late.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from nadeuri.errors import ArtifactError

if TYPE_CHECKING:
    from onnxruntime import InferenceSession


def open_session(file: Path, threads: int = 1) -> InferenceSession:
    """Load a model to run on the CPU.

    Args:
        threads: of one run. With one, no thread is started and the session survives a fork.

    Raises:
        ArtifactError: not a model that ONNX Runtime can load.
    """
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    try:
        return onnxruntime.InferenceSession(
            str(file), sess_options=options, providers=["CPUExecutionProvider"]
        )
    except Exception as error:  # ONNX Runtime's exceptions have no base of their own
        reason = " ".join(str(error).split())[:200]
        raise ArtifactError(f"{file}: ONNX Runtime cannot load it ({reason})") from error


def quantise(source: Path, target: Path) -> None:
    """Write a model with int8 weights, whose activations are quantised as they come."""
    import logging

    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    from onnxruntime.quantization import QuantType, quantize_dynamic

    logger = logging.getLogger()
    level = logger.level
    logger.setLevel(logging.ERROR)  # it recommends a step for convolutions of images
    try:
        quantize_dynamic(source, target, weight_type=QuantType.QInt8)
    finally:
        logger.setLevel(level)
