"""A real server on loopback."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from labelling_world import dispute, write_labelling_store
from packages_world import write_review_store

from nadeuri import columns
from nadeuri.artifact import Artifact
from nadeuri.data.questions import Question
from nadeuri.serve.keys import create_key


@dataclass(frozen=True)
class Server:
    """A running ``nadeuri serve``."""

    process: subprocess.Popen[bytes]
    host: str
    port: int
    log: Path
    home: Path

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    def logged(self, text: str) -> str:
        """The line of the log with ``text``.

        A request is logged after its answer has left, so the line may come a moment later.
        """
        deadline = time.monotonic() + 10
        while True:
            content = self.log.read_text()
            for line in content.splitlines():
                if text in line:
                    return line
            assert time.monotonic() < deadline, content
            time.sleep(0.02)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def wait_until_ready(server: Server, timeout_s: float = 60) -> None:
    deadline = time.monotonic() + timeout_s
    while True:
        try:
            with urllib.request.urlopen(f"{server.url}/readyz", timeout=2):
                return
        except OSError:
            assert server.process.poll() is None, server.log.read_text()
            assert time.monotonic() < deadline, server.log.read_text()
            time.sleep(0.1)


@pytest.fixture(scope="session")
def start_server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., Server]]:
    """Start ``nadeuri serve`` in a home of its own; stopped at the end if still running.

    It serves every model, which are trained then, unless it is told what to serve.
    """
    every_model = (
        "travel_artifact",
        "plain_artifact",
        "viewed_artifact",
        "question_artifact",
        "packages_artifact",
    )
    started: list[Server] = []

    def start(*options: str, artifacts: Sequence[Artifact] | None = None) -> Server:
        if artifacts is None:
            artifacts = [request.getfixturevalue(name) for name in every_model]
        home = tmp_path_factory.mktemp("home")
        server_port = free_port()
        homes = dict.fromkeys(("HOME", "XDG_RUNTIME_DIR", "NADEURI_HOME"), str(home))
        environment = {**os.environ, **homes}
        with (home / "log").open("wb") as log:
            process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "nadeuri", "serve"),
                    *(str(artifact.path) for artifact in artifacts),
                    *("--port", str(server_port), *options),
                ],
                env=environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        server = Server(process, "127.0.0.1", server_port, home / "log", home)
        started.append(server)
        wait_until_ready(server)
        return server

    yield start
    for server in started:
        if server.process.poll() is None:
            server.process.terminate()
            server.process.wait(timeout=30)


@pytest.fixture(scope="session")
def server(start_server: Callable[..., Server]) -> Server:
    """One server with two workers, shared by the tests that leave it running."""
    return start_server("--workers", "2")


@pytest.fixture(scope="session")
def key_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the keys of :func:`locked_server` are; tests add their own."""
    path = tmp_path_factory.mktemp("keys") / "열쇠.json"
    create_key(path, "first")
    return path


@pytest.fixture(scope="session")
def locked_server(
    start_server: Callable[..., Server],
    viewed_artifact: Artifact,
    travel_artifact: Artifact,
    key_file: Path,
) -> Server:
    """A server that wants keys, is impatient with senders and logs JSON; with two workers."""
    options = ("--keys", str(key_file), "--read-timeout", "1.5", "--log-format", "json")
    return start_server(*options, "--workers", "2", artifacts=[viewed_artifact, travel_artifact])


@pytest.fixture(scope="session")
def guide_server(start_server: Callable[..., Server], tiny_guide_folder: Path) -> Server:
    """A server of the guide alone, with two workers."""
    return start_server("--guide", str(tiny_guide_folder), "--workers", "2", artifacts=())


@pytest.fixture(scope="session")
def match_server(
    start_server: Callable[..., Server],
    packages_artifact: Artifact,
    place_index_artifact: Artifact,
    tmp_path_factory: pytest.TempPathFactory,
) -> Server:
    """A server of packages, of single places and of a review queue, with two workers."""
    url = write_review_store(tmp_path_factory.mktemp("reviews"))
    return start_server(
        "--match-db", url, "--workers", "2", artifacts=[packages_artifact, place_index_artifact]
    )


@pytest.fixture(scope="session")
def labelling_server(
    start_server: Callable[..., Server], tmp_path_factory: pytest.TempPathFactory
) -> Server:
    """A server of questions to be labelled alone, with two workers; the first is disputed."""
    url = write_labelling_store(tmp_path_factory.mktemp("labelling"))
    dispute(url)
    return start_server("--labelling-db", url, "--workers", "2", artifacts=())


@pytest.fixture(scope="session")
def morpheme_artifact(
    travel_questions: list[Question], tmp_path_factory: pytest.TempPathFactory
) -> Artifact:
    """A small BERT over Kiwi's morphemes whose weights are random, so that it finds all sorts."""
    import torch
    from transformers import BertConfig, BertModel, BertTokenizer

    from nadeuri.understand.config import ExperimentConfig
    from nadeuri.understand.export import export_questions
    from nadeuri.understand.gazetteer import Gazetteer
    from nadeuri.understand.model import build_model
    from nadeuri.understand.names.builtin import curated_entries

    letters = sorted({char for question in travel_questions for char in question.text})
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    pieces = [*special, *letters, *(f"##{letter}" for letter in letters)]
    folder = tmp_path_factory.mktemp("bert")
    BertTokenizer(
        vocab={piece: index for index, piece in enumerate(pieces)}, do_lower_case=False
    ).save_pretrained(folder)
    sizes = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2}
    bert = BertConfig(vocab_size=len(pieces), intermediate_size=32, **sizes)
    torch.manual_seed(0)
    BertModel(bert).save_pretrained(folder)
    config = ExperimentConfig.model_validate(
        {
            "name": "morphemes",
            "encoder": {"kind": "hugging-face", "path": str(folder), "segments": "morphemes"},
            "heads": {"dim_tags": 4, "dim_lstm": 8},
        }
    )
    names = Gazetteer(curated_entries())
    model = build_model(config, columns.ENTITY_LABELS, columns.INTENTS, seed=0, gazetteer=names)
    with torch.no_grad():
        for parameter in model.network.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.3)
    out = tmp_path_factory.mktemp("morphemes") / "questions"
    return export_questions(model, config, travel_questions[:20], out)
