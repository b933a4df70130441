"""Servers that ``nadeuri serve`` does not offer: models on a GPU, in torch, or without preload.

For comparisons only. The rooms and all else are the product's; what computes is exchanged.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

from nadeuri.artifact import read_manifest
from nadeuri.errors import ConfigError
from nadeuri.recommend import bundle
from nadeuri.recommend.predict import Predictor
from nadeuri.serve import gunicorn_conf, questions, recommend
from nadeuri.serve.app import build_app, open_rooms
from nadeuri.serve.room import Room
from nadeuri.understand import bundle as questions_bundle
from nadeuri.understand.predict import QuestionParser, onnx_scorer

CPU, GPU, TORCH = "cpu", "gpu", "torch"
DEVICES = (CPU, GPU, TORCH)
CUDA = "CUDAExecutionProvider"
COMPUTED = ("recommendations", "questions")
"""Endpoints with a network behind them, which a GPU could compute."""


class _Server(BaseApplication):  # type: ignore[misc]
    """gunicorn as the product sets it up, over an application that it builds itself."""

    def __init__(self, build: Callable[[], Flask], options: dict[str, Any]) -> None:
        self._build = build
        self._options = options
        super().__init__()

    def load_config(self) -> None:
        shared = {k: v for k, v in vars(gunicorn_conf).items() if k in self.cfg.settings}
        for name, value in {**shared, **self._options}.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return self._build()


def serve(
    artefacts: Sequence[Path], *, device: str, port: int, workers: int, preload: bool
) -> None:
    """Serve artefacts on loopback until SIGTERM; does not return.

    On a GPU and without preload each worker opens the artefacts for itself: CUDA does not survive
    a fork.

    Raises:
        ConfigError: no GPU here.
    """
    if device == GPU and not has_gpu():
        raise ConfigError(why_no_gpu())
    options = {
        "bind": f"127.0.0.1:{port}",
        "workers": workers,
        "preload_app": preload and device == CPU,
    }
    _Server(lambda: build_app([_room(path, device) for path in artefacts]), options).run()


def has_gpu() -> bool:
    """Does the ONNX Runtime that is installed find a GPU?"""
    import onnxruntime

    return CUDA in onnxruntime.get_available_providers()


def why_no_gpu() -> str:
    """What to say where :func:`has_gpu` is false."""
    import onnxruntime

    offered = ", ".join(onnxruntime.get_available_providers())
    return f"not run: no GPU here (ONNX Runtime offers {offered})"


def _room(path: Path, device: str) -> Room:
    kind = read_manifest(path).kind
    if device != CPU and kind == bundle.KIND:
        return recommend.room(_predictor(path, device))
    if device == GPU and kind == questions_bundle.KIND:
        parser = QuestionParser(path)
        parser._score = onnx_scorer(_session(parser.artifact.file(questions_bundle.MODEL_FILE)))
        return questions.room(parser)
    (room,) = open_rooms([path])
    return room


def _predictor(path: Path, device: str) -> Predictor:
    if device == TORCH:
        from serve import TorchPredictor

        return TorchPredictor(path)
    predictor = Predictor(path)
    predictor._session = _session(predictor.artifact.file(bundle.MODEL_FILE))
    return predictor


def _session(file: Path) -> Any:
    """The model on the GPU.

    Raises:
        ConfigError: ONNX Runtime fell back to the CPU, which it does in silence.
    """
    import onnxruntime

    session = onnxruntime.InferenceSession(str(file), providers=[CUDA, "CPUExecutionProvider"])
    if session.get_providers()[0] != CUDA:
        raise ConfigError(f"{file}: ONNX Runtime did not take it onto the GPU")
    return session
