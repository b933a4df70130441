"""What one question costs: torch, ONNX in fp32 and int8; questions per second; sizes and memory."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import partial
from pathlib import Path

import numpy as np
import torch

from asked.quality import run_folder
from asked.sets import E5, FAST, SEEDS, Asked
from nadeuri.data.questions import Question
from nadeuri.onnx import open_session
from nadeuri.understand import bundle
from nadeuri.understand.evaluate import evaluate
from nadeuri.understand.export import export_onnx, export_questions
from nadeuri.understand.model import QuestionModel
from nadeuri.understand.parse import Parse, parse
from nadeuri.understand.predict import QuestionParser, onnx_scorer
from nadeuri.understand.train import train
from speed.part import Part
from speed.setting import Setting

TODAY = date(2026, 11, 28)
N_WARM, N_TIMED, ROUNDS = 50, 300, 3
N_BATCHED = 1_000
TORCH, ONNX, INT8 = "torch", "onnx", "int8"


def measure(setting: Setting, asked: Asked, models: Sequence[str] = (FAST, E5)) -> Part:
    """Export the sample world's models, and time single questions in turns.

    One thread. The text is encoded, scored and decoded each time; nothing is cached. ``question``
    is the whole of an answer from the exported artefact, values and links included.
    """
    torch.set_num_threads(1)
    part = Part("speed")
    for name in models:
        folder = setting.settings.home / "understand" / "speed" / name
        model, questions = _trained(setting, asked, name)
        export_questions(
            model,
            asked.config(name),
            asked.parts(1)["valid"],
            folder / "artifact",
        )
        export_onnx(model.network, folder / "full.onnx")
        part.add({"model": name}, _figures(name, model, folder, questions))
    return part


def _trained(setting: Setting, asked: Asked, name: str) -> tuple[QuestionModel, list[Question]]:
    """The model of the first seed, whose training ``quality`` has left in the same folder."""
    parts = asked.parts(SEEDS[0])
    trained = train(
        asked.config(name),
        parts["train"],
        parts["valid"],
        seed=SEEDS[0],
        gazetteer=asked.gazetteer,
        folder=run_folder(setting, asked, name, SEEDS[0]),
    )
    return trained.model, parts["test"]


def _figures(
    name: str, model: QuestionModel, folder: Path, questions: Sequence[Question]
) -> dict[str, float]:
    texts = [question.text for question in questions]
    artifact = folder / "artifact"
    parser = QuestionParser(artifact)
    full = onnx_scorer(open_session(folder / "full.onnx"))
    one: Mapping[str, Callable[[str], object]] = {
        TORCH: lambda text: model.parse([text]),
        ONNX: lambda text: parse([text], model.encoder, full, model.head),
        INT8: lambda text: parser.parse([text]),
        "question": lambda text: parser.described(text, parser.parse([text])[0], today=TODAY),
    }
    took: dict[str, list[float]] = {way: [] for way in one}
    for run in one.values():
        for text in texts[:N_WARM]:
            run(text)
    for number in range(ROUNDS):
        for way, run in one.items():
            for text in texts[number * N_TIMED : (number + 1) * N_TIMED]:
                started = time.perf_counter()
                run(text)
                took[way].append((time.perf_counter() - started) * 1e3)
    figures: dict[str, float] = {}
    for way, times in took.items():
        key = f"{name}.{way}"
        figures[f"{key}.p50_ms"], figures[f"{key}.p99_ms"] = np.percentile(times, (50, 99))
    together: dict[str, Callable[[list[str]], list[Parse]]] = {
        TORCH: model.parse,
        ONNX: partial(parse, encoder=model.encoder, score=full, head=model.head),
        INT8: parser.parse,
    }
    for way, run_all in together.items():
        started = time.process_time()
        run_all(texts[:N_BATCHED])
        seconds = time.process_time() - started
        figures[f"{name}.{way}.questions_per_cpu_s"] = min(N_BATCHED, len(texts)) / seconds
        found = evaluate(questions, run_all(texts))
        figures[f"{name}.{way}.f1"] = found.micro.f1
        figures[f"{name}.{way}.intent_accuracy"] = found.intent_accuracy
    weights = sum(t.numel() * t.element_size() for t in model.network.state_dict().values())
    figures[f"{name}.torch.model_mib"] = weights / 2**20
    figures[f"{name}.onnx.model_mib"] = (folder / "full.onnx").stat().st_size / 2**20
    figures[f"{name}.int8.model_mib"] = (artifact / bundle.MODEL_FILE).stat().st_size / 2**20
    figures[f"{name}.process_mib"] = _process_mib(artifact)
    if name == E5:
        figures |= _short(figures)
    return figures


def _short(figures: Mapping[str, float]) -> dict[str, float]:
    """The figures that go by a name without the model: of the encoder as it is served."""
    return {
        "question.p50_ms": figures[f"{E5}.question.p50_ms"],
        "question.p99_ms": figures[f"{E5}.question.p99_ms"],
        "questions_per_cpu_s": figures[f"{E5}.{INT8}.questions_per_cpu_s"],
    }


_PROBE = """
import sys
from datetime import date
from pathlib import Path
from nadeuri.understand.predict import QuestionParser
parser = QuestionParser(Path(sys.argv[1]))
for number in range(200):
    text = f"다음 달 {number}일에 일본 부모님과 갈만한 패키지 추천"
    parser.answer(text, today=date(2026, 11, 28))
print(next(l for l in open("/proc/self/smaps_rollup") if l.startswith("Pss:")).split()[1])
"""


def _process_mib(artifact: Path) -> float:
    """Proportional memory of a process that has answered 200 questions from the artefact."""
    done = subprocess.run(
        [sys.executable, "-c", _PROBE, str(artifact)], check=True, capture_output=True, text=True
    )
    return int(done.stdout) / 1024
